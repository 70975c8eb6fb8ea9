import type { GuardedWriteOutcome, Host } from '@gateway/shared/host';
import { addRupiah, type Payment, type Refund, refundFailureOf } from '@gateway/shared/payment';
import { inTransaction, isTransient, pipelined, type Transaction } from '@gateway/shared/postgres';
import type { Clock } from '@gateway/shared/runtime';
import { attempts, discrepancies, events, hostWrites, payments, refunds } from '@gateway/shared/store';
import { hostWriteRetryMs, hostWriteValues } from './host-write.ts';

interface RefundResult {
  status: 'succeeded' | 'failed';
  /** Why it failed, as the provider's adapter or a rule says it. */
  failure: string | null;
  providerRefundId: string | null;
}

/**
 * A refund has come to its end: its money, the payment, the event and the host's own row, in one transaction. A host that is busy
 * holds nothing up: it is told later. May run twice: the second finds it done.
 */
export async function concludeRefund(host: Host, payment: Payment, refund: Refund, result: RefundResult, clock: Clock): Promise<void> {
  try {
    await inTransaction(host.db, (trx) => writeResult(trx, host, payment, refund, result, clock, null));
  } catch (error) {
    if (!isTransient(error)) throw error;
    await inTransaction(host.db, (trx) => writeResult(trx, host, payment, refund, result, clock, error as Error));
  }
}

async function writeResult(
  trx: Transaction,
  host: Host,
  payment: Payment,
  refund: Refund,
  result: RefundResult,
  clock: Clock,
  hostError: Error | null,
): Promise<void> {
  const [, order, locked, attempt] = await pipelined([
    trx.query(host.orders.sessionStatement(payment.tenant)),
    hostError ? null : host.orders.lockOrder(trx, payment),
    payments.lock(trx, payment.id),
    attempts.find(trx, payment.id, refund.attemptNo),
  ] as const);
  if (!locked || !attempt) throw new Error(`refund ${refund.id}: payment or attempt not found`);
  const now = clock.now();
  const failure = result.status === 'failed' ? refundFailureOf(result.failure) : null;
  if (!(await refunds.finish(trx, refund, { ...result, failure, at: now }))) return;

  const isCounted = result.status === 'succeeded' && attempt.accepted; // a duplicate's refund is no refund of what the guest bought
  const after = isCounted ? withRefund(locked, refund) : locked;
  if (isCounted) await refunds.applyToPayment(trx, after, now);
  if (isCounted && hostError) {
    const nextTryAt = new Date(now.getTime() + hostWriteRetryMs);
    await hostWrites.defer(trx, {
      paymentId: locked.id,
      step: 'refunded',
      refundId: refund.id,
      nextTryAt,
      error: hostError.message,
      at: now,
    });
  }
  if (isCounted && !hostError) {
    const hostResult = await host.orders.writeInSavepoint(trx, 'refunded', hostWriteValues(after, order, now, refund));
    if (isRefusal(hostResult)) await openRefundNotBooked(trx, refund, hostResult, now);
  }
  await discrepancies.resolve(
    trx,
    { paymentId: locked.id, no: refund.attemptNo },
    'refund_unconfirmed',
    now,
    `the provider says ${result.status}`,
  );
  if (failure && refund.cause !== 'client') {
    const discrepancy = {
      paymentId: locked.id,
      attemptNo: refund.attemptNo,
      reason: 'refund_failed' as const,
      ours: String(refund.amount),
      theirs: failure,
    };
    await discrepancies.open(trx, { ...discrepancy, at: now });
  }
  const data = { refund_id: refund.id, refund_amount: refund.amount, cause: refund.cause, ...(failure ? { reason: failure } : {}) };
  await events.append(trx, events.paymentEvent(`refund.${result.status}`, after, now, data));
}

function withRefund(payment: Payment, { amount }: Refund): Payment {
  const refunded = addRupiah(payment.refunded, amount);
  return { ...payment, refunded, status: refunded >= payment.received ? 'refunded' : 'partially_refunded' };
}

export const isRefusal = (hostResult: GuardedWriteOutcome) => hostResult.kind === 'refused' || hostResult.kind === 'raised';

/** The money is back, and the host's books do not say so: a person has to look. */
export function openRefundNotBooked(
  trx: Transaction,
  { paymentId, attemptNo: no }: Refund,
  hostResult: GuardedWriteOutcome,
  at: Date,
): Promise<unknown> {
  const theirs = hostResult.kind === 'raised' ? hostResult.postgres : 'no row';
  return discrepancies.open(trx, { paymentId, attemptNo: no, reason: 'host_refused_refund', ours: 'refunded', theirs, at });
}
