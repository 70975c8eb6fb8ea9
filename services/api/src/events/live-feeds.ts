import type { Database } from '@gateway/shared/postgres';
import { orderChannel } from '@gateway/shared/queue';
import type { Logger } from '@gateway/shared/runtime';
import { type clients, storeFeed } from '@gateway/shared/store';
import type { Counter, Gauge } from '@prometheus-io/client';
import type { Response } from 'express';
import type { Redis } from 'ioredis';
import { mayUseStore } from '../http/authenticate-client.ts';
import type { ClientKeys } from '../http/client-keys.ts';
import { EventStream, type StreamPace } from './event-stream.ts';
import type { OwnStore } from './find-own-store.ts';
import { createSemaphore } from './semaphore.ts';
import { pageSize, StoreFeed } from './store-feed.ts';
import { createStreamCounts, defaultStreamQuotas, type StreamQuotas } from './stream-quotas.ts';

export interface LiveFeedsOptions {
  /** A connection of its own: a Redis connection that subscribes cannot run other commands. */
  subscriber: Redis;
  control: ClientKeys;
  metrics: { openStreams: Gauge; droppedStreams: Counter };
  log: Logger;
  /** How often the followed stores are polled. Polling finds the events whose Pub/Sub message was lost. */
  pollIntervalMs?: number;
  /** How long polling may fail before the streams of that database are closed, so that their screens show that they are offline. */
  readFailureLimitMs?: number;
  pace?: Partial<StreamPace>;
  quotas?: Partial<StreamQuotas>;
}

const defaultPace: StreamPace = { pingMs: 15_000, slowClientLimitMs: 10_000, retryMs: 1_000 };
const maxConcurrentReads = 8; // of the 20 connections of a pool

const headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no', // nginx would hold events back until its buffer is full
};

interface FeedEntry {
  storeId: string;
  db: Database;
  feed: StoreFeed;
}

/** The event streams of this process: one feed for each store that is followed, woken by Redis and by polling. */
export class LiveFeeds {
  /** Limits the database reads for screens, so that the tills keep most of the connection pool. */
  readonly withReadPermit = createSemaphore(maxConcurrentReads);
  readonly #options: LiveFeedsOptions;
  readonly #pace: StreamPace;
  readonly #feeds = new Map<string, FeedEntry>(); // by channel
  readonly #readers = new Map<EventStream, { clientId: string; storeId: string }>();
  readonly #lastReadAt = new Map<Database, number>(); // when a poll last succeeded, by `performance.now()`
  readonly #counts: ReturnType<typeof createStreamCounts>;
  readonly #timer: NodeJS.Timeout;
  #isPolling = false;
  #isClosing = false;

