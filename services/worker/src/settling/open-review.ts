import { announce, type Payment, type ReviewReason } from '@gateway/shared/payment';
import type { Transaction } from '@gateway/shared/postgres';
import { newEventId } from '@gateway/shared/runtime';
import { discrepancies, events } from '@gateway/shared/store';

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
export async function openReviewOnce(trx: Transaction, payment: Payment, review: ReviewToOpen, now: Date): Promise<boolean> {
  const event = announce(payment, 'payment.review', { id: newEventId(), now, data: { reason: review.reason } });
  if (review.subject === undefined) return discrepancies.openAndAnnounce(trx, review, event);
  const isNew = await discrepancies.openOnceEver(trx, { ...review, paymentId: payment.id, at: now });
  if (isNew) await events.append(trx, event);
  return isNew;
}
