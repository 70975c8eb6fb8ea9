import type { Host } from '@gateway/shared/host';
import type { Attempt, Charge } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { payments, refunds } from '@gateway/shared/store';
import { openReviewOnce } from './open-review.ts';

/**
 * Opens a discrepancy for refunds that were made at the provider's dashboard and not requested here: the two records of money differ,
 * so an operator must decide. May run twice. @returns whether the discrepancy is new
 */
export async function recordExternalRefunds(
  host: Host,
  { paymentId, no: attemptNo }: Pick<Attempt, 'paymentId' | 'no'>,
  charge: Charge,
  now: Date,
): Promise<boolean> {
  const effective = charge.refunds.filter(({ status }) => status !== 'failed');
  if (effective.length === 0) return false;
  const ourReferences = new Set((await refunds.ofPayment(host.db.pool, paymentId)).map(({ reference }) => reference));
  const external = effective.filter(({ reference }) => reference === null || !ourReferences.has(reference));
  if (external.length === 0) return false;
  const theirs = external.map(({ amount, providerRefundId }) => `refunded ${amount} as ${providerRefundId}`).join(', ');
  return inTransaction(host.db, async (trx) => {
    const payment = await payments.lock(trx, paymentId);
    if (!payment) return false;
    return openReviewOnce(trx, payment, { reason: 'provider_contradicts', attemptNo, ours: 'not requested', theirs }, now);
  });
}
