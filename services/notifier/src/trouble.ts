import type { Logger } from '@gateway/shared/runtime';
import { PublishFailed } from './relay.ts';

const pausesMs = [250, 500, 1_000]; // between tries; what comes back is noticed within the last of them

/** What keeps a relay from its work, said when it begins and when it is over, and how long to pause meanwhile. */
export interface Trouble {
  /** Null: there is none. */
  readonly pauseMs: number | null;
  began(error: unknown): void;
  isOver(): void;
}

export function createTrouble(database: string, log: Logger): Trouble {
  let tries = 0;
  let said: string | null = null;
  let since = 0;
  return {
    get pauseMs() {
      return tries === 0 ? null : (pausesMs[Math.min(tries, pausesMs.length) - 1] ?? null);
    },
    began: (error) => {
      const sentence = sentenceOf(error);
      if (tries === 0) since = performance.now();
      if (said !== sentence) log.warn({ host: database, err: error }, sentence);
      said = sentence;
      tries++;
    },
    isOver: () => {
      if (tries === 0) return;
      log.info({ host: database, tries, duration_ms: Math.round(performance.now() - since) }, 'events are published again');
      tries = 0;
      said = null;
    },
  };
}

const sentenceOf = (error: unknown): string =>
  error instanceof PublishFailed
    ? 'Redis cannot be told of events: they are numbered and wait in the outbox, and screens that read it see them'
    : 'the outbox cannot be worked on: events wait in it';
