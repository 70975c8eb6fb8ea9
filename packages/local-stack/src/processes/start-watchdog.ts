import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { startTimeOf } from './process-start-time.ts';

/** A process that must not outlive us. `signal` asks it to leave; null when it leaves by itself on the end of its IPC channel. */
export interface WatchedProcess {
  pid: number;
  startTime: string;
  signal: NodeJS.Signals | null;
}

export type WatchdogMessage = { register: WatchedProcess } | { unregister: number };

/** Stops what it guards when this process is gone, however it went. Needs no closing: with nothing to guard it leaves with us. */
export interface Watchdog {
  register(pid: number, signal: NodeJS.Signals | null): void;
  unregister(pid: number): void;
}

const program = path.join(import.meta.dirname, `watchdog${path.extname(import.meta.filename)}`);
const respawnDelayMs = 100;

/** A warden that dies is replaced, and the new one is told of everybody. It never keeps this process alive. */
export function startWatchdog(): Watchdog {
  const watched = new Map<number, WatchedProcess>();
  let child = spawn();

  function spawn(): ChildProcess {
    const forked = fork(program, [], { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [], env: {} });
    forked.unref();
    forked.channel?.unref();
    forked.on('error', () => {}); // an order that finds it dead: the next one is told everything
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
