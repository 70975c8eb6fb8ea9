import type { GuardedWriteOutcome } from '@gateway/shared/host';
import { type Attempt, announce, type Payment, type ReviewReason } from '@gateway/shared/payment';
import type { Queryable } from '@gateway/shared/postgres';
import { newEventId } from '@gateway/shared/runtime';
import { discrepancies, events } from '@gateway/shared/store';
import type { Review } from './plan-changes.ts';

interface ReviewToOpen {
  reason: ReviewReason;
  attemptNo: number | null;
  /** What it is about within the attempt. It is then reviewed once for ever, also after an operator closed it. */
  subject?: string;
  /** What the gateway has recorded, and what the provider says instead. */
  ours: string | null;
  theirs: string | null;
}

/**
 * Opens a discrepancy for an operator and announces it with `payment.review`, once per reason, attempt and subject. Without a subject it
 * sends one statement, at once. @returns whether it is new
 */
export async function openReviewOnce(trx: Queryable, payment: Payment, review: ReviewToOpen, now: Date): Promise<boolean> {
  const event = announce(payment, 'payment.review', { id: newEventId(), now, data: { reason: review.reason } });
  if (review.subject === undefined) return discrepancies.openAndAnnounce(trx, review, event, payment.orderKey);
  const isNew = await discrepancies.openOnceEver(trx, { ...review, paymentId: payment.id, at: now });
  if (isNew) await events.append(trx, event, payment.orderKey);
  return isNew;
}

/** Opens a discrepancy for an operator, and announces it once. Money held by policy was announced already, by `payment.paid_late`. */
export function openReview(trx: Queryable, payment: Payment, { reason, ...review }: Review, now: Date): Promise<unknown>[] {
  if (reason === 'late_money_held') return [discrepancies.open(trx, { ...review, reason, paymentId: payment.id, at: now })];
  return [openReviewOnce(trx, payment, { ...review, reason }, now)];
}

/** The host did not accept money that the order owes. The money stays recorded, and an operator decides. */
export function hostRefusedReview(attempt: Pick<Attempt, 'no'> | null | undefined, hostResult: GuardedWriteOutcome): Review {
  const theirs = hostResult.kind === 'raised' ? hostResult.postgres : 'no row';
  return { reason: 'host_refused', attemptNo: attempt?.no ?? null, ours: 'paid', theirs };
}

/** The order cannot be read although its money came. The money is recorded, and the deferred host write waits for the host. */
export function hostUnreadableReview(attempt: Pick<Attempt, 'no'> | null, hostError: Error): Review {
  return { reason: 'host_refused', attemptNo: attempt?.no ?? null, ours: 'paid', theirs: hostError.message };
}
