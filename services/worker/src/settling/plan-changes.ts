import {
  type Attempt,
  announce,
  type CancelReason,
  type Charge,
  type ClosedStatus,
  type CloseReason,
  type EventData,
  isOpen,
  isSettled,
  type Judgement,
  judgeMoney,
  type LateMoney,
  type Payment,
  type PaymentEvent,
  type ReviewReason,
  type RouteStep,
  type Rupiah,
  statusAfter,
  timeOfChange,
  transition,
} from '@gateway/shared/payment';
import type { hostWrites } from '@gateway/shared/store';
import { latePollingUntil, nextLatePoll } from './late-polling.ts';

/**
 * What was learned or decided about a payment. `charge`: the provider's answer about one charge. `closed`: our decision, after the
 * provider was asked. `given_up`: no provider could make a QR; valid only while the lease of the job that reports it is the newest.
 */
export type PaymentUpdate =
  | { kind: 'charge'; attemptNo: number; charge: Charge }
  | { kind: 'closed'; as: 'expired' | 'cancelled'; reason: CloseReason | CancelReason }
  | { kind: 'given_up'; leaseNo: number; reason: CloseReason; route: RouteStep[] };

/** What is known under the locks when an update is judged. */
export interface LockedState {
  payment: Payment;
  attempts: readonly Attempt[];
  /** The amount due in the host, rounded. Null: the host has no such order any more. `unknown`: the host could not be read. */
  due: Rupiah | null | 'unknown';
  /** True when the host has received other money for the order since the bill was made. */
  isPaidElsewhere: boolean;
  lateMoney: LateMoney;
  /** The id of the event that the update may cause. */
  eventId: string;
  now: Date;
}

/** Two records of money disagree: opens a discrepancy. `ours` and `theirs` are the two values. */
export interface Review {
  reason: ReviewReason | 'late_money_held';
  attemptNo: number | null;
  ours: string | null;
  theirs: string | null;
}

export interface PlannedChanges {
  /** The payment and the attempt as they will be. */
  payment: Payment;
  attempt: Attempt | null;
  hostStep: hostWrites.HostStep | null;
  /** The order is paid with this money, if the host accepts it. */
  accepts: boolean;
  event: PaymentEvent | null;
  reviews: Review[];
  refund: { attemptNo: number; amount: Rupiah; cause: 'duplicate' | 'late' } | null;
}

/** Decides what an update changes; null when it is known already. Pure: payment-writer.ts writes. */
export function planChanges(state: LockedState, update: PaymentUpdate): PlannedChanges | null {
  if (update.kind === 'closed') return planClose(state, update.as, update.reason);
  if (update.kind === 'given_up') return planGiveUp(state, update);
  const attempt = state.attempts.find(({ no }) => no === update.attemptNo);
  const change = attempt && statusAfter({ payment: { ...state.payment, closingAs: closingAs(state) }, attempt }, update.charge);
  if (!attempt || !change) return null;
  const after = {
    ...attempt,
    ...chargeDetails(update.charge),
    status: change.attempt,
    answeredAt: state.now,
    resolveAt: change.attempt === 'unknown' ? state.now : null,
  };
  if (update.charge.status === 'paid') return planReceivedMoney(state, after, update.charge);
  const closed = change.payment && change.payment !== 'paid' ? planClose(state, change.payment, 'provider') : null;
  // While a report of payment is unconfirmed, the payment stays open, but the end of the attempt is recorded.
  return { ...(closed ?? unchanged(state.payment)), attempt: after };
}

function planGiveUp(state: LockedState, { leaseNo, reason, route }: Extract<PaymentUpdate, { kind: 'given_up' }>): PlannedChanges | null {
  // Otherwise a QR was shown after all, or a job with a newer lease makes one.
  if (state.payment.status !== 'created' || state.payment.leaseNo !== leaseNo) return null;
  return planClose({ ...state, payment: { ...state.payment, route } }, 'failed', reason);
}

/** Why the gateway itself is closing the charge; null when it is not. */
function closingAs({ payment, now }: LockedState): 'cancelled' | 'expired' | null {
  if (payment.cancelRequestedAt) return 'cancelled';
  return payment.expiresAt <= now ? 'expired' : null;
}