  constructor(options: LiveFeedsOptions) {
    this.#options = options;
    this.#pace = { ...defaultPace, ...options.pace };
    this.#counts = createStreamCounts({ ...defaultStreamQuotas, ...options.quotas });
    options.subscriber.on('message', (channel) => void this.#feeds.get(channel)?.feed.wake());
    this.#timer = setInterval(() => void this.#poll(), options.pollIntervalMs ?? 1_000);
    this.#timer.unref();
  }

  /**
   * Answers with the events of a store, beginning with the page that was just read. The stream ends when the client leaves, when its key
   * loses the right to read, or when this process stops. @throws Problem `rate_limited` when a quota of open streams is used up
   */
  serve(res: Response, client: clients.Client, { id: storeId, db, events }: OwnStore): void {
    const { metrics } = this.#options;
    if (res.destroyed) return; // the client left during the read
    const leave = this.#counts.enter({ tenant: `${client.host} ${client.tenant}`, key: client.id, store: storeId });
    res.once('close', leave);
    res.writeHead(200, headers);
    const stream = new EventStream(res, { after: events.after, pace: this.#pace, onDrop: () => this.#onDrop(storeId) });
    stream.send(events.events);
    if (this.#isClosing) {
      stream.end();
      return;
    }
    const feed = this.#follow(storeId, db, events.lastSeq);
    this.#readers.set(stream, { clientId: client.id, storeId });
    metrics.openStreams.inc();
    res.once('close', () => {
      feed.leave(stream);
      this.#readers.delete(stream);
      metrics.openStreams.dec();
      if (feed.isEmpty) this.#unfollow(storeId, feed);
    });
    void feed.join(stream);
  }

  /** Ends every stream with a time to reconnect after: the clients continue with another process, or with the next one. */
  close(): void {
    this.#isClosing = true;
    clearInterval(this.#timer);
    for (const stream of this.#readers.keys()) stream.end();
    this.#options.subscriber.disconnect();
  }

  #follow(storeId: string, db: Database, lastSeq: number): StoreFeed {
    const { subscriber, log } = this.#options;
    const channel = orderChannel(storeId);
    const existing = this.#feeds.get(channel);
    if (existing) return existing.feed;
    const read = (after: number) => this.withReadPermit(() => storeFeed.read(db.pool, { storeId, after, limit: pageSize }));
    const feed = new StoreFeed(read, lastSeq);
    this.#feeds.set(channel, { storeId, db, feed });
    subscriber.subscribe(channel).then(
      () => feed.wake(), // reads the events that were published before the subscription was active
      (error: unknown) => log.warn({ err: error, store_id: storeId }, 'event subscription failed, polling instead'),
    );
    return feed;
  }

  #unfollow(storeId: string, feed: StoreFeed): void {
    const channel = orderChannel(storeId);
    if (this.#feeds.get(channel)?.feed !== feed) return;
    this.#feeds.delete(channel);
    this.#options.subscriber.unsubscribe(channel).catch(() => {}); // fails without Redis, and then the subscription is gone too
  }

  #onDrop(storeId: string): void {
    this.#options.metrics.droppedStreams.inc();
    this.#options.log.warn({ store_id: storeId }, 'SSE stream dropped: client too slow');
  }

  async #poll(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    this.#endRevoked();
    const byDatabase = Map.groupBy(this.#feeds.values(), ({ db }) => db);
    await Promise.all([...byDatabase].map(([db, entries]) => this.#pollDatabase(db, entries)));
    this.#isPolling = false;
  }

  /** One query reads the last `seq` of every followed store in a database. Only stores with new events are read. */
  async #pollDatabase(db: Database, entries: readonly FeedEntry[]): Promise<void> {
    try {
      const storeIds = entries.map(({ storeId }) => storeId);
      const rows = await storeFeed.lastSeqs(db.pool, storeIds);
      this.#lastReadAt.set(db, performance.now());
      const lastSeqs = new Map(rows.map(({ storeId, lastSeq }) => [storeId, lastSeq]));
      for (const { storeId, feed } of entries) if (lastSeqs.get(storeId) !== feed.lastSeq) void feed.wake();
    } catch (error) {
      this.#onPollFailure(db, entries, error);
    }
  }

  #onPollFailure(db: Database, entries: readonly FeedEntry[], error: unknown): void {
    const { readFailureLimitMs = 15_000, log } = this.#options;
    const lastReadAt = this.#lastReadAt.get(db) ?? performance.now();
    this.#lastReadAt.set(db, lastReadAt);
    if (performance.now() - lastReadAt < readFailureLimitMs) return;
    log.warn({ err: error, count: entries.length }, 'SSE streams closed: events not readable');
    for (const { feed } of entries) for (const stream of feed.streams) stream.end();
  }

  /** Ends the streams of keys that were revoked, or that lost the scope `events` or the store. */
  #endRevoked(): void {
    const { control } = this.#options;
    if (!control.current || this.#readers.size === 0) return;
    const clientsById = new Map(
      [...control.current.clients.values()].filter((client) => control.isValid(client)).map((client) => [client.id, client]),
    );
    for (const [stream, { clientId, storeId }] of this.#readers) {
      const client = clientsById.get(clientId);
      if (!client?.scopes.includes('events') || !mayUseStore(client, storeId)) stream.end();
    }
  }
}
