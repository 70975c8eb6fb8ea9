import type { LateMoney, ReviewReason } from './arriving-money.ts';
import type { CancelReason, CloseReason } from './event-reasons.ts';
import type { Payment } from './payment.ts';
import type { PaymentEventType } from './payment-status.ts';
import type { RefundCause, RefundFailure } from './refund.ts';

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

/** The reference of the attempt whose QR is on display: what a provider's statement shows. Null before. */
export function transactionId({ reference, shownAttempt }: Pick<Payment, 'reference' | 'shownAttempt'>): string | null {
  return shownAttempt === null ? null : `${reference}-${shownAttempt}`;
}