function planClose({ payment, eventId, now }: LockedState, as: ClosedStatus, cause: CloseReason | CancelReason): PlannedChanges | null {
  // A pending payment with an unconfirmed report of payment is not closed: its guest may have paid.
  if (!isOpen(payment) || (payment.status === 'pending' && payment.reviewSince)) return null;
  // The provider cancelled because we asked it to, so the stored cancel reason is reported.
  const reason = as === 'cancelled' && cause === 'provider' ? (payment.cancelReason ?? cause) : cause;
  const hidden = { ...payment, hiddenAt: payment.hiddenAt ?? now, watchUntil: latePollingUntil(payment, now) };
  const { payment: closed, event } = transition(hidden, as, `payment.${as}`, { id: eventId, now, data: { reason } });
  return { ...unchanged({ ...closed, checkAt: nextLatePoll(closed, now) }), hostStep: as, event };
}

function planReceivedMoney(state: LockedState, attempt: Attempt, charge: Charge): PlannedChanges {
  const { payment, now } = state;
  const received = charge.paidAmount ?? charge.amount;
  const paidAt = charge.paidAt ?? now;
  // The host could not be read. The retry in `host_writes` checks the amount due.
  const due = state.due === 'unknown' ? payment.amount : state.due;
  const judged = judgeMoney({
    payment,
    attemptNo: attempt.no,
    received,
    paidAt: charge.paidAt,
    due,
    isPaidElsewhere: state.isPaidElsewhere,
    lateMoney: state.lateMoney,
  });
  const { issuer, receipt } = attempt;
  const data: EventData = { paid_at: paidAt.toISOString(), issuer, receipt, received_amount: received };
  return {
    ...applyMoney(state, judged, {
      attemptNo: attempt.no,
      received,
      paidAt,
      data: judged.policy ? { ...data, policy: judged.policy } : data,
    }),
    attempt: { ...attempt, paid: received, paidAt },
    hostStep: judged.money === 'accept' ? 'paid' : null,
    accepts: judged.money === 'accept',
    reviews: reviewsOf(judged, payment, attempt, received),
    refund: judged.refundCause ? { attemptNo: attempt.no, amount: received, cause: judged.refundCause } : null,
  };
}

interface ReceivedMoney {
  attemptNo: number;
  received: Rupiah;
  paidAt: Date;
  data: EventData;
}

/** The payment after money arrived, with the event that announces it. */
function applyMoney(
  { payment, eventId: id, now }: LockedState,
  { status, event }: Judgement,
  { attemptNo, received, paidAt, data }: ReceivedMoney,
): Pick<PlannedChanges, 'payment' | 'event'> {
  const hidden = { ...payment, hiddenAt: payment.hiddenAt ?? now, reviewSince: null };
  const updatedAt = timeOfChange(payment, now);
  // Paid by another QR than the one on display: that one may still be paid too, so it is polled on.
  const checkAt = attemptNo === payment.shownAttempt ? null : nextLatePoll(hidden, now);
  const withMoney = { ...hidden, received, settledAttempt: attemptNo };
  if (status && event) return transition({ ...withMoney, paidAt, checkAt }, status, event, { id, now, data });
  // Too little arrived: the QR must not be scanned again, and the payment does not expire.
  if (isOpen(payment)) return { payment: { ...withMoney, reviewSince: now, checkAt: null, updatedAt }, event: null };
  // Too little for a closed payment: the money is recorded, and the payment stays closed.
  if (!isSettled(payment)) return { payment: { ...payment, received, settledAttempt: attemptNo, updatedAt }, event: null };
  // The second money of a settled payment is a record of its own: the payment stays as it is.
  const updated = { ...payment, updatedAt };
  return { payment: updated, event: event && announce(updated, event, { id, now, data }) };
}

function reviewsOf({ reviews, policy }: Judgement, payment: Payment, { no: attemptNo }: Attempt, received: Rupiah): Review[] {
  const theirs = String(received);
  const held: Review[] = policy === 'hold' ? [{ reason: 'late_money_held', attemptNo, ours: payment.status, theirs }] : [];
  return [...reviews.map((reason) => ({ reason, attemptNo, ours: String(payment.amount), theirs })), ...held];
}

/** What a provider's answer adds to the attempt. A detail that the answer lacks does not erase a known one. */
function chargeDetails({ providerChargeId, issuer, receipt }: Charge): Pick<Attempt, 'providerChargeId'> & Partial<Attempt> {
  return { providerChargeId, ...(issuer ? { issuer } : {}), ...(receipt ? { receipt } : {}) };
}

function unchanged(payment: Payment): PlannedChanges {
  return { payment, attempt: null, hostStep: null, accepts: false, event: null, reviews: [], refund: null };
}
