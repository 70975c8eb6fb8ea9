import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { birthOf } from './process-birth.ts';

/** A process that must not outlive us. `signal` asks it to leave; null when it leaves by itself on the end of its IPC channel. */
export interface Guarded {
  pid: number;
  birth: string;
  signal: NodeJS.Signals | null;
}

export type WardenOrder = { guard: Guarded } | { release: number };

/** Stops what it guards when this process is gone, however it went. Needs no closing: with nothing to guard it leaves with us. */
export interface Warden {
  guard(pid: number, signal: NodeJS.Signals | null): void;
  release(pid: number): void;
}

const program = path.join(import.meta.dirname, `warden${path.extname(import.meta.filename)}`);
const hireAgainMs = 100;

/** A warden that dies is replaced, and the new one is told of everybody. It never keeps this process alive. */
export function startWarden(): Warden {
  const guarded = new Map<number, Guarded>();
  let hired = hire();

  function hire(): ChildProcess {
    const child = fork(program, [], { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [], env: {} });
    child.unref();
    child.channel?.unref();
    child.on('error', () => {}); // an order that finds it dead: the next one is told everything
    child.once('exit', () => setTimeout(() => (hired = hire()), hireAgainMs).unref());
    for (const each of guarded.values()) tell(child, { guard: each });
    return child;
  }

  return {
    guard: (pid, signal) => {
      const birth = birthOf(pid);
      if (birth === null) return;
      guarded.set(pid, { pid, birth, signal });
      tell(hired, { guard: { pid, birth, signal } });
    },
    release: (pid) => {
      if (guarded.delete(pid)) tell(hired, { release: pid });
    },
  };
}

function tell(warden: ChildProcess, order: WardenOrder): void {
  if (warden.connected) warden.send(order, () => {});
}
