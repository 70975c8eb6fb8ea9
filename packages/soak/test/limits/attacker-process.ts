import { fork } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Loot } from './attacks.ts';

/** The attacker in a process of its own. */
export interface Attacker {
  start(name: string, loot: Loot): void;
  /** Ends the attack. @returns how often each answer came */
  stop(): Promise<Record<string, number>>;
  close(): void;
}

/** It ends with this process, whose end closes the channel between the two. */
export function startAttacker(): Attacker {
  const child = fork(path.join(import.meta.dirname, 'attacker.ts'), { execArgv: ['--conditions=source'], detached: true });
  if (child.pid) yieldProcessors(child.pid);
  return {
    start: (name, loot) => void child.send({ start: name, loot }),
    stop: () => {
      const counts = new Promise<Record<string, number>>((stopped) =>
        child.once('message', (message) => stopped(message as Record<string, number>)),
      );
      child.send({ stop: true });
      return counts;
    },
    close: () => void child.kill('SIGKILL'),
  };
}

/**
 * Gives a process what the others leave of the processors. An attacker has machines of his own, so that only the work that he causes in
 * the gateway may count. With autogroups, Linux shares the processors among sessions first, and the niceness of a process counts only
 * within its session. Each process of the stack has a session of its own; so has this one, whose group is made nice too.
 */
function yieldProcessors(pid: number): void {
  const lowest = os.constants.priority.PRIORITY_LOW;
  os.setPriority(pid, lowest);
  const autogroup = `/proc/${pid}/autogroup`;
  if (existsSync(autogroup)) writeFileSync(autogroup, String(lowest));
}
