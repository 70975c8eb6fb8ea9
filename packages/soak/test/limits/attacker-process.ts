import { fork } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { setPriority } from '../priority.ts';
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
  // An attacker has machines of his own, so that only the work that he causes in the gateway may count: he gets what the others leave.
  setPriority(child, os.constants.priority.PRIORITY_LOW);
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
