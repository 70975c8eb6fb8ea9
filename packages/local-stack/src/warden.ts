// A process of its own: whoever started the servers may be killed outright and then cannot stop them. It hears of that by the
// end of its IPC channel, and two seconds later nothing is left.
import { setTimeout as delay } from 'node:timers/promises';
import { birthOf } from './process-birth.ts';
import type { Guarded, WardenOrder } from './start-warden.ts';

const leaveByThemselvesMs = 1_000; // services finish what is in hand, and need the servers for that
const everyoneGoneMs = 1_700; // leaves room within the two seconds we promise
const guarded = new Map<number, Guarded>();

process.on('message', (order: WardenOrder) => {
  if ('guard' in order) guarded.set(order.guard.pid, order.guard);
  else guarded.delete(order.release);
});
process.once('disconnect', () => void clearOut());
if (!process.connected) await clearOut();

async function clearOut(): Promise<void> {
  const began = performance.now();
  await untilGone((each) => each.signal === null, began + leaveByThemselvesMs);
  for (const { pid, signal } of left()) if (signal) send(pid, signal);
  await untilGone(() => true, began + everyoneGoneMs);
  for (const { pid } of left()) send(pid, 'SIGKILL');
  process.exit(0);
}

async function untilGone(whom: (each: Guarded) => boolean, deadline: number): Promise<void> {
  while (left().some(whom) && performance.now() < deadline) await delay(20);
}

function left(): Guarded[] {
  return [...guarded.values()].filter(({ pid, birth }) => birthOf(pid) === birth);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it left between the look and the signal
  }
}
