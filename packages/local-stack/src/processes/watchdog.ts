// A process of its own, because a parent that is killed cannot stop its children. The end of its IPC channel means that the parent has
// exited. Two seconds later none of the registered processes runs.
import { setTimeout as delay } from 'node:timers/promises';
import { startTimeOf } from './process-start-time.ts';
import type { WatchdogMessage, WatchedProcess } from './start-watchdog.ts';

const selfExitMs = 1_000; // services finish what they have started, and need the servers for it
const killAfterMs = 1_700; // leaves 0.3 s for SIGKILL within the two seconds
const watched = new Map<number, WatchedProcess>();

process.on('message', (message: WatchdogMessage) => {
  if ('register' in message) watched.set(message.register.pid, message.register);
  else watched.delete(message.unregister);
});
process.once('disconnect', () => void stopAll());
if (!process.connected) await stopAll();

async function stopAll(): Promise<void> {
  const startedAt = performance.now();
  await untilGone((each) => each.signal === null, startedAt + selfExitMs);
  for (const { pid, signal } of remaining()) if (signal) send(pid, signal);
  await untilGone(() => true, startedAt + killAfterMs);
  for (const { pid } of remaining()) send(pid, 'SIGKILL');
  process.exit(0);
}

async function untilGone(isAwaited: (each: WatchedProcess) => boolean, deadline: number): Promise<void> {
  while (remaining().some(isAwaited) && performance.now() < deadline) await delay(20);
}

function remaining(): WatchedProcess[] {
  return [...watched.values()].filter(({ pid, startTime }) => startTimeOf(pid) === startTime);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it exited between the check and the signal
  }
}
