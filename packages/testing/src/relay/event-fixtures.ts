import type { PaymentEvent, PaymentEventType } from '@gateway/shared/payment';
import { type Database, inTransaction } from '@gateway/shared/postgres';
import { orderChannel } from '@gateway/shared/queue';
import { events, outbox, stores } from '@gateway/shared/store';
import type { Redis } from 'ioredis';
import { anEvent, aPayment } from '../worker/payment-fixture.ts';

/** Events of one type to append; they need no payment row. */
export interface EventFixture {
  count?: number;
  type?: PaymentEventType;
  data?: Record<string, unknown>;
  at?: Date;
}

/** Registers a store for this tenant of the pos host, as its first payment would. @returns `storeId` */
export async function aStoreOf(db: Database, tenant: string, storeId: string): Promise<string> {
  await stores.register(db.pool, db.pool, storeId, { host: 'pos', tenant }, new Date());
  return storeId;
}

/** Appends events as the worker's payment writer does: without a sequence number. */
export async function appendEvents(
  db: Database,
  storeId: string,
  { count = 1, type = 'payment.paid', data = {}, at = new Date() }: EventFixture = {},
): Promise<PaymentEvent[]> {
  const appended = Array.from({ length: count }, () => anEvent(type, aPayment({ storeId }), at, data));
  await inTransaction(db, (trx) => Promise.all(appended.map((event) => events.append(trx, event, event.order_id))));
  return appended;
}

/** Gives pending events their sequence numbers, as the relay does, and publishes none. @returns the events to publish */
export async function assignSequence(db: Database): Promise<outbox.PendingEvent[]> {
  const taken = await outbox.takePending(db, { watermark: { id: 0, position: 0 }, limit: 10_000, marks: null, at: new Date() });
  return taken ?? [];
}

/** Numbers, publishes and marks all pending events, as the relay does. */
export async function runRelay(db: Database, redis: Redis): Promise<void> {
  const pending = await assignSequence(db);
  const [first, last] = [pending[0], pending.at(-1)];
  if (!first || !last) return;
  await Promise.all(pending.map(({ storeId, body }) => redis.publish(orderChannel(storeId), body)));
  await outbox.markPublished(db, { from: first.position, to: last.position, at: new Date() });
}
