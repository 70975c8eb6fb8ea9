import type { Charge } from '@gateway/shared/payment';
import { appendEvent, inTransaction, lockPayment, openDiscrepancy, type Payment, paymentEvent, refundsOf } from '@gateway/shared/store';
import type { ServingHost } from './serving-host.ts';

/**
 * Somebody gave money back at the provider's own dashboard: our books and the provider's differ, so a person is told. May run twice.
 * @returns whether that is news
 */
export async function noteStrangeRefunds(
  host: ServingHost,
  about: Pick<Payment, 'id'>,
  attemptNo: number,
  { refunds }: Charge,
  at: Date,
): Promise<boolean> {
  const given = refunds.filter(({ status }) => status !== 'failed');
  if (given.length === 0) return false;
  const ours = new Set((await refundsOf(host.db.pool, about.id)).map(({ reference }) => reference));
  const strange = given.filter(({ reference }) => reference === null || !ours.has(reference));
  if (strange.length === 0) return false;
  const theirs = strange.map(({ amount, providerRefundId }) => `gave back ${amount} as ${providerRefundId}`).join(', ');
  return inTransaction(host.db, async (trx) => {
    const payment = await lockPayment(trx, about.id);
    const reason = 'provider_contradicts';
    const isNew =
      payment !== null && (await openDiscrepancy(trx, { paymentId: about.id, attemptNo, reason, ours: 'did not ask', theirs, at }));
    if (isNew) await appendEvent(trx, paymentEvent('payment.review', payment, at, { reason }));
    return isNew;
  });
}
