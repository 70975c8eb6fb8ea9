import type { CancelReason, CloseReason, LateMoney, ReviewReason } from './event-reasons.ts';
import { detailsOf, orderIdOf } from './order-details.ts';
import type { Payment } from './payment.ts';
import type { PaymentEventType, PaymentStatus } from './payment-status.ts';
import type { RefundCause, RefundFailure } from './refund.ts';

/** An event as it is published, documented in OpenAPI and docs/screens.md. `seq` is missing: the relay adds it. Amounts are whole rupiah, times UTC. */
export interface PaymentEvent {
  event_id: string;
  type: PaymentEventType;
  occurred_at: string;
  host: string;
  store_id: string;
  order_id: string;
  order_number: string;
  table: string | null;
  order_type: string | null;
  metadata: Record<string, string> | null;
  payment_id: string;
  transaction_id: string | null;
  status: PaymentStatus;
  amount: number;
  currency: 'IDR';
  data: Record<string, unknown>;
}

/** What an event carries beside the payment. `reason`, `policy` and `cause` are closed lists, because the timeline has a sentence for each value. */
export type EventData = Record<string, unknown> & {
  reason?: CloseReason | CancelReason | ReviewReason | RefundFailure;
  policy?: LateMoney;
  cause?: RefundCause;
};

/** The reference of the attempt whose QR is or was on display: a provider's statement shows it. Null before the first display. */
export function transactionId({ reference, shownAttempt }: Pick<Payment, 'reference' | 'shownAttempt'>): string | null {
  return shownAttempt === null ? null : `${reference}-${shownAttempt}`;
}

/** Builds an event. Only payment-lifecycle.ts calls it, after it has checked that the event may occur. */
export function eventOf(type: PaymentEventType, payment: Payment, id: string, occurredAt: Date, data: EventData): PaymentEvent {
  const details = detailsOf(payment);
  return {
    event_id: id,
    type,
    occurred_at: occurredAt.toISOString(),
    host: payment.host,
    store_id: payment.storeId,
    order_id: orderIdOf(payment),
    order_number: payment.orderNumber,
    table: details.table,
    order_type: details.orderType,
    metadata: details.metadata,
    payment_id: payment.id,
    transaction_id: transactionId(payment),
    status: payment.status,
    amount: payment.amount,
    currency: 'IDR',
    data,
  };
}
