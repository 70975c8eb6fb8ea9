import type { Database } from '@gateway/shared/postgres';
import type { Clock, Logger } from '@gateway/shared/runtime';
import { outbox, sequences } from '@gateway/shared/store';
import type { Redis } from 'ioredis';
import { createWatermark, fromStart } from './outbox-watermark.ts';
import { eventsPerPipeline, publish, readLastPublished } from './publish.ts';
import type { RelayMetrics } from './relay-metrics.ts';

const eventsPerRun = 500; // one transaction numbers so many: some ten milliseconds, and ten pipelines
const fullScanEveryMs = 60_000; // how long a row that appears below the floor may stay unseen

/** A database and what it is called in Redis: the environment variable that names it. */
export interface RelayDatabase {
  key: string;
  db: Database;
}

export interface RelayDeps {
  database: RelayDatabase;
  redis: Redis;
  clock: Clock;
  log: Logger;
  metrics: RelayMetrics;
  /** Told of each step when it is done: where a test may end the process. */
  onStep?: (step: RelayStep) => void;
}

export type RelayStep = 'numbered' | 'published' | 'marked';

/** What one run came to. */
interface RelayRun {
  /** Events the world heard because of it. */
  published: number;
  /** There is more to do at once. */
  hasMore: boolean;
  /** Another relay is at work on this database. */
  isContended: boolean;
}

export interface Relay {
  runOnce(): Promise<RelayRun>;
  /** Whether a run would find anything to do. One query. */
  hasPending(): Promise<boolean>;
  /** Measures what waits, and finds what appeared out of line. */
  measureLag(): Promise<void>;
}

/** Redis could not be told. What was to be published stays in the outbox, numbered. */
export class PublishFailed extends Error {
  override readonly name = 'PublishFailed';
  constructor(cause: unknown) {
    super('events could not be published', { cause });
  }
}

/**
 * Outbox → Pub/Sub of one database: number, publish, mark. Each step is safe to repeat, and any number of relays may run.
 *
 * Numbers are given by one relay at a time, under a lock of the transaction, and committed before anybody hears them: an event
 * keeps its number whatever happens. Publishing needs no lock, and no lease, which a process that stands still for a moment
 * outlives without noticing: Redis itself refuses a number that is not above the store's last one (publish.ts). So a relay that
 * dies leaves nothing to wait for: whoever looks next, within a quarter of a second, goes on where it stopped.
 */
export function createRelay({ database: { key, db }, redis, clock, log, metrics, onStep = () => {} }: RelayDeps): Relay {
  const watermark = createWatermark(clock);
  let isCompared = false; // with what Redis remembers: the database may be a restored backup
  let lastFullScanAt = 0;

  async function run(): Promise<RelayRun> {
    if (!isCompared) await compareWithRedis();
    const pending = await outbox.takePending(db, watermark.current, eventsPerRun);
    if (!pending) return { published: 0, hasMore: false, isContended: true };
    onStep('numbered');
    const { published, hasConflicts } = await publishAll(pending.events);
    const repeated = pending.events.length - published;
    return {
      published,
      hasMore: hasConflicts || pending.numbered === eventsPerRun || pending.events.length === eventsPerRun,
      isContended: repeated > 0,
    };
  }

  async function publishAll(events: readonly outbox.PendingEvent[]): Promise<{ published: number; hasConflicts: boolean }> {
    let published = 0;
    let upTo = 0;
    try {
      for (let at = 0; at < events.length; at += eventsPerPipeline) {
        const chunk = events.slice(at, at + eventsPerPipeline);
        const { count, conflicts } = await publishOrFail(chunk);
        published += count;
        metrics.published(count);
        onStep('published');
        if (conflicts.length > 0) {
          await reconcile(conflicts);
          return { published, hasConflicts: true }; // the next run sees which of them are still to be told
        }
        upTo = chunk.at(-1)?.position ?? upTo;
      }
      return { published, hasConflicts: false };
    } finally {
      if (upTo > 0) await markPublishedUpTo(events[0]?.position ?? upTo, upTo);
    }
  }

  async function publishOrFail(events: readonly outbox.PendingEvent[]) {
    try {
      return await publish(redis, key, events);
    } catch (cause) {
      metrics.publishFailed();
      throw new PublishFailed(cause);
    }
  }

  async function markPublishedUpTo(from: number, to: number): Promise<void> {
    await outbox.markPublished(db, { from, to, at: clock.now() });
    watermark.published(to);
    onStep('marked');
  }

  /** At the start, and after any trouble. Without Redis there is nothing to compare with, and numbering goes on: replay does without Redis too. */
  async function compareWithRedis(): Promise<void> {
    const lastPublished = await readLastPublished(redis, key).catch(() => null);
    if (lastPublished) isCompared = lastPublished.length === 0 || (await reconcile(lastPublished));
  }

  async function reconcile(lastPublished: readonly sequences.LastPublished[]): Promise<boolean> {
    const resets = await sequences.reconcile(db, lastPublished, clock.now());
    if (!resets) return false; // another relay is at it
    for (const { storeId, from, above } of resets) {
      log.error(
        { host: key, store_id: storeId, seq: above + 1, reason: `database last_seq ${from}, last published ${above}` },
        'sequence reset: the database is behind what was published (restored backup?)',
      );
    }
    metrics.sequencesReset(resets.length);
    return true;
  }

  return {
    runOnce: async () => {
      const started = performance.now();
      try {
        return await run();
      } catch (error) {
        // Whatever comes back may not be what went away.
        isCompared = false;
        watermark.reset();
        throw error;
      } finally {
        metrics.runFinished((performance.now() - started) / 1_000);
      }
    },
    hasPending: () => outbox.hasPending(db, watermark.current),
    measureLag: async () => {
      const now = clock.now().getTime();
      const isFull = now - lastFullScanAt >= fullScanEveryMs;
      const lag = await outbox.lag(db, isFull ? fromStart : watermark.current);
      if (isFull) lastFullScanAt = now;
      watermark.measured(lag);
      metrics.pending(lag.pending, lag.oldest);
    },
  };
}
