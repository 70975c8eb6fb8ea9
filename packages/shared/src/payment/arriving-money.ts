import type { LateMoney, ReviewReason } from './event-reasons.ts';
import { isClosed, isSettled } from './payment-lifecycle.ts';
import type { PaymentEventType, PaymentStatus } from './payment-status.ts';
import type { Rupiah } from './rupiah.ts';

export interface ArrivingMoney {
  payment: { status: PaymentStatus; amount: Rupiah; shownAttempt: number | null };
  attemptNo: number;
  received: Rupiah;
  /** What the host owes now, under its lock, rounded as the payment was; null when the host has no such order any more. */
  due: Rupiah | null;
  lateMoney: LateMoney;
}

/** What is done with money that arrived. */
export interface Judgement {
  /** `accept`: the order is paid with it. `refund`: it goes back. `keep`: it stays, and a person decides. */
  money: 'accept' | 'refund' | 'keep';
  /** Null: the payment's status stays. */
  status: 'paid' | null;
  event: PaymentEventType | null;
  /** With `payment.paid_late`: what happens to it. */
  policy?: LateMoney;
  refundCause?: 'duplicate' | 'late';
  reviews: ReviewReason[];
}

/**
 * Judges money by what the host owes now, not by history: an order reopened and paid again is an ordinary payment, and an
 * order that was paid in cash meanwhile makes the best QR payment a duplicate. Money is never refused and never forgotten.
 */
export function judgeMoney(arriving: ArrivingMoney): Judgement {
  const { payment, attemptNo, received, due, lateMoney } = arriving;
  const neverShown: ReviewReason[] = payment.shownAttempt === attemptNo ? [] : ['paid_though_never_shown'];
  if (received < payment.amount) return { money: 'keep', status: null, event: null, reviews: [...neverShown, 'underpaid'] };

  const reviews: ReviewReason[] = received > payment.amount ? [...neverShown, 'overpaid'] : neverShown;
  const moves = isSettled(payment) ? null : 'paid';
  const isLate = isClosed(payment);
  if (isLate && lateMoney === 'hold') return { money: 'keep', status: moves, event: 'payment.paid_late', policy: 'hold', reviews };
  if (isLate && lateMoney === 'refund') {
    return { money: 'refund', status: moves, event: 'payment.paid_late', policy: 'refund', refundCause: 'late', reviews };
  }
  if (due !== null && due < payment.amount) {
    return { money: 'refund', status: moves, event: 'payment.duplicate_paid', refundCause: 'duplicate', reviews };
  }
  if (moves === null) return { money: 'refund', status: null, event: 'payment.duplicate_paid', refundCause: 'duplicate', reviews };
  return isLate
    ? { money: 'accept', status: moves, event: 'payment.paid_late', policy: 'accept', reviews }
    : { money: 'accept', status: moves, event: 'payment.paid', reviews };
}
