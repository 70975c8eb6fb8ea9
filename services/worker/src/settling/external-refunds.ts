import type { Host } from '@gateway/shared/host';
import { announce, type Charge, type Payment } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { newEventId } from '@gateway/shared/runtime';
import { discrepancies, events, payments, refunds } from '@gateway/shared/store';

/**
 * Opens a discrepancy for refunds that were made at the provider's dashboard and not requested here: the two records of money differ,
 * so an operator must decide. May run twice. @returns whether the discrepancy is new
 */
export async function recordExternalRefunds(
  host: Host,
  payment: Pick<Payment, 'id'>,
  attemptNo: number,
  { refunds: chargeRefunds }: Charge,
  at: Date,
): Promise<boolean> {
  const effective = chargeRefunds.filter(({ status }) => status !== 'failed');
  if (effective.length === 0) return false;
  const ours = new Set((await refunds.ofPayment(host.db.pool, payment.id)).map(({ reference }) => reference));
  const external = effective.filter(({ reference }) => reference === null || !ours.has(reference));
  if (external.length === 0) return false;
  const theirs = external.map(({ amount, providerRefundId }) => `refunded ${amount} as ${providerRefundId}`).join(', ');
  return inTransaction(host.db, async (trx) => {
    const locked = await payments.lock(trx, payment.id);
    const reason = 'provider_contradicts';
    const isNew =
      locked !== null && (await discrepancies.open(trx, { paymentId: payment.id, attemptNo, reason, ours: 'not requested', theirs, at }));
    if (isNew) await events.append(trx, announce(locked, 'payment.review', { id: newEventId(), now: at, data: { reason } }));
    return isNew;
  });
}
