import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@gateway/shared/runtime';
import type { Relay } from './relay.ts';
import { createRelayBackoff } from './relay-backoff.ts';
import type { WakeUp } from './wake-up.ts';

const tickMs = 250; // the delay of an event whose wake-up was lost, and until another relay replaces one that died
const measureEveryMs = 5_000;

export interface RelayLoop {
  /** Starts no further run, waits for the run in progress, and marks what it published. */
  close(): Promise<void>;
}

/** Runs one relay after every wake-up, and polls the outbox every 250 ms. An error delays this loop only, until the relay recovers. */
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

  /** @returns whether a wake-up ended the wait; false: the tick did */
  async function waitForWakeUp(): Promise<boolean> {
    // After meeting another relay, wake-ups are ignored for one tick, because both would do the same work.
    const ignoreMs = backoff.delayMs ?? (sawOtherRelay ? tickMs : null);
    if (ignoreMs === null) return wakeUp.wait(tickMs);
    await sleep(ignoreMs, undefined, { signal: stopping.signal }).catch(() => {});
    return false;
  }

  /** Runs the relay until no event is left. @returns whether another relay was at work */
  async function drain(): Promise<boolean> {
    for (let sawOther = false; ; ) {
      const { hasMore, isContended } = await relay.runOnce();
      sawOther ||= isContended;
      if (!hasMore || isStopping()) return sawOther;
    }
  }

  const measuring = setInterval(() => void relay.measureLag().catch(() => {}), measureEveryMs); // `round` logs the same error
  const finished = (async () => {
    while (!isStopping()) await round();
  })();
  return {
    close: async () => {
      stopping.abort();
      clearInterval(measuring);
      wakeUp.signal();
      await finished;
      await relay.markPublished().catch(() => {}); // without the marks, the next relay learns from Redis what was published
    },
  };
}
