import type { Logger } from '@gateway/shared/runtime';
import { PublishFailed } from './publish.ts';

const retryDelaysMs = [250, 500, 1_000]; // the last one repeats: recovery is noticed within a second

/** The delay between runs that fail. Logs when failures begin, when their kind changes, and when the relay recovers. */
export interface RelayBackoff {
  /** Null: the last run did not fail. */
  readonly delayMs: number | null;
  failed(error: unknown): void;
  recovered(): void;
}

export function createRelayBackoff(database: string, log: Logger): RelayBackoff {
  let tries = 0;
  let lastMessage: string | null = null;
  let failingSince = 0;
  return {
    get delayMs() {
      return tries === 0 ? null : (retryDelaysMs[Math.min(tries, retryDelaysMs.length) - 1] ?? null);
    },
    failed: (error) => {
      const message = messageOf(error);
      if (tries === 0) failingSince = performance.now();
      if (lastMessage !== message) log.warn({ host: database, err: error }, message);
      lastMessage = message;
      tries++;
    },
    recovered: () => {
      if (tries === 0) return;
      log.info({ host: database, tries, duration_ms: Math.round(performance.now() - failingSince) }, 'relay recovered');
      tries = 0;
      lastMessage = null;
    },
  };
}

const messageOf = (error: unknown): string =>
  error instanceof PublishFailed
    ? 'publishing to Redis failed; events stay in the outbox'
    : 'outbox not readable; events stay in the outbox';
