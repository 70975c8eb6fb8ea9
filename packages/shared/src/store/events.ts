import type { CancelReason, CloseReason, LateMoney, PaymentEventType, RefundCause, RefundFailure, ReviewReason } from '../payment/index.ts';
import { newEventId } from '../runtime/index.ts';
import type { Statement } from './database.ts';
import type { Payment } from './payments.ts';
import type { Queryable } from './queryable.ts';

/** What the world hears (contract 5). `seq` is missing: the relay gives it. */
export interface PaymentEvent {
  event_id: string;
  type: PaymentEventType;
  occurred_at: string;
  host: string;
  store_id: string;
  order_id: string;
  order_number: string;
  payment_id: string;
  transaction_id: string | null;
  status: string;
  amount: number;
  currency: 'IDR';
  data: Record<string, unknown>;
}

/** What an event says beside the payment. Why something is so is one of a few words: each has a sentence in the timeline. */
export type EventData = Record<string, unknown> & {
  reason?: CloseReason | CancelReason | ReviewReason | RefundFailure;
  policy?: LateMoney;
  cause?: RefundCause;
};

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

/** The reference of the attempt whose QR is on display: what a provider's statement shows. Null before. */
export function transactionId({ reference, shownAttempt }: Pick<Payment, 'reference' | 'shownAttempt'>): string | null {
  return shownAttempt === null ? null : `${reference}-${shownAttempt}`;
}

const append: Statement = {
  name: 'event-append',
  text: `with event as (
      insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload) values ($1, $2, $3, $4, $5)
      returning event_id, occurred_at, type, payment_id)
    insert into gateway.outbox (event_id, occurred_at, store_id, type, order_key, payment_id)
    select event_id, occurred_at, $6, type, $7, payment_id from event`,
};

/** Appends to the history and to what the world must be told, in the caller's transaction: no status changes in silence. */
export function appendEvent(trx: Queryable, event: PaymentEvent): Promise<unknown> {
  return trx.query({
    ...append,
    values: [event.event_id, event.occurred_at, event.payment_id, event.type, JSON.stringify(event), event.store_id, event.order_id],
  });
}

const release: Statement = {
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
    ...release,
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
