import type { Database } from '@gateway/shared/postgres';
import { orderChannel } from '@gateway/shared/queue';
import type { Logger } from '@gateway/shared/runtime';
import { type clients, type settings, storeFeed } from '@gateway/shared/store';
import type { Counter, Gauge } from '@prometheus-io/client';
import type { Response } from 'express';
import type { Redis } from 'ioredis';
import { mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { EventStream, type StreamPace } from './event-stream.ts';
import type { OwnStore } from './find-own-store.ts';
import { createSemaphore } from './semaphore.ts';
import { pageSize, StoreFeed } from './store-feed.ts';

/** The streams of this process. */
export interface LiveFeeds {
  /**
   * Answers with the events of a store, from those just read on, until the reader, its key or this process goes.
   * @throws Problem rate_limited when this process has as many readers as it may have
   */
  serve(res: Response, client: clients.Client, store: OwnStore): void;
  /** Work on the database for screens: they get a part of the pool, and the tills the rest. */
  withReadPermit<T>(work: () => Promise<T>): Promise<T>;
  /** Ends every stream as it should end; the readers come back to another process, or to this one's successor. */
  close(): void;
}

export interface LiveFeedsOptions {
  /** Only these subscriptions are made on it: a connection that subscribes can do nothing else. */
  subscriber: Redis;
  control: Pick<settings.ControlCache, 'current'>;
  metrics: { openStreams: Gauge; droppedStreams: Counter };
  log: Logger;
  /** How often every store that is listened to is looked at, whatever Redis says or does not say. */
  pollIntervalMs?: number;
  /** How long that look may fail before the streams of its database are ended: a screen that hears nothing should say so. */
  readFailureLimitMs?: number;
  pace?: Partial<StreamPace>;
  /** How many streams this process holds open at most. */
  maxStreams?: number;
}

const defaultPace: StreamPace = { pingMs: 15_000, slowClientLimitMs: 10_000, retryMs: 1_000 };
const maxConcurrentReads = 8; // of the 20 connections of a pool

interface FeedEntry {
  storeId: string;
  db: Database;
  feed: StoreFeed;
}

const tooManyStreams = 'Too many open streams in this process. Try again in a few seconds.';

const headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no', // nginx would hold events back until its buffer is full
};

export function createLiveFeeds(options: LiveFeedsOptions): LiveFeeds {
  const { subscriber, control, metrics, log, pollIntervalMs = 1_000, readFailureLimitMs = 15_000, maxStreams = 5_000 } = options; // 40 kB each
  const pace = { ...defaultPace, ...options.pace };
  const feeds = new Map<string, FeedEntry>(); // by channel
  const readers = new Map<EventStream, { clientId: string; storeId: string }>();
  const lastReadAt = new Map<Database, number>(); // when it last answered
  const withReadPermit = createSemaphore(maxConcurrentReads);
  let isClosing = false;

  subscriber.on('message', (channel) => void feeds.get(channel)?.feed.wake());
  const timer = setInterval(() => void poll(), pollIntervalMs);
  timer.unref();

  function serve(res: Response, client: clients.Client, { id: storeId, db, events }: OwnStore): void {
    if (res.destroyed) return; // it went while we read
    if (readers.size >= maxStreams) throw new Problem('rate_limited', tooManyStreams, { retryAfter: 5 });
    res.writeHead(200, headers);
    const stream = new EventStream(res, { after: events.after, pace, onDrop: () => drop(storeId) });
    stream.send(events.events);
    if (isClosing) {
      stream.end();
      return;
    }
    const { feed } = follow(storeId, db, events.lastSeq);
    readers.set(stream, { clientId: client.id, storeId });
    metrics.openStreams.inc();
    res.once('close', () => {
      feed.leave(stream);
      readers.delete(stream);
      metrics.openStreams.dec();
      if (feed.isEmpty) unfollow(storeId, feed);
    });
    void feed.join(stream);
  }

  function follow(storeId: string, db: Database, lastSeq: number): FeedEntry {
    const channel = orderChannel(storeId);
    const existing = feeds.get(channel);
    if (existing) return existing;
    const feed = new StoreFeed((after) => withReadPermit(() => storeFeed.read(db.pool, { storeId, after, limit: pageSize })), lastSeq);
    const entry = { storeId, db, feed };
    feeds.set(channel, entry);
    subscriber.subscribe(channel).then(
      () => feed.wake(), // what came between our reading and the subscription
      (error: unknown) => log.warn({ err: error, store_id: storeId }, 'event subscription failed, polling instead'),
    );
    return entry;
  }

  function unfollow(storeId: string, feed: StoreFeed): void {
    const channel = orderChannel(storeId);
    if (feeds.get(channel)?.feed !== feed) return;
    feeds.delete(channel);
    subscriber.unsubscribe(channel).catch(() => {}); // Redis is away, and with it the subscription
  }

  function drop(storeId: string): void {
    metrics.droppedStreams.inc();
    log.warn({ store_id: storeId }, 'SSE stream dropped: client too slow');
  }

  let isPolling = false;
  async function poll(): Promise<void> {
    if (isPolling) return;
    isPolling = true;
    endRevoked();
    await Promise.all([...Map.groupBy(feeds.values(), ({ db }) => db)].map(([db, stores]) => pollDatabase(db, stores)));
    isPolling = false;
  }

  /** One question for all stores of a database; only those with something new are read. */
  async function pollDatabase(db: Database, stores: readonly FeedEntry[]): Promise<void> {
    try {
      const rows = await storeFeed.lastSeqs(
        db.pool,
        stores.map(({ storeId }) => storeId),
      );
      lastReadAt.set(db, performance.now());
      const last = new Map(rows.map(({ storeId, lastSeq }) => [storeId, lastSeq]));
      for (const { storeId, feed } of stores) if (last.get(storeId) !== feed.lastSeq) void feed.wake();
    } catch (error) {
      const since = lastReadAt.get(db) ?? performance.now();
      lastReadAt.set(db, since);
      if (performance.now() - since < readFailureLimitMs) return;
      log.warn({ err: error, count: stores.length }, 'SSE streams closed: events not readable');
      for (const { feed } of stores) for (const stream of feed.streams) stream.end();
    }
  }

  /** A key that was revoked, or lost the scope or the store, loses its streams too. */
  function endRevoked(): void {
    if (!control.current || readers.size === 0) return;
    const clientsById = new Map([...control.current.clients.values()].map((client) => [client.id, client]));
    for (const [stream, { clientId, storeId }] of readers) {
      const client = clientsById.get(clientId);
      if (!client?.scopes.includes('events') || !mayUseStore(client, storeId)) stream.end();
    }
  }

  return {
    serve,
    withReadPermit,
    close: () => {
      isClosing = true;
      clearInterval(timer);
      for (const stream of readers.keys()) stream.end();
      subscriber.disconnect();
    },
  };
}
