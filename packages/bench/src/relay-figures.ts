import { setTimeout as delay } from 'node:timers/promises';
import { bellChannel } from '@gateway/shared/queue';
import { newEventId } from '@gateway/shared/runtime';
import { appendEvent, inTransaction, type PaymentEvent } from '@gateway/shared/store';
import { Redis } from 'ioredis';
import pg from 'pg';
import { stores } from './databases.ts';
import { type Times, timesOf } from './percentiles.ts';
import type { Screens } from './screens.ts';

/** From an event's commit to its subscriber. */
export interface RelayFigures {
  atOneASecond: Times;
  atTwoHundredASecond: Times;
  /** Of a burst that lay there at once. */
  eventsPerSecond: number;
}

const patienceMs = 60_000;

/** Appends events as the worker does, and listens as a screen does. The product's notifier must be running on this database, its stores known. */
export async function measureRelay(
  { databaseUrl, redisUrl, screens }: { databaseUrl: string; redisUrl: string; screens: Screens },
  { slowSeconds, fastSeconds, burst }: { slowSeconds: number; fastSeconds: number; burst: number },
): Promise<RelayFigures> {
  const db = new pg.Pool({ connectionString: databaseUrl, max: 10, pipeline: true } as pg.PoolConfig);
  const redis = new Redis(redisUrl);
  const ring = () => redis.publish(bellChannel('POS_DATABASE_URL'), '');
  const heard = new Map<string, number>();
  screens.onEvent(({ event_id }, at) => heard.set(event_id, at));
  try {
    const warm = await atRate(db, ring, heard, { perSecond: 50, seconds: 1 });
    if (warm.count === 0) throw new Error('the relay told nothing');
    return {
      atOneASecond: await atRate(db, ring, heard, { perSecond: 1, seconds: slowSeconds }),
      atTwoHundredASecond: await atRate(db, ring, heard, { perSecond: 200, seconds: fastSeconds }),
      eventsPerSecond: await inOneBurst(db, ring, heard, burst),
    };
  } finally {
    screens.onEvent(() => {});
    redis.disconnect();
    await db.end();
  }
}

async function atRate(
  db: pg.Pool,
  ring: () => Promise<unknown>,
  heard: ReadonlyMap<string, number>,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Times> {
  const committed = new Map<string, number>();
  const under: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; n < perSecond * seconds; n++) {
    const waitMs = began + (n * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await delay(waitMs);
    const appending = append(n);
    appending.catch(() => {}); // awaited below
    under.push(appending);
  }
  await Promise.all(under);
  await until(() => [...committed.keys()].every((id) => heard.has(id)));
  return timesOf(
    [...committed].map(([id, at]) => (heard.get(id) as number) - at),
    seconds,
  );

  async function append(n: number): Promise<void> {
    const event = anEvent(n);
    await appendEvent(db, event); // one statement, which commits by itself
    committed.set(event.event_id, performance.now());
    await ring();
  }
}

async function inOneBurst(db: pg.Pool, ring: () => Promise<unknown>, heard: ReadonlyMap<string, number>, size: number): Promise<number> {
  const events = Array.from({ length: size }, (_, n) => anEvent(n));
  await inTransaction({ pool: db }, async (trx) => {
    for (const event of events) void appendEvent(trx, event);
  });
  const began = performance.now();
  await ring();
  await until(() => events.every(({ event_id }) => heard.has(event_id)));
  const last = Math.max(...events.map(({ event_id }) => heard.get(event_id) as number));
  return (size * 1_000) / (last - began);
}

async function until(isSo: () => boolean): Promise<void> {
  for (const limit = performance.now() + patienceMs; !isSo(); await delay(20)) {
    if (performance.now() > limit) throw new Error(`the screens did not hear everything within ${patienceMs} ms`);
  }
}

function anEvent(n: number): PaymentEvent {
  return {
    event_id: newEventId(),
    type: 'payment.pending',
    occurred_at: new Date().toISOString(),
    host: 'pos',
    store_id: stores[n % stores.length] as string,
    order_id: 'bench',
    order_number: 'B-0001',
    payment_id: 'pay_bench',
    transaction_id: null,
    status: 'pending',
    amount: 66_000,
    currency: 'IDR',
    data: {},
  };
}
