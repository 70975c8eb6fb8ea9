import type { Host } from '@gateway/shared/host';
import type { Attempt, Charge } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { payments, refunds } from '@gateway/shared/store';
import { contradictionsOf, type RecordedAttempt } from './contradictions-of.ts';
import { openReviewOnce } from './open-review.ts';

/**
 * Opens a discrepancy for each point where the provider's answer differs from what is recorded here: refunds that were made at its
 * dashboard, money that it took back, a second payment, a dispute. An operator must decide. May run twice.
 * @param unknownEvent the provider's own word for what a webhook reports, when the gateway does not know it
 * @returns whether a discrepancy is new
 */
export async function recordContradictions(
  host: Host,
  attempt: RecordedAttempt & Pick<Attempt, 'paymentId' | 'no'>,
  { charge, unknownEvent, now }: { charge: Charge; unknownEvent: string | null; now: Date },
): Promise<boolean> {
  const known = charge.refunds.length === 0 ? [] : await refunds.ofPayment(host.db.pool, attempt.paymentId);
  const contradictions = contradictionsOf(attempt, known, { charge, unknownEvent });
  if (contradictions.length === 0) return false;
  return inTransaction(host.db, async (trx) => {
    const payment = await payments.lock(trx, attempt.paymentId);
    if (!payment) return false;
    let isNew = false;
    for (const contradiction of contradictions) {
      const review = { ...contradiction, reason: 'provider_contradicts', attemptNo: attempt.no } as const;
      isNew = (await openReviewOnce(trx, payment, review, now)) || isNew;
    }
    return isNew;
  });
}
