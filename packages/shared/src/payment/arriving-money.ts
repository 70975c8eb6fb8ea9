import type { LateMoney, ReviewReason } from './event-reasons.ts';
import { isClosed, isSettled } from './payment-lifecycle.ts';
import type { PaymentEventType, PaymentStatus } from './payment-status.ts';
import type { Rupiah } from './rupiah.ts';

export interface ArrivingMoney {
  payment: { status: PaymentStatus; amount: Rupiah; shownAttempt: number | null };
  attemptNo: number;
  received: Rupiah;
  /** The amount due now, read under the order's lock and rounded as the payment was. Null: the host has no such order any more. */
  due: Rupiah | null;
  lateMoney: LateMoney;
}

/** The decision about money that arrived. */
export interface Judgement {
  /** `accept`: the order is paid with it. `refund`: it is refunded. `keep`: it stays, and an operator decides. */
  money: 'accept' | 'refund' | 'keep';
  /** Null: the payment keeps its status. */
  status: 'paid' | null;
  event: PaymentEventType | null;
  /** With `payment.paid_late`: what happens to the money. */
  policy?: LateMoney;
  refundCause?: 'duplicate' | 'late';
  reviews: ReviewReason[];
}

/**
 * Judges money by the amount due now, not by history. An order that was reopened and is paid again is an ordinary payment. An order
 * that was paid in cash meanwhile makes the QR payment a duplicate. Money is never refused: every result records it. Pure.
 */
export function judgeMoney(arriving: ArrivingMoney): Judgement {
  const { payment, attemptNo, received, due, lateMoney } = arriving;
  const neverShown: ReviewReason[] = payment.shownAttempt === attemptNo ? [] : ['paid_though_never_shown'];
  if (received < payment.amount) return { money: 'keep', status: null, event: null, reviews: [...neverShown, 'underpaid'] };

  const reviews: ReviewReason[] = received > payment.amount ? [...neverShown, 'overpaid'] : neverShown;
  const status = isSettled(payment) ? null : 'paid';
  const isLate = isClosed(payment);
  if (isLate && lateMoney === 'hold') return { money: 'keep', status, event: 'payment.paid_late', policy: 'hold', reviews };
  if (isLate && lateMoney === 'refund') {
    return { money: 'refund', status, event: 'payment.paid_late', policy: 'refund', refundCause: 'late', reviews };
  }
  if (due !== null && due < payment.amount) {
    return { money: 'refund', status, event: 'payment.duplicate_paid', refundCause: 'duplicate', reviews };
  }
  if (status === null) return { money: 'refund', status, event: 'payment.duplicate_paid', refundCause: 'duplicate', reviews };
  return isLate
    ? { money: 'accept', status, event: 'payment.paid_late', policy: 'accept', reviews }
    : { money: 'accept', status, event: 'payment.paid', reviews };
}
