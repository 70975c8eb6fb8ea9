import type { LateMoney, ReviewReason } from './event-reasons.ts';
import type { Payment } from './payment.ts';
import { isClosed, isSettled } from './payment-lifecycle.ts';
import type { PaymentEventType } from './payment-status.ts';
import type { Rupiah } from './rupiah.ts';

export interface ArrivingMoney {
  payment: Pick<Payment, 'status' | 'amount' | 'shownAttempt' | 'expiresAt' | 'hiddenAt'>;
  attemptNo: number;
  received: Rupiah;
  /** When the guest paid, as the provider reports it. Null: the provider does not say. */
  paidAt: Date | null;
  /** The amount due now, read under the order's lock and rounded as the payment was. Null: the host has no such order any more. */
  due: Rupiah | null;
  /** True when the host has received other money for the order since the bill was made: cash, or another payment. */
  isPaidElsewhere: boolean;
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

/** Providers report the time of payment in whole seconds, rounded down (docs/providers.md 8): the guest paid up to this much later. */
const paidAtResolutionMs = 1_000;

/**
 * Judges money by the amount due now, not by history. An order that was reopened and is paid again is an ordinary payment. An order
 * that was paid elsewhere makes this payment a duplicate. A bill that became smaller makes it overpaid: the order is paid, and an
 * operator returns the difference. Money is never refused: every result records it. Pure.
 */
export function judgeMoney(arriving: ArrivingMoney): Judgement {
  const { payment, attemptNo, received, due, isPaidElsewhere, lateMoney } = arriving;
  const neverShown: ReviewReason[] = payment.shownAttempt === attemptNo ? [] : ['paid_though_never_shown'];
  if (received < payment.amount) return { money: 'keep', status: null, event: null, reviews: [...neverShown, 'underpaid'] };

  const isAboveDue = received > payment.amount || (due !== null && due > 0 && due < payment.amount);
  const reviews: ReviewReason[] = isAboveDue ? [...neverShown, 'overpaid'] : neverShown;
  const status = isSettled(payment) ? null : 'paid';
  const isLate = isPaidLate(arriving);
  if (isLate && lateMoney === 'hold') return { money: 'keep', status, event: 'payment.paid_late', policy: 'hold', reviews };
  if (isLate && lateMoney === 'refund') {
    return { money: 'refund', status, event: 'payment.paid_late', policy: 'refund', refundCause: 'late', reviews };
  }
  const isDuplicate = status === null || (due !== null && due < payment.amount && (isPaidElsewhere || due <= 0));
  if (isDuplicate)
    return { money: 'refund', status, event: 'payment.duplicate_paid', refundCause: 'duplicate', reviews: reviewsOfDuplicate() };
  return isLate
    ? { money: 'accept', status, event: 'payment.paid_late', policy: 'accept', reviews }
    : { money: 'accept', status, event: 'payment.paid', reviews };

  /** All of a duplicate's money goes back, so that only money above its own amount is worth a review. */
  function reviewsOfDuplicate(): ReviewReason[] {
    return received > payment.amount ? reviews : neverShown;
  }
}

/** True when the guest paid after the QR was hidden or expired. Money that was paid in time and is learned of later is not late. */
function isPaidLate({ payment, paidAt }: ArrivingMoney): boolean {
  if (!isClosed(payment)) return false;
  if (!paidAt) return true;
  const closedAt = Math.min(payment.expiresAt.getTime(), payment.hiddenAt?.getTime() ?? Number.POSITIVE_INFINITY);
  return paidAt.getTime() + paidAtResolutionMs > closedAt;
}
