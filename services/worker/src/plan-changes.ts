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
import type { AttemptRow, EventData, HostStep, Payment, RouteStep } from '@gateway/shared/store';
import { nextWatch, watchUntilAfter } from './watch.ts';

/**
 * What was learned or decided about a payment. `charge`: a provider's own answer. `closed`: our decision, after asking.
 * `given_up`: no provider could make a QR; said by one claim, and only as long as it holds.
 */
export type Word =
  | { kind: 'charge'; attemptNo: number; charge: Charge }
  | { kind: 'closed'; as: 'expired' | 'cancelled'; reason: CloseReason | CancelReason }
  | { kind: 'given_up'; claim: number; reason: CloseReason; route: RouteStep[] };

/** What we know under the locks when the word is weighed. */
export interface Known {
  payment: Payment;
  attempts: readonly AttemptRow[];
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

export interface Changes {
  /** The payment as it will be. */
  payment: Payment;
  /** The attempt as it will be. */
  attempt: AttemptRow | null;
  hostStep: HostStep | null;
  /** The order is to be paid with this money, if the host takes it. */
  accepts: boolean;
  events: { type: PaymentEventType; data: EventData }[];
  reviews: Review[];
  refund: { attemptNo: number; amount: Rupiah; cause: 'duplicate' | 'late' } | null;
}

/** What a word makes of what we know; null is old news. Decides only: apply-charge.ts writes. */
export function planChanges(known: Known, word: Word): Changes | null {
  if (word.kind === 'closed') return close(known, word.as, word.reason);
  if (word.kind === 'given_up') return giveUp(known, word);
  const attempt = known.attempts.find(({ no }) => no === word.attemptNo);
  const news = attempt && statusAfter({ payment: { ...known.payment, takenDownAs: takenDownAs(known) }, attempt }, word.charge);
  if (!attempt || !news) return null;
  const after = {
    ...attempt,
    ...seenOf(word.charge),
    status: news.attempt,
    answeredAt: known.now,
    resolveAt: news.attempt === 'unknown' ? known.now : null,
  };
  if (word.charge.status === 'paid') return receive(known, after, word.charge);
  if (!news.payment) return { ...nothing(known.payment), attempt: after };
  const closed = close(known, news.payment as 'expired' | 'cancelled' | 'failed', 'provider');
  return { ...(closed ?? nothing(known.payment)), attempt: after }; // in doubt, the payment stays open: the attempt's end is news all the same
}

function giveUp(known: Known, { claim, reason, route }: Extract<Word, { kind: 'given_up' }>): Changes | null {
  // A QR came on display after all, or somebody else is making one.
  if (known.payment.status !== 'created' || known.payment.claims !== claim) return null;
  return close({ ...known, payment: { ...known.payment, route } }, 'failed', reason);
}

function takenDownAs({ payment, now }: Known): 'cancelled' | 'expired' | null {
  if (payment.cancelRequestedAt) return 'cancelled';
  return payment.expiresAt <= now ? 'expired' : null;
}

function close({ payment, now }: Known, as: 'expired' | 'cancelled' | 'failed', said: CloseReason | CancelReason): Changes | null {
  if (payment.status !== 'created' && (payment.status !== 'pending' || payment.reviewSince)) return null;
  const closed = {
    ...payment,
    status: as,
    hiddenAt: payment.hiddenAt ?? now,
    watchUntil: watchUntilAfter(payment, now),
    updatedAt: now,
  };
  const reason = as === 'cancelled' && said === 'provider' ? (payment.cancelReason ?? said) : said; // that it did as we asked is no reason
  return {
    ...nothing({ ...closed, checkAt: nextWatch(closed, now) }),
    hostStep: as,
    events: [{ type: `payment.${as}`, data: { reason } }],
  };
}

function receive(known: Known, attempt: AttemptRow, charge: Charge): Changes {
  const { payment, now } = known;
  const received = charge.paidAmount ?? charge.amount;
  const paidAt = charge.paidAt ?? now;
  const due = known.due === 'unknown' ? payment.amount : known.due; // the host will say, in its own time: host_writes
  const judged = judgeMoney({ payment, attemptNo: attempt.no, received, due, lateMoney: known.lateMoney });
  const arrived = { paid_at: paidAt.toISOString(), issuer: charge.issuer, received_amount: received };
  const reviews: Review[] = judged.reviews.map((reason) => ({
    reason,
    attemptNo: attempt.no,
    ours: String(payment.amount),
    theirs: String(received),
  }));
  if (judged.policy === 'hold')
    reviews.push({ reason: 'late_money_held', attemptNo: attempt.no, ours: payment.status, theirs: String(received) });
  return {
    payment: paid(payment, judged.status, { attemptNo: attempt.no, received, paidAt, now }),
    attempt: { ...attempt, paid: received, paidAt },
    hostStep: judged.money === 'accept' ? 'paid' : null,
    accepts: judged.money === 'accept',
    events: judged.event ? [{ type: judged.event, data: judged.policy ? { ...arrived, policy: judged.policy } : arrived }] : [],
    reviews,
    refund: judged.refundCause ? { attemptNo: attempt.no, amount: received, cause: judged.refundCause } : null,
  };
}

function paid(
  payment: Payment,
  status: 'paid' | null,
  { attemptNo, received, paidAt, now }: { attemptNo: number; received: Rupiah; paidAt: Date; now: Date },
): Payment {
  const hidden = { ...payment, hiddenAt: payment.hiddenAt ?? now, reviewSince: null, updatedAt: now };
  // Paid by another QR than the one that was on display: that one may still be paid too, so it is watched on.
  const checkAt = attemptNo === payment.shownAttempt ? null : nextWatch(hidden, now);
  if (status) return { ...hidden, status, received, paidAt, checkAt };
  // Too little arrived: its QR must not be scanned again, and it does not expire. Or it was paid before, and stays as it is.
  const isOpen = payment.status === 'created' || payment.status === 'pending';
  return isOpen ? { ...hidden, received, reviewSince: now, checkAt: null } : { ...payment, updatedAt: now };
}

/** What a provider's answer adds to what we know of an attempt. */
function seenOf({ providerChargeId, issuer, receipt }: Charge): Pick<AttemptRow, 'providerChargeId'> & Partial<AttemptRow> {
  return { providerChargeId, ...(issuer ? { issuer } : {}), ...(receipt ? { receipt } : {}) };
}

function nothing(payment: Payment): Changes {
  return { payment, attempt: null, hostStep: null, accepts: false, events: [], reviews: [], refund: null };
}
