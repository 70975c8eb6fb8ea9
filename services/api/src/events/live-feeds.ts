import { orderChannel } from '@gateway/shared/queue';
import type { Logger } from '@gateway/shared/runtime';
import { type Client, type ControlCopy, type Database, lastSeqs, readStoreEvents } from '@gateway/shared/store';
import type { Response } from 'express';
import type { Redis } from 'ioredis';
import type { Counter, Gauge } from 'prom-client';
import { mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { EventStream, type StreamPace } from './event-stream.ts';
import type { OwnStore } from './find-own-store.ts';
import { pageSize, StoreFeed } from './store-feed.ts';
import { takeTurns } from './take-turns.ts';

/** The streams of this process. */
export interface LiveFeeds {
  /**
   * Answers with the events of a store, from those just read on, until the reader, its key or this process goes.
   * @throws Problem rate_limited when this process has as many readers as it may have
   */
  serve(res: Response, client: Client, store: OwnStore): void;
  /** Work on the database for screens: they get a part of the pool, and the tills the rest. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Ends every stream as it should end; the readers come back to another process, or to this one's successor. */
  close(): void;
}

export interface LiveFeedsOptions {
  /** Only these subscriptions are made on it: a connection that subscribes can do nothing else. */
  subscriber: Redis;
  control: Pick<ControlCopy, 'current'>;
  metrics: { openStreams: Gauge; droppedStreams: Counter };
  log: Logger;
  /** How often every store that is listened to is looked at, whatever Redis says or does not say. */
  lookMs?: number;
  /** How long that look may fail before the streams of its database are ended: a screen that hears nothing should say so. */
  blindMs?: number;
  pace?: Partial<StreamPace>;
  /** How many streams this process holds open at most. */
  mostStreams?: number;
}

const usualPace: StreamPace = { pingMs: 15_000, unreadMs: 10_000, retryMs: 1_000 };
const readsAtOnce = 8; // of the 20 connections of a pool

interface Followed {
  storeId: string;
  db: Database;
  feed: StoreFeed;
}

const tooMany = 'This process serves as many screens as it can. Try again in a few seconds: another one may answer.';

const headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no', // nginx would hold events back until its buffer is full
};

export function createLiveFeeds(options: LiveFeedsOptions): LiveFeeds {
  const { subscriber, control, metrics, log, lookMs = 1_000, blindMs = 15_000, mostStreams = 5_000 } = options; // 40 kB each
  const pace = { ...usualPace, ...options.pace };
  const followed = new Map<string, Followed>(); // by channel
  const readers = new Map<EventStream, { clientId: string; storeId: string }>();
  const seen = new Map<Database, number>(); // when it last answered
  const inTurn = takeTurns(readsAtOnce);
  let closing = false;

  subscriber.on('message', (channel) => void followed.get(channel)?.feed.wake());
  const timer = setInterval(() => void look(), lookMs);
  timer.unref();

  function serve(res: Response, client: Client, { id: storeId, db, events }: OwnStore): void {
    if (res.destroyed) return; // it went while we read
    if (readers.size >= mostStreams) throw new Problem('rate_limited', tooMany, { retryAfter: 5 });
    res.writeHead(200, headers);
    const stream = new EventStream(res, { after: events.after, pace, onDrop: () => drop(storeId) });
    stream.send(events.events);
    if (closing) {
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

  function follow(storeId: string, db: Database, at: number): Followed {
    const channel = orderChannel(storeId);
    const known = followed.get(channel);
    if (known) return known;
    const feed = new StoreFeed((after) => inTurn(() => readStoreEvents(db.pool, { storeId, after, limit: pageSize })), at);
    const entry = { storeId, db, feed };
    followed.set(channel, entry);
    subscriber.subscribe(channel).then(
      () => feed.wake(), // what came between our reading and the subscription
      (error: unknown) => log.warn({ err: error, store_id: storeId }, 'not subscribed: events come by looking only'),
    );
    return entry;
  }

  function unfollow(storeId: string, feed: StoreFeed): void {
    const channel = orderChannel(storeId);
    if (followed.get(channel)?.feed !== feed) return;
    followed.delete(channel);
    subscriber.unsubscribe(channel).catch(() => {}); // Redis is away, and with it the subscription
  }

  function drop(storeId: string): void {
    metrics.droppedStreams.inc();
    log.warn({ store_id: storeId }, 'a stream was dropped: its reader does not read');
  }

  let looking = false;
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    endRevoked();
    await Promise.all([...Map.groupBy(followed.values(), ({ db }) => db)].map(([db, stores]) => lookAt(db, stores)));
    looking = false;
  }

  /** One question for all stores of a database; only those with something new are read. */
  async function lookAt(db: Database, stores: readonly Followed[]): Promise<void> {
    try {
      const found = await lastSeqs(
        db.pool,
        stores.map(({ storeId }) => storeId),
      );
      seen.set(db, performance.now());
      const last = new Map(found.map(({ storeId, lastSeq }) => [storeId, lastSeq]));
      for (const { storeId, feed } of stores) if (last.get(storeId) !== feed.at) void feed.wake();
    } catch (error) {
      const since = seen.get(db) ?? performance.now();
      seen.set(db, since);
      if (performance.now() - since < blindMs) return;
      log.warn({ err: error, count: stores.length }, 'streams are ended: their events cannot be read');
      for (const { feed } of stores) for (const stream of feed.streams) stream.end();
    }
  }

  /** A key that was revoked, or lost the scope or the store, loses its streams too. */
  function endRevoked(): void {
    if (!control.current || readers.size === 0) return;
    const clients = new Map([...control.current.clients.values()].map((client) => [client.id, client]));
    for (const [stream, { clientId, storeId }] of readers) {
      const client = clients.get(clientId);
      if (!client?.scopes.includes('events') || !mayUseStore(client, storeId)) stream.end();
    }
  }

  return {
    serve,
    inTurn,
    close: () => {
      closing = true;
      clearInterval(timer);
      for (const stream of readers.keys()) stream.end();
      subscriber.disconnect();
    },
  };
}
