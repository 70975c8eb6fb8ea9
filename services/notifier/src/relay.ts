import type { Database } from '@gateway/shared/postgres';
import type { Clock, Logger } from '@gateway/shared/runtime';
import { outbox, sequences } from '@gateway/shared/store';
import type { Redis } from 'ioredis';
import { createWatermark, fromStart, type OutboxWatermark } from './outbox-watermark.ts';
import { eventsPerPipeline, type Published, PublishFailed, publish, readLastPublished } from './publish.ts';
import type { RelayMetrics } from './relay-metrics.ts';

const eventsPerRun = 500; // numbered in one transaction, which takes some ten milliseconds, and published in ten pipelines
const fullScanEveryMs = 60_000; // how long a row that appears below the watermark may stay unpublished

/** A database, and its name in Redis keys and channels: the environment variable that holds its URL. */
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
  /** Called with events that have their final number, before they are published. A repeated run may name them again. */
  onNumbered?: (events: readonly outbox.PendingEvent[]) => void;
  /** Called after each step. A test kills the process here. */
  onStep?: (step: RelayStep) => void;
}

export type RelayStep = 'numbered' | 'published' | 'marked';

interface RelayRun {
  /** Events that this run published. Events that Redis knew already are not counted. */
  published: number;
  /** Events are left: run again at once. */
  hasMore: boolean;
  /** Another relay works on this database. */
  isContended: boolean;
}

export interface Relay {
  /**
   * Marks what the run before published, then numbers and publishes at most 500 events. May run twice, also at the same time.
   * @throws PublishFailed, and errors of PostgreSQL
   */
  runOnce(): Promise<RelayRun>;
  /** Whether a run would find an event to publish or to mark. One query. */
  hasPending(): Promise<boolean>;
  /** Marks what the last run published, without a further run. */
  markPublished(): Promise<void>;
  /** Reports the unpublished events to the metrics, and lowers the watermark when a row appeared below it. */
  measureLag(): Promise<void>;
}

interface RelayContext extends Required<RelayDeps> {
  readonly watermark: OutboxWatermark;
  /** What the last run published. The next run marks it in its own statement, so that a mark costs no round trip. */
  unmarked: outbox.PositionRange | null;
  /** The sequences were compared with Redis. Until then the database may be a restored backup that lags behind what was published. */
  isCompared: boolean;
  /** Milliseconds since 1970. */
  lastFullScanAt: number;
}

/**
 * Outbox → Pub/Sub of one database in three steps: number, publish, mark. Each step may be repeated, and several relays may run. The mark
 * rides on the next run, or on the next tick of 250 ms: an event that is published but not marked is published by no relay again.
 *
 * One relay at a time numbers events, under a transaction-level lock, and commits the numbers before it publishes: an event keeps its
 * number. Publishing needs neither lock nor lease. A process that was frozen would not notice that its lease ended, so a script in Redis
 * refuses a number that is not above the store's last one (publish.ts). A relay that dies therefore blocks no other: the next relay that
 * polls, at most 250 ms later, continues where it stopped.
 */
export function createRelay(deps: RelayDeps): Relay {
  const relay: RelayContext = {
    ...deps,
    onNumbered: deps.onNumbered ?? (() => {}),
    onStep: deps.onStep ?? (() => {}),
    watermark: createWatermark(deps.clock),
    unmarked: null,
    isCompared: false,
    lastFullScanAt: 0,
  };
  return {
    runOnce: () => runOnce(relay),
    hasPending: () => outbox.hasPending(relay.database.db, relay.watermark.current),
    markPublished: () => markPublished(relay),
    measureLag: () => measureLag(relay),
  };
}

async function runOnce(relay: RelayContext): Promise<RelayRun> {
  const startedMs = performance.now();
  try {
    if (!relay.isCompared) await compareWithRedis(relay);
    return await numberAndPublish(relay);
  } catch (error) {
    // After an error a restored database or an emptied Redis may answer, so the next run compares them and scans from the start. In a
    // restored database the positions that are not marked yet may belong to other events.
    if (!(error instanceof PublishFailed)) relay.unmarked = null;
    relay.isCompared = false;
    relay.watermark.reset();
    throw error;
  } finally {
    relay.metrics.runFinished((performance.now() - startedMs) / 1_000);
  }
}

