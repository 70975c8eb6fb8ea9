import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createRelay, type Relay, type RelayDeps } from '@gateway/notifier/src/relay.ts';
import { createRelayMetrics, type RelayMetrics } from '@gateway/notifier/src/relay-metrics.ts';
import type { PaymentEvent } from '@gateway/shared/payment';
import { connectDatabase, type Database, inTransaction } from '@gateway/shared/postgres';
import { connectRedis, connectSubscriber, orderChannel } from '@gateway/shared/queue';
import { createLogger, createMetrics, type Logger, newEventId, newUlid, systemClock } from '@gateway/shared/runtime';
import { events } from '@gateway/shared/store';
import type { Redis } from 'ioredis';
import { freshDatabase, testRedisUrl } from '../database/servers.ts';
import { eventually } from '../eventually.ts';

export { lastPublishedKey, publish } from '@gateway/notifier/src/publish.ts';
export { createRelay, createRelayMetrics, type Relay, type RelayMetrics };

/** The file of a program that relays the events of one database, for tests that kill it. relay-process.ts states its environment. */
export const relayProcess = path.join(import.meta.dirname, 'relay-process.ts');

/** A parsed line of the relay's log. */
export interface LogLine {
  level: string;
  msg: string;
  store_id?: string;
  table?: string;
}

/** Everything a relay needs and shows: a database to append events to, a Redis to listen to, its log and its metrics. */
export interface RelayFixture {
  url: string;
  /** For a process that relays: its role may not do more than in a shop. */
  serveUrl: string;
  db: Database;
  /** The name of the database in Redis keys and channels. */
  key: string;
  redis: Redis;
  redisUrl: string;
  log: Logger;
  /** What the relays have logged. */
  lines: LogLine[];
  metrics: RelayMetrics;
  createRelay(options?: Partial<Pick<RelayDeps, 'clock' | 'onStep' | 'onNumbered' | 'redis'>> & { db?: Database }): Relay;
  /** Registers a store. @returns its id */
  store(): Promise<string>;
  /** Subscribes to the stores' channels, like a screen. */
  listen(...stores: string[]): Promise<Screen>;
  close(): Promise<void>;
}

/** Creates a database, or uses the one at `url`, and connects to Redis. Starts no relay. */
export async function startRelayFixture({
  redisUrl = testRedisUrl(),
  url,
}: {
  redisUrl?: string;
  url?: string;
} = {}): Promise<RelayFixture> {
  const database = url ? { url, serveUrl: url, drop: async () => {} } : await freshDatabase();
  const db = connectDatabase(database.url, { name: 'test' });
  const relayDb = connectDatabase(database.serveUrl, { name: 'test relay' });
  const redis = connectRedis(redisUrl, { name: 'test' });
  await new Promise((ready) => redis.once('ready', ready));
  const key = `TEST_${randomBytes(4).toString('hex').toUpperCase()}_DATABASE_URL`;
  const { log, lines } = captureLog();
  const metrics = createRelayMetrics(createMetrics('test'), systemClock)(key);
  const screens: Screen[] = [];
  return {
    url: database.url,
    serveUrl: database.serveUrl,
    db,
    key,
    redis,
    redisUrl,
    log,
    lines,
    metrics,
    createRelay: ({ clock = systemClock, db: ownDb = relayDb, ...rest } = {}) =>
      createRelay({ database: { key, db: ownDb }, redis, clock, log, metrics, ...rest }),
    store: () => insertStore(db),
    listen: async (...stores) => {
      const screen = await connectScreen(redisUrl, stores);
      screens.push(screen);
      return screen;
    },
    close: async () => {
      for (const screen of screens) screen.close();
      redis.disconnect();
      await Promise.all([db.close(), relayDb.close()]);
      await database.drop();
    },
  };
}

function captureLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const destination = {
    write: (line: string) => {
      lines.push(JSON.parse(line) as LogLine);
    },
  };
  return { log: createLogger('test', 'info', destination), lines };
}

/** Registers a store. @returns its id */
export async function insertStore(db: Database): Promise<string> {
  const id = `JKT-${randomBytes(4).toString('hex')}`;
  await db.pool.query(`insert into gateway.stores (store_id, host, tenant, created_at) values ($1, 'pos', 'bakmi', now())`, [id]);
  return id;
}

/** An event that was not appended yet. */
export const eventFixture = (storeId: string, overrides: Partial<PaymentEvent> = {}): PaymentEvent => ({
  event_id: newEventId(),
  type: 'payment.paid',
  occurred_at: new Date().toISOString(),
  host: 'pos',
  store_id: storeId,
  order_id: 'order-1',
  order_number: 'A-0001',
  table: null,
  order_type: null,
  metadata: null,
  payment_id: `pay_${newUlid()}`,
  transaction_id: null,
  status: 'paid',
  amount: 55_000,
  currency: 'IDR',
  data: {},
  ...overrides,
});

/** Commits these events in one transaction, in this order. */
export async function commitEvents(db: Database, batch: readonly PaymentEvent[]): Promise<void> {
  await inTransaction(db, async (trx) => {
    const appended = batch.map((event) => events.append(trx, event, event.order_id));
    await trx.commit();
    await Promise.all(appended);
  });
}

/** Commits `count` events, taking the stores in turn, with `perTransaction` events in each transaction. */
export async function commitManyEvents(db: Database, stores: readonly string[], count: number, perTransaction = 100): Promise<void> {
  const allEvents = Array.from({ length: count }, (_, n) => eventFixture(stores[n % stores.length] ?? ''));
  for (let at = 0; at < count; at += perTransaction) await commitEvents(db, allEvents.slice(at, at + perTransaction));
}

export type ReceivedEvent = PaymentEvent & { seq: number };

/** A real subscriber to the channels of some stores. */
export interface Screen {
  /** In the order of arrival. */
  received: ReceivedEvent[];
  /** The sequence numbers that were received for one store, in the order of arrival. */
  seqs(storeId: string): number[];
  /** Resolves when `count` events have been received. */
  waitsFor(count: number): Promise<void>;
  close(): void;
}

async function connectScreen(redisUrl: string, stores: readonly string[]): Promise<Screen> {
  const subscriber = connectSubscriber(redisUrl, { name: 'screen' });
  const received: ReceivedEvent[] = [];
  subscriber.on('message', (channel: string, body: string) => {
    const event = JSON.parse(body) as ReceivedEvent;
    if (channel !== orderChannel(event.store_id)) throw new Error(`an event of ${event.store_id} was published on ${channel}`);
    received.push(event);
  });
  await subscriber.subscribe(...stores.map(orderChannel));
  return {
    received,
    seqs: (storeId) => received.filter(({ store_id }) => store_id === storeId).map(({ seq }) => seq),
    waitsFor: async (count) => void (await eventually(() => received.length >= count)),
    close: () => subscriber.disconnect(),
  };
}

/** The numbers from 1 to `n`. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

/** Runs a relay until no event is pending, and marks what it published. */
export async function drain(relay: Relay): Promise<void> {
  while ((await relay.runOnce()).hasMore);
  await relay.markPublished();
}

/** The number of events in the outbox that were not published. */
export async function unpublished(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>('select count(*) as n from gateway.outbox where published_at is null');
  return rows[0]?.n ?? 0;
}

/** The sequence numbers of a store in the outbox, ascending. */
export async function sequenceNumbers(db: Database, storeId: string): Promise<number[]> {
  const { rows } = await db.pool.query<{ seq: number }>(
    'select seq from gateway.outbox where store_id = $1 and seq is not null order by seq',
    [storeId],
  );
  return rows.map(({ seq }) => seq);
}
