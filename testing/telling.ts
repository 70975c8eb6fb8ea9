import type { Redis } from 'ioredis';
import type { PaymentEventType } from '../packages/shared/src/payment/index.ts';
import { orderChannel } from '../packages/shared/src/queue/index.ts';
import {
  appendEvent,
  claimStore,
  type Database,
  type DueEvent,
  inTransaction,
  markPublished,
  type PaymentEvent,
  paymentEvent,
  takeDueEvents,
} from '../packages/shared/src/store/index.ts';
import { aPayment } from './a-payment.ts';

/** What happens in a store, without the payments that make it happen. */
export interface Happening {
  count?: number;
  type?: PaymentEventType;
  data?: Record<string, unknown>;
  at?: Date;
}

/** A store of this tenant of the pos host, claimed as its first payment would. */
export async function aStoreOf(db: Database, tenant: string, storeId: string): Promise<string> {
  await claimStore(db.pool, db.pool, storeId, { host: 'pos', tenant }, new Date());
  return storeId;
}

/** Appends events as the writer does: they have no number yet. */
export async function happen(
  db: Database,
  storeId: string,
  { count = 1, type = 'payment.paid', data = {}, at = new Date() }: Happening = {},
): Promise<PaymentEvent[]> {
  const events = Array.from({ length: count }, () => paymentEvent(type, aPayment({ storeId }), at, data));
  await inTransaction(db, (trx) => Promise.all(events.map((event) => appendEvent(trx, event))));
  return events;
}

/** Numbers what has none, as the relay does, and says nothing to anybody. @returns what would be published */
export async function number(db: Database): Promise<DueEvent[]> {
  const due = await takeDueEvents(db, { id: 0, turn: 0 }, 10_000);
  return due?.events ?? [];
}

/** Numbers and publishes. */
export async function relay(db: Database, redis: Redis): Promise<void> {
  const events = await number(db);
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last) return;
  await Promise.all(events.map(({ storeId, body }) => redis.publish(orderChannel(storeId), body)));
  await markPublished(db, { from: first.turn, to: last.turn, at: new Date() });
}
