import { fork } from 'node:child_process';
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

export function startAttacker(): Attacker {
  const child = fork(path.join(import.meta.dirname, 'attacker.ts'), { execArgv: ['--conditions=source'] });
  if (child.pid) os.setPriority(child.pid, os.constants.priority.PRIORITY_LOW);
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
