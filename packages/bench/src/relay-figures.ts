import { setTimeout as delay } from 'node:timers/promises';
import type { PaymentEvent } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { wakeUpChannel } from '@gateway/shared/queue';
import { newEventId } from '@gateway/shared/runtime';
import { events } from '@gateway/shared/store';
import { Redis } from 'ioredis';
import pg from 'pg';
import { stores } from './databases.ts';
import { type Times, timesOf } from './percentiles.ts';
import type { Screens } from './screens.ts';

/** How long events take from their commit to a subscriber. */
export interface RelayFigures {
  atOneASecond: Times;
  atTwoHundredASecond: Times;
  /** How many events of one large transaction are published in a second. */
  eventsPerSecond: number;
}

const timeoutMs = 60_000;

/** Appends events as the worker does, and receives them as a screen does. The product's notifier must run on this database, and the stores must be registered. */
export async function measureRelay(
  { databaseUrl, redisUrl, screens }: { databaseUrl: string; redisUrl: string; screens: Screens },
  { slowSeconds, fastSeconds, burst }: { slowSeconds: number; fastSeconds: number; burst: number },
): Promise<RelayFigures> {
  const db = new pg.Pool({ connectionString: databaseUrl, max: 10, pipeline: true } as pg.PoolConfig);
  const redis = new Redis(redisUrl);
  const wakeRelay = () => redis.publish(wakeUpChannel('POS_DATABASE_URL'), '');
  const receivedAt = new Map<string, number>();
  screens.onEvent(({ event_id }, at) => receivedAt.set(event_id, at));
  try {
    const warmUp = await atRate(db, wakeRelay, receivedAt, { perSecond: 50, seconds: 1 });
    if (warmUp.count === 0) throw new Error('the relay published nothing');
    return {
      atOneASecond: await atRate(db, wakeRelay, receivedAt, { perSecond: 1, seconds: slowSeconds }),
      atTwoHundredASecond: await atRate(db, wakeRelay, receivedAt, { perSecond: 200, seconds: fastSeconds }),
      eventsPerSecond: await inOneBurst(db, wakeRelay, receivedAt, burst),
    };
  } finally {
    screens.onEvent(() => {});
    redis.disconnect();
    await db.end();
  }
}

async function atRate(
  db: pg.Pool,
  wakeRelay: () => Promise<unknown>,
  receivedAt: ReadonlyMap<string, number>,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Times> {
  const committed = new Map<string, number>();
  const appends: Promise<void>[] = [];
  const started = performance.now();
  for (let n = 0; n < perSecond * seconds; n++) {
    const waitMs = started + (n * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await delay(waitMs);
    const appending = append(n);
    appending.catch(() => {}); // awaited below
    appends.push(appending);
  }
  await Promise.all(appends);
  await until(() => [...committed.keys()].every((id) => receivedAt.has(id)));
  return timesOf(
    [...committed].map(([id, at]) => (receivedAt.get(id) as number) - at),
    seconds,
  );

  async function append(n: number): Promise<void> {
    const event = anEvent(n);
    await events.append(db, event, event.order_id); // one statement without a transaction: it commits at once
    committed.set(event.event_id, performance.now());
    await wakeRelay();
  }
}

async function inOneBurst(
  db: pg.Pool,
  wakeRelay: () => Promise<unknown>,
  receivedAt: ReadonlyMap<string, number>,
  size: number,
): Promise<number> {
  const burst = Array.from({ length: size }, (_, n) => anEvent(n));
  await inTransaction({ pool: db }, async (trx) => {
    for (const event of burst) void events.append(trx, event, event.order_id);
  });
  const started = performance.now();
  await wakeRelay();
  await until(() => burst.every(({ event_id }) => receivedAt.has(event_id)));
  const last = Math.max(...burst.map(({ event_id }) => receivedAt.get(event_id) as number));
  return (size * 1_000) / (last - started);
}

async function until(isDone: () => boolean): Promise<void> {
  for (const limit = performance.now() + timeoutMs; !isDone(); await delay(20)) {
    if (performance.now() > limit) throw new Error(`the screens did not receive all events within ${timeoutMs} ms`);
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
    table: null,
    order_type: null,
    metadata: null,
    payment_id: 'pay_bench',
    transaction_id: null,
    status: 'pending',
    amount: 66_000,
    currency: 'IDR',
    data: {},
  };
}
