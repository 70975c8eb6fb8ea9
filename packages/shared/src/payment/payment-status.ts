import { IllegalTransition } from './domain-error.ts';

export const paymentStatuses = ['created', 'pending', 'paid', 'expired', 'cancelled', 'failed', 'partially_refunded', 'refunded'] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export type PaymentEventType =
  | 'payment.pending'
  | 'payment.paid'
  | 'payment.paid_late'
  | 'payment.duplicate_paid'
  | 'payment.expired'
  | 'payment.cancelled'
  | 'payment.failed'
  | 'payment.review'
  | 'refund.pending'
  | 'refund.succeeded'
  | 'refund.failed'
  | 'order.paid';

type Transitions = { readonly [From in PaymentStatus]: { readonly [To in PaymentStatus]?: PaymentEventType } };

/** What may follow what, and the event that tells the world. Money that arrives is never refused. */
export const paymentTransitions: Transitions = {
  created: { pending: 'payment.pending', paid: 'payment.paid', cancelled: 'payment.cancelled', failed: 'payment.failed' },
  pending: { paid: 'payment.paid', expired: 'payment.expired', cancelled: 'payment.cancelled', failed: 'payment.failed' },
  expired: { paid: 'payment.paid_late' }, // the payer's app won the race against our clock
  cancelled: { paid: 'payment.paid_late' },
  failed: { paid: 'payment.paid_late' },
  paid: { partially_refunded: 'refund.succeeded', refunded: 'refund.succeeded' },
  partially_refunded: { partially_refunded: 'refund.succeeded', refunded: 'refund.succeeded' },
  refunded: {},
};

/** @throws IllegalTransition when the table has no such edge. */
export function eventFor(from: PaymentStatus, to: PaymentStatus): PaymentEventType {
  const event = paymentTransitions[from][to];
  if (!event) throw new IllegalTransition(from, to);
  return event;
}