async function numberAndPublish(relay: RelayContext): Promise<RelayRun> {
  const { database, watermark, clock, unmarked: marks } = relay;
  const events = await outbox.takePending(database.db, { watermark: watermark.current, limit: eventsPerRun, marks, at: clock.now() });
  if (!events) return { published: 0, hasMore: false, isContended: true };
  if (marks) marked(relay, marks);
  if (events.length === 0) return { published: 0, hasMore: false, isContended: false };
  relay.onStep('numbered');
  relay.onNumbered(events);
  const { published, hasConflicts } = await publishEvents(relay, events);
  return {
    published,
    hasMore: hasConflicts || events.length === eventsPerRun,
    isContended: published < events.length,
  };
}

/** Stops at the first pipeline with conflicts. Every event before it will be marked, also when a later pipeline fails. */
async function publishEvents(
  relay: RelayContext,
  events: readonly outbox.PendingEvent[],
): Promise<{ published: number; hasConflicts: boolean }> {
  let published = 0;
  let upTo = 0;
  try {
    for (let start = 0; start < events.length; start += eventsPerPipeline) {
      const pipeline = events.slice(start, start + eventsPerPipeline);
      const { count, conflicts } = await publishPipeline(relay, pipeline);
      published += count;
      if (conflicts.length > 0) {
        await reconcile(relay, conflicts); // the next run reads which of these events are still unpublished
        return { published, hasConflicts: true };
      }
      upTo = pipeline.at(-1)?.position ?? upTo;
    }
    return { published, hasConflicts: false };
  } finally {
    if (upTo > 0) relay.unmarked = { from: events[0]?.position ?? upTo, to: upTo };
  }
}

async function publishPipeline(
  { database, redis, metrics, onStep }: RelayContext,
  events: readonly outbox.PendingEvent[],
): Promise<Published> {
  try {
    const result = await publish(redis, database.key, events);
    metrics.published(result.count);
    onStep('published');
    return result;
  } catch (error) {
    if (error instanceof PublishFailed) metrics.publishFailed();
    throw error;
  }
}

async function markPublished(relay: RelayContext): Promise<void> {
  const { database, clock, unmarked } = relay;
  if (!unmarked) return;
  await outbox.markPublished(database.db, { ...unmarked, at: clock.now() });
  marked(relay, unmarked);
}

function marked(relay: RelayContext, { to }: outbox.PositionRange): void {
  relay.unmarked = null;
  relay.watermark.published(to);
  relay.onStep('marked');
}

/** Without Redis there is nothing to compare with, and numbering continues: `GET /stores/{store_id}/events` reads the outbox, not Redis. */
async function compareWithRedis(relay: RelayContext): Promise<void> {
  const lastPublished = await readLastPublished(relay.redis, relay.database.key).catch(() => null);
  if (lastPublished) relay.isCompared = lastPublished.length === 0 || (await reconcile(relay, lastPublished));
}

/** @returns false when another relay held the lock, so that nothing was compared */
async function reconcile(
  { database, clock, log, metrics }: RelayContext,
  lastPublished: readonly sequences.LastPublished[],
): Promise<boolean> {
  const resets = await sequences.reconcile(database.db, lastPublished, clock.now());
  if (!resets) return false;
  for (const { storeId, from, above } of resets) {
    log.error(
      { host: database.key, store_id: storeId, seq: above + 1, reason: `database last_seq ${from}, last published ${above}` },
      'sequence reset: the database is behind what was published (restored backup?)',
    );
  }
  metrics.sequencesReset(resets.length);
  return true;
}

async function measureLag(relay: RelayContext): Promise<void> {
  const nowMs = relay.clock.now().getTime();
  const isFull = nowMs - relay.lastFullScanAt >= fullScanEveryMs;
  const lag = await outbox.lag(relay.database.db, isFull ? fromStart : relay.watermark.current);
  if (isFull) relay.lastFullScanAt = nowMs;
  relay.watermark.measured(lag);
  relay.metrics.pending(lag.pending, lag.oldest);
}
