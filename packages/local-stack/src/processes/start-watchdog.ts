import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { startTimeOf } from './process-start-time.ts';

/** A process that must not outlive its parent. `signal` stops it; null when it exits automatically at the end of its IPC channel. */
export interface WatchedProcess {
  pid: number;
  startTime: string;
  signal: NodeJS.Signals | null;
}

export type WatchdogMessage = { register: WatchedProcess } | { unregister: number };

/** Stops the registered processes when this process exits, even by SIGKILL. Needs no closing: it exits after this process. */
export interface Watchdog {
  register(pid: number, signal: NodeJS.Signals | null): void;
  unregister(pid: number): void;
}

const program = path.join(import.meta.dirname, `watchdog${path.extname(import.meta.filename)}`);
const respawnDelayMs = 100;

/** Starts a watchdog. One that dies is replaced, and all processes are registered again. It does not keep this process alive. */
export function startWatchdog(): Watchdog {
  const watched = new Map<number, WatchedProcess>();
  let child = spawn();

  function spawn(): ChildProcess {
    const forked = fork(program, [], { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [], env: {} });
    forked.unref();
    forked.channel?.unref();
    forked.on('error', () => {}); // a message to a dead watchdog; its replacement gets all registrations
    forked.once('exit', () => setTimeout(() => (child = spawn()), respawnDelayMs).unref());
    for (const each of watched.values()) send(forked, { register: each });
    return forked;
  }

  return {
    register: (pid, signal) => {
      const startTime = startTimeOf(pid);
      if (startTime === null) return;
      watched.set(pid, { pid, startTime, signal });
      send(child, { register: { pid, startTime, signal } });
    },
    unregister: (pid) => {
      if (watched.delete(pid)) send(child, { unregister: pid });
    },
  };
}

function send(watchdog: ChildProcess, message: WatchdogMessage): void {
  if (watchdog.connected) watchdog.send(message, () => {});
}
