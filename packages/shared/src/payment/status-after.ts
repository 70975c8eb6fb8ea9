import type { AttemptStatus } from './attempt.ts';
import type { Charge, ChargeStatus } from './charge.ts';
import { type ClosedStatus, isSettled } from './payment-lifecycle.ts';
import type { PaymentStatus } from './payment-status.ts';

/** What a provider's answer changes. `payment` is null when the payment keeps its status. */
export interface StatusChange {
  attempt: AttemptStatus;
  payment: 'paid' | ClosedStatus | null;
}

interface AttemptContext {
  /** `closingAs`: why the gateway itself is closing the charge. Null: it is not. */
  payment: { status: PaymentStatus; shownAttempt: number | null; closingAs: 'cancelled' | 'expired' | null };
  attempt: { no: number; status: AttemptStatus };
}

/** The next status of an attempt, by its present status and the status of its charge. Null: known already, or older than what is known. */
const attemptTransitions: { readonly [From in AttemptStatus]: { readonly [Seen in ChargeStatus]: AttemptStatus | null } } = {
  sending: { open: null, paid: 'paid', expired: 'expired', cancelled: 'cancelled', failed: 'rejected' },
  open: { open: null, paid: 'paid', expired: 'expired', cancelled: 'cancelled', failed: 'rejected' },
  unknown: { open: null, paid: 'paid', expired: 'expired', cancelled: 'cancelled', failed: 'rejected' }, // an open charge was found, but its QR may never be shown
  rejected: { open: 'unknown', paid: 'paid', expired: 'expired', cancelled: 'cancelled', failed: null }, // the provider rejected the request and still made a charge: it must be cancelled
  absent: { open: 'unknown', paid: 'paid', expired: 'expired', cancelled: 'cancelled', failed: 'rejected' },
  cancelled: { open: null, paid: 'paid', expired: null, cancelled: null, failed: null }, // the payer paid before the provider carried out the cancellation
  expired: { open: null, paid: 'paid', expired: null, cancelled: null, failed: null },
  paid: { open: null, paid: null, expired: null, cancelled: null, failed: null }, // paid is final: an older answer never changes it
};

export const attemptAfter = (attempt: AttemptStatus, seen: ChargeStatus): AttemptStatus | null => attemptTransitions[attempt][seen];

/** The status of a payment whose shown charge was closed without money. */
const closedAs: { readonly [Seen in ChargeStatus]?: ClosedStatus } = { expired: 'expired', cancelled: 'cancelled', failed: 'failed' };

/**
 * Decides what a provider's answer about one charge changes; null when it is known already.
 *
 * The answer changes the attempt first. `paid` of any attempt changes the payment. A charge that closed without money changes the
 * payment only when its QR is the shown one: the genuine cancel notice of an attempt that lost a hedge must not close the shown QR.
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
  return payment.closingAs ?? closedStatus; // a provider that can only cancel reports our expiry as cancelled
}
