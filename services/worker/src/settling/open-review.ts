import { announce, type Payment, type ReviewReason } from '@gateway/shared/payment';
import type { Transaction } from '@gateway/shared/postgres';
import { newEventId } from '@gateway/shared/runtime';
import { discrepancies, events } from '@gateway/shared/store';

interface ReviewToOpen {
  reason: ReviewReason;
  attemptNo: number;
  /** What the gateway has recorded, and what the provider says instead. */
  ours: string;
  theirs: string;
}

/** Opens a discrepancy for an operator and announces it with `payment.review`, once per reason and attempt. @returns whether it is new */
export async function openReviewOnce(trx: Transaction, payment: Payment, review: ReviewToOpen, now: Date): Promise<boolean> {
  const isNew = await discrepancies.open(trx, { ...review, paymentId: payment.id, at: now });
  if (isNew) await events.append(trx, announce(payment, 'payment.review', { id: newEventId(), now, data: { reason: review.reason } }));
  return isNew;
}
