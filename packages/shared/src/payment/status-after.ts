import type { AttemptStatus } from './attempt.ts';
import type { Charge, ChargeStatus } from './charge.ts';
import { type ClosedStatus, isSettled } from './payment-lifecycle.ts';
import type { PaymentStatus } from './payment-status.ts';

/** What a provider's answer makes of an attempt and its payment. `payment` is null when the payment stays as it is. */
export interface StatusChange {
  attempt: AttemptStatus;
  payment: 'paid' | ClosedStatus | null;
}

interface AttemptContext {
  /** `takenDownAs`: why we were taking its charge down ourselves; null when we were not. */
  payment: { status: PaymentStatus; shownAttempt: number | null; closingAs: 'cancelled' | 'expired' | null };
  attempt: { no: number; status: AttemptStatus };
}

/** Where an attempt goes when its charge is seen to be …; null: we know that already, or know better. */
const attemptTransitions: { readonly [From in AttemptStatus]: { readonly [Seen in ChargeStatus]: AttemptStatus | null } } = {
  sending: { open: null, paid: 'paid', expired: 'expired', cancelled: 'cancelled', failed: 'rejected' },
  open: { open: null, paid: 'paid', expired: 'expired', cancelled: 'cancelled', failed: 'rejected' },
  unknown: { open: null, paid: 'paid', expired: 'expired', cancelled: 'cancelled', failed: 'rejected' }, // open: found, but never to be shown
  rejected: { open: 'unknown', paid: 'paid', expired: 'expired', cancelled: 'cancelled', failed: null }, // "rejected", yet there is one: it must be taken down
  absent: { open: 'unknown', paid: 'paid', expired: 'expired', cancelled: 'cancelled', failed: 'rejected' },
  cancelled: { open: null, paid: 'paid', expired: null, cancelled: null, failed: null }, // the payer's app won the race
  expired: { open: null, paid: 'paid', expired: null, cancelled: null, failed: null },
  paid: { open: null, paid: null, expired: null, cancelled: null, failed: null }, // money stays: an older answer never takes it back
};

export const attemptAfter = (attempt: AttemptStatus, seen: ChargeStatus): AttemptStatus | null => attemptTransitions[attempt][seen];

/** Where a payment goes when the attempt on display is seen to be closed without money. */
const closedAs: { readonly [Seen in ChargeStatus]?: ClosedStatus } = { expired: 'expired', cancelled: 'cancelled', failed: 'failed' };

/**
 * (payment, attempt, charge) → what it makes of them; null is old news.
 *
 * News moves the attempt first. `paid` of any attempt moves the payment; a charge that closed without money moves it only when
 * its QR is the one on display: the genuine cancel notice of a QR that lost a race must not take down the winner's.
 */
export function statusAfter({ payment, attempt }: AttemptContext, charge: Pick<Charge, 'status'>): StatusChange | null {
  const next = attemptAfter(attempt.status, charge.status);
  if (next === null) return null;
  return { attempt: next, payment: paymentAfter(payment, attempt.no, charge.status) };
}

function paymentAfter(payment: AttemptContext['payment'], attemptNo: number, seen: ChargeStatus): StatusChange['payment'] {
  if (seen === 'paid') return isSettled(payment) ? null : 'paid';
  const closedStatus = closedAs[seen];
  if (!closedStatus || payment.status !== 'pending' || payment.shownAttempt !== attemptNo) return null;
  return payment.closingAs ?? closedStatus; // a provider that can only cancel calls an expiry that, too
}
