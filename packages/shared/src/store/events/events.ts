import { type EventData, type Payment, type PaymentEvent, type PaymentEventType, transactionId } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import { newEventId } from '../../runtime/index.ts';

/** @param payment as it is after the event */
export function paymentEvent(type: PaymentEventType, payment: Payment, occurredAt: Date, data: EventData = {}): PaymentEvent {
  return {
    event_id: newEventId(),
    type,
    occurred_at: occurredAt.toISOString(),
    host: payment.host,
    store_id: payment.storeId,
    order_id: payment.orderKey,
    order_number: payment.orderNumber,
    payment_id: payment.id,
    transaction_id: transactionId(payment),
    status: payment.status,
    amount: payment.amount,
    currency: 'IDR',
    data,
  };
}

const insertEvent: Statement = {
  name: 'event-append',
  text: `with event as (
      insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload) values ($1, $2, $3, $4, $5)
      returning event_id, occurred_at, type, payment_id)
    insert into gateway.outbox (event_id, occurred_at, store_id, type, order_key, payment_id)
    select event_id, occurred_at, $6, type, $7, payment_id from event`,
};

/** Appends to the history and to what the world must be told, in the caller's transaction: no status changes in silence. */
export function append(trx: Queryable, event: PaymentEvent): Promise<unknown> {
  return trx.query({
    ...insertEvent,
    values: [event.event_id, event.occurred_at, event.payment_id, event.type, JSON.stringify(event), event.store_id, event.order_id],
  });
}

const insertRelease: Statement = {
  name: 'event-release',
  text: `with release as (
      insert into gateway.releases (host, order_key, payment_id, release, released_at)
      select $8, $7, $3, coalesce(max(release), 0) + 1, $2 from gateway.releases where host = $8 and order_key = $7
      on conflict (host, order_key, payment_id) do nothing
      returning release),
    event as (
      insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload)
      select $1, $2, $3, $4, jsonb_set($5::jsonb, '{data,release}', to_jsonb(release)) from release
      returning event_id, occurred_at, type, payment_id)
    insert into gateway.outbox (event_id, occurred_at, store_id, type, order_key, payment_id)
    select event_id, occurred_at, $6, type, $7, payment_id from event`,
};

/** Tells the kitchen, once for each accepted payment, however often it is called. The order's lock keeps the release numbers in line. */
export function releaseOrder(trx: Queryable, event: PaymentEvent): Promise<unknown> {
  return trx.query({
    ...insertRelease,
    values: [
      event.event_id,
      event.occurred_at,
      event.payment_id,
      event.type,
      JSON.stringify(event),
      event.store_id,
      event.order_id,
      event.host,
    ],
  });
}

const byPayment: Statement = {
  name: 'payment-history',
  text: `select payload from gateway.payment_events where payment_id = $1 order by occurred_at, event_id limit 500`,
};

/** What happened to a payment and was told, oldest first; 400 days back. */
export async function ofPayment(db: Queryable, paymentId: string): Promise<PaymentEvent[]> {
  const { rows } = await db.query<{ payload: PaymentEvent }>({ ...byPayment, values: [paymentId] });
  return rows.map(({ payload }) => payload);
}
