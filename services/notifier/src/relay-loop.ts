import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@gateway/shared/runtime';
import type { Bell } from './bell.ts';
import type { Relay } from './relay.ts';
import { createTrouble } from './trouble.ts';

const tickMs = 250; // a ring that was lost costs no more than this, and a relay that died is replaced as soon
const lookEveryMs = 5_000;

export interface RelayLoop {
  /** Takes no more, and finishes the run in hand. */
  close(): Promise<void>;
}

/** Runs a relay whenever its bell rings, and looks by itself at every tick. Trouble stops this loop only, and only for as long as it lasts. */
export function startRelayLoop(relay: Relay, { database, bell, log }: { database: string; bell: Bell; log: Logger }): RelayLoop {
  const trouble = createTrouble(database, log);
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  let metAnother = false;

  async function round(): Promise<void> {
    const isCalled = await nextCall();
    if (isStopping()) return;
    try {
      metAnother = (isCalled || (await relay.somethingWaits())) && (await drain());
      trouble.isOver();
    } catch (error) {
      trouble.began(error);
    }
  }

  /** @returns whether the bell rang; false: it is time to look anyway. */
  async function nextCall(): Promise<boolean> {
    // One who met another relay at work leaves the bell to it for a while: both would only do the same twice.
    const deafMs = trouble.pauseMs ?? (metAnother ? tickMs : null);
    if (deafMs === null) return bell.wait(tickMs);
    await sleep(deafMs, undefined, { signal: stopping.signal }).catch(() => {});
    return false;
  }

  /** @returns whether another relay was met. */
  async function drain(): Promise<boolean> {
    for (let met = false; ; ) {
      const { more, contended } = await relay.runOnce();
      met ||= contended;
      if (!more || isStopping()) return met;
    }
  }

  const looking = setInterval(() => void relay.look().catch(() => {}), lookEveryMs); // what is wrong, the loop says
  const finished = (async () => {
    while (!isStopping()) await round();
  })();
  return {
    close: async () => {
      stopping.abort();
      clearInterval(looking);
      bell.ring();
      await finished;
    },
  };
}
