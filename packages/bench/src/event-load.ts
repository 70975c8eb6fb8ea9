import { setTimeout as delay } from 'node:timers/promises';
import type { PaymentEvent } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { wakeUpChannel } from '@gateway/shared/queue';
import { newEventId } from '@gateway/shared/runtime';
import { events } from '@gateway/shared/store';
import { Redis } from 'ioredis';
import pg from 'pg';
import { type Times, timesOf } from './percentiles.ts';

const timeoutMs = 60_000;

/** Appends events as the worker does, taking the stores in turn. Each store must be registered. */
export interface EventLoad {
  /**
   * Commits events at an even rate, one in each transaction, and waits until all have arrived.
   * @param receivedAt when an event arrived, by its id, as of `performance.now()`
   * @returns the times from the commit to the arrival
   */
  atRate(receivedAt: ReadonlyMap<string, number>, rate: { perSecond: number; seconds: number }): Promise<Times>;
  /** Commits `size` events in one transaction. @returns how many arrived in a second */
  inOneBurst(receivedAt: ReadonlyMap<string, number>, size: number): Promise<number>;
  close(): Promise<void>;
}

export function openEventLoad({ databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string }, stores: readonly string[]): EventLoad {
  const db = new pg.Pool({ connectionString: databaseUrl, max: 10, pipeline: true } as pg.PoolConfig);
  const redis = new Redis(redisUrl);
  const wakeRelay = () => redis.publish(wakeUpChannel('POS_DATABASE_URL'), '');
  const nth = (n: number) => anEvent(stores[n % stores.length] as string);
  return {
    atRate: async (receivedAt, { perSecond, seconds }) => {
      const committed = new Map<string, number>();
      const append = async (event: PaymentEvent): Promise<void> => {
        await events.append(db, event, event.order_id); // one statement without a transaction: it commits at once
        committed.set(event.event_id, performance.now());
        await wakeRelay();
      };
      const appends: Promise<void>[] = [];
      const started = performance.now();
      for (let n = 0; n < perSecond * seconds; n++) {
        const waitMs = started + (n * 1_000) / perSecond - performance.now();
        if (waitMs > 0) await delay(waitMs);
        const appending = append(nth(n));
        appending.catch(() => {}); // awaited below
        appends.push(appending);
      }
      await Promise.all(appends);
      await untilReceived(committed.keys(), receivedAt);
      return timesOf(
        [...committed].map(([id, at]) => (receivedAt.get(id) as number) - at),
        (performance.now() - started) / 1_000,
      );
    },
    inOneBurst: async (receivedAt, size) => {
      const burst = Array.from({ length: size }, (_, n) => nth(n));
      await inTransaction({ pool: db }, async (trx) => {
        for (const event of burst) void events.append(trx, event, event.order_id);
      });
      const started = performance.now();
      await wakeRelay();
      const ids = burst.map(({ event_id }) => event_id);
      await untilReceived(ids, receivedAt);
      const last = Math.max(...ids.map((id) => receivedAt.get(id) as number));
      return (size * 1_000) / (last - started);
    },
    close: async () => {
      redis.disconnect();
      await db.end();
    },
  };
}

async function untilReceived(ids: Iterable<string>, receivedAt: ReadonlyMap<string, number>): Promise<void> {
  const missing = new Set(ids);
  for (const limit = performance.now() + timeoutMs; ; await delay(20)) {
    for (const id of missing) if (receivedAt.has(id)) missing.delete(id);
    if (missing.size === 0) return;
    if (performance.now() > limit) throw new Error(`${missing.size} events did not arrive within ${timeoutMs} ms`);
  }
}

const anEvent = (storeId: string): PaymentEvent => ({
  event_id: newEventId(),
  type: 'payment.pending',
  occurred_at: new Date().toISOString(),
  host: 'pos',
  store_id: storeId,
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
});
