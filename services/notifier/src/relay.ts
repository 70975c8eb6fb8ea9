import type { Clock, Logger } from '@gateway/shared/runtime';
import {
  type Database,
  type DueEvent,
  type HeardEvent,
  markPublished,
  outboxLag,
  reconcileHeard,
  somethingWaits,
  takeDueEvents,
} from '@gateway/shared/store';
import type { Redis } from 'ioredis';
import { createFloor, ground } from './outbox-floor.ts';
import { eventsPerPipeline, heardEvents, publish } from './publish.ts';
import type { RelayMetrics } from './relay-metrics.ts';

const eventsPerRun = 500; // one transaction numbers so many: some ten milliseconds, and ten pipelines
const fullLookEveryMs = 60_000; // how long a row that appears below the floor may stay unseen

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
  more: boolean;
  /** Another relay is at work on this database. */
  contended: boolean;
}

export interface Relay {
  runOnce(): Promise<RelayRun>;
  /** Whether a run would find anything to do. One query. */
  somethingWaits(): Promise<boolean>;
  /** Measures what waits, and finds what appeared out of line. */
  look(): Promise<void>;
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
  const floor = createFloor(clock);
  let isCompared = false; // with what Redis remembers: the database may be a restored backup
  let fullLookAt = 0;

  async function run(): Promise<RelayRun> {
    if (!isCompared) await compare();
    const due = await takeDueEvents(db, floor.current, eventsPerRun);
    if (!due) return { published: 0, more: false, contended: true };
    onStep('numbered');
    const { published, isDoubtful } = await publishAll(due.events);
    const repeated = due.events.length - published;
    return {
      published,
      more: isDoubtful || due.numbered === eventsPerRun || due.events.length === eventsPerRun,
      contended: repeated > 0,
    };
  }

  async function publishAll(events: readonly DueEvent[]): Promise<{ published: number; isDoubtful: boolean }> {
    let published = 0;
    let told = 0;
    try {
      for (let at = 0; at < events.length; at += eventsPerPipeline) {
        const some = events.slice(at, at + eventsPerPipeline);
        const { count, doubts } = await publishOrFail(some);
        published += count;
        metrics.published(count);
        onStep('published');
        if (doubts.length > 0) {
          await reconcile(doubts);
          return { published, isDoubtful: true }; // the next run sees which of them are still to be told
        }
        told = some.at(-1)?.turn ?? told;
      }
      return { published, isDoubtful: false };
    } finally {
      if (told > 0) await markTold(events[0]?.turn ?? told, told);
    }
  }

  async function publishOrFail(events: readonly DueEvent[]) {
    try {
      return await publish(redis, key, events);
    } catch (cause) {
      metrics.publishFailed();
      throw new PublishFailed(cause);
    }
  }

  async function markTold(from: number, to: number): Promise<void> {
    await markPublished(db, { from, to, at: clock.now() });
    floor.told(to);
    onStep('marked');
  }

  /** At the start, and after any trouble. Without Redis there is nothing to compare with, and numbering goes on: replay does without Redis too. */
  async function compare(): Promise<void> {
    const heard = await heardEvents(redis, key).catch(() => null);
    if (heard) isCompared = heard.length === 0 || (await reconcile(heard));
  }

  async function reconcile(heard: readonly HeardEvent[]): Promise<boolean> {
    const resumptions = await reconcileHeard(db, heard, clock.now());
    if (!resumptions) return false; // another relay is at it
    for (const { storeId, from, above } of resumptions) {
      log.error(
        { host: key, store_id: storeId, seq: above + 1, reason: `it knew numbers up to ${from}, screens have heard more` },
        'the database has moved back behind what was published, as a restored backup does: the numbering of this store goes on above that',
      );
    }
    metrics.resumed(resumptions.length);
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
        floor.reset();
        throw error;
      } finally {
        metrics.ran((performance.now() - started) / 1_000);
      }
    },
    somethingWaits: () => somethingWaits(db, floor.current),
    look: async () => {
      const now = clock.now().getTime();
      const isFull = now - fullLookAt >= fullLookEveryMs;
      const lag = await outboxLag(db, isFull ? ground : floor.current);
      if (isFull) fullLookAt = now;
      floor.looked(lag);
      metrics.waiting(lag.waiting, lag.oldest);
    },
  };
}
