import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@gateway/shared/runtime';
import type { Relay } from './relay.ts';
import { createRelayBackoff } from './relay-backoff.ts';
import type { WakeUp } from './wake-up.ts';

const tickMs = 250; // a ring that was lost costs no more than this, and a relay that died is replaced as soon
const measureEveryMs = 5_000;

export interface RelayLoop {
  /** Takes no more, and finishes the run in hand. */
  close(): Promise<void>;
}

/** Runs a relay whenever its bell rings, and looks by itself at every tick. Trouble stops this loop only, and only for as long as it lasts. */
export function startRelayLoop(relay: Relay, { database, wakeUp, log }: { database: string; wakeUp: WakeUp; log: Logger }): RelayLoop {
  const backoff = createRelayBackoff(database, log);
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  let sawOtherRelay = false;

  async function round(): Promise<void> {
    const wasSignalled = await waitForWakeUp();
    if (isStopping()) return;
    try {
      sawOtherRelay = (wasSignalled || (await relay.hasPending())) && (await drain());
      backoff.recovered();
    } catch (error) {
      backoff.failed(error);
    }
  }

  /** @returns whether the bell rang; false: it is time to look anyway. */
  async function waitForWakeUp(): Promise<boolean> {
    // One who met another relay at work leaves the bell to it for a while: both would only do the same twice.
    const ignoreMs = backoff.delayMs ?? (sawOtherRelay ? tickMs : null);
    if (ignoreMs === null) return wakeUp.wait(tickMs);
    await sleep(ignoreMs, undefined, { signal: stopping.signal }).catch(() => {});
    return false;
  }

  /** @returns whether another relay was met. */
  async function drain(): Promise<boolean> {
    for (let sawOther = false; ; ) {
      const { hasMore, isContended } = await relay.runOnce();
      sawOther ||= isContended;
      if (!hasMore || isStopping()) return sawOther;
    }
  }

  const measuring = setInterval(() => void relay.measureLag().catch(() => {}), measureEveryMs); // what is wrong, the loop says
  const finished = (async () => {
    while (!isStopping()) await round();
  })();
  return {
    close: async () => {
      stopping.abort();
      clearInterval(measuring);
      wakeUp.signal();
      await finished;
    },
  };
}
