import type { Attempt, EventData, Payment, RouteStep } from '@gateway/shared/payment';
import {
  type CancelReason,
  type Charge,
  type CloseReason,
  judgeMoney,
  type LateMoney,
  type PaymentEventType,
  type ReviewReason,
  type Rupiah,
  statusAfter,
} from '@gateway/shared/payment';
import type { hostWrites } from '@gateway/shared/store';
import { latePollingUntil, nextLatePoll } from './late-polling.ts';

/**
 * What was learned or decided about a payment. `charge`: a provider's own answer. `closed`: our decision, after asking.
 * `given_up`: no provider could make a QR; said by one claim, and only as long as it holds.
 */
export type PaymentUpdate =
  | { kind: 'charge'; attemptNo: number; charge: Charge }
  | { kind: 'closed'; as: 'expired' | 'cancelled'; reason: CloseReason | CancelReason }
  | { kind: 'given_up'; leaseNo: number; reason: CloseReason; route: RouteStep[] };

/** What we know under the locks when the word is weighed. */
export interface LockedState {
  payment: Payment;
  attempts: readonly Attempt[];
  /** What the host owes now, rounded; null when the host has no such order any more; `unknown` when the host could not be asked. */
  due: Rupiah | null | 'unknown';
  lateMoney: LateMoney;
  now: Date;
}

export interface Review {
  reason: ReviewReason | 'late_money_held';
  attemptNo: number | null;
  ours: string | null;
  theirs: string | null;
}

export interface PlannedChanges {
  /** The payment as it will be. */
  payment: Payment;
  /** The attempt as it will be. */
  attempt: Attempt | null;
  hostStep: hostWrites.HostStep | null;
  /** The order is to be paid with this money, if the host takes it. */
  accepts: boolean;
  events: { type: PaymentEventType; data: EventData }[];
  reviews: Review[];
  refund: { attemptNo: number; amount: Rupiah; cause: 'duplicate' | 'late' } | null;
}

/** What a word makes of what we know; null is old news. Decides only: apply-charge.ts writes. */
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
  if (!change.payment) return { ...unchanged(state.payment), attempt: after };
  const closed = planClose(state, change.payment as 'expired' | 'cancelled' | 'failed', 'provider');
  return { ...(closed ?? unchanged(state.payment)), attempt: after }; // in doubt, the payment stays open: the attempt's end is news all the same
}

function planGiveUp(state: LockedState, { leaseNo, reason, route }: Extract<PaymentUpdate, { kind: 'given_up' }>): PlannedChanges | null {
  // A QR came on display after all, or somebody else is making one.
  if (state.payment.status !== 'created' || state.payment.leaseNo !== leaseNo) return null;
  return planClose({ ...state, payment: { ...state.payment, route } }, 'failed', reason);
}

function closingAs({ payment, now }: LockedState): 'cancelled' | 'expired' | null {
  if (payment.cancelRequestedAt) return 'cancelled';
  return payment.expiresAt <= now ? 'expired' : null;
}

function planClose(
  { payment, now }: LockedState,
  as: 'expired' | 'cancelled' | 'failed',
  closeReason: CloseReason | CancelReason,
): PlannedChanges | null {
  if (payment.status !== 'created' && (payment.status !== 'pending' || payment.reviewSince)) return null;
  const closed = {
    ...payment,
    status: as,
    hiddenAt: payment.hiddenAt ?? now,
    watchUntil: latePollingUntil(payment, now),
    updatedAt: now,
  };
  const reason = as === 'cancelled' && closeReason === 'provider' ? (payment.cancelReason ?? closeReason) : closeReason; // that it did as we asked is no reason
  return {
    ...unchanged({ ...closed, checkAt: nextLatePoll(closed, now) }),
    hostStep: as,
    events: [{ type: `payment.${as}`, data: { reason } }],
  };
}

function planReceivedMoney(state: LockedState, attempt: Attempt, charge: Charge): PlannedChanges {
  const { payment, now } = state;
  const received = charge.paidAmount ?? charge.amount;
  const paidAt = charge.paidAt ?? now;
  const due = state.due === 'unknown' ? payment.amount : state.due; // the host will say, in its own time: host_writes
  const judged = judgeMoney({ payment, attemptNo: attempt.no, received, due, lateMoney: state.lateMoney });
  const eventData = { paid_at: paidAt.toISOString(), issuer: charge.issuer, received_amount: received };
  const reviews: Review[] = judged.reviews.map((reason) => ({
    reason,
    attemptNo: attempt.no,
    ours: String(payment.amount),
    theirs: String(received),
  }));
  if (judged.policy === 'hold')
    reviews.push({ reason: 'late_money_held', attemptNo: attempt.no, ours: payment.status, theirs: String(received) });
  return {
    payment: withMoney(payment, judged.status, { attemptNo: attempt.no, received, paidAt, now }),
    attempt: { ...attempt, paid: received, paidAt },
    hostStep: judged.money === 'accept' ? 'paid' : null,
    accepts: judged.money === 'accept',
    events: judged.event ? [{ type: judged.event, data: judged.policy ? { ...eventData, policy: judged.policy } : eventData }] : [],
    reviews,
    refund: judged.refundCause ? { attemptNo: attempt.no, amount: received, cause: judged.refundCause } : null,
  };
}

function withMoney(
  payment: Payment,
  status: 'paid' | null,
  { attemptNo, received, paidAt, now }: { attemptNo: number; received: Rupiah; paidAt: Date; now: Date },
): Payment {
  const hidden = { ...payment, hiddenAt: payment.hiddenAt ?? now, reviewSince: null, updatedAt: now };
  // Paid by another QR than the one that was on display: that one may still be paid too, so it is watched on.
  const checkAt = attemptNo === payment.shownAttempt ? null : nextLatePoll(hidden, now);
  if (status) return { ...hidden, status, received, paidAt, checkAt };
  // Too little arrived: its QR must not be scanned again, and it does not expire. Or it was paid before, and stays as it is.
  const isOpen = payment.status === 'created' || payment.status === 'pending';
  return isOpen ? { ...hidden, received, reviewSince: now, checkAt: null } : { ...payment, updatedAt: now };
}

/** What a provider's answer adds to what we know of an attempt. */
function chargeDetails({ providerChargeId, issuer, receipt }: Charge): Pick<Attempt, 'providerChargeId'> & Partial<Attempt> {
  return { providerChargeId, ...(issuer ? { issuer } : {}), ...(receipt ? { receipt } : {}) };
}

function unchanged(payment: Payment): PlannedChanges {
  return { payment, attempt: null, hostStep: null, accepts: false, events: [], reviews: [], refund: null };
}
