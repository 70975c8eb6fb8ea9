import { type GuardedWriteOutcome, type Host, isHostFailure } from '@gateway/shared/host';
import {
  addRupiah,
  announce,
  isSettled,
  type Payment,
  type PaymentEvent,
  type Refund,
  type RefundFailure,
  refundFailureOf,
  timeOfChange,
  transition,
} from '@gateway/shared/payment';
import { inTransaction, isTransient, pipelined, type Transaction } from '@gateway/shared/postgres';
import { type Clock, newEventId, plusMs } from '@gateway/shared/runtime';
import { attempts, discrepancies, events, hostWrites, payments, refunds } from '@gateway/shared/store';
import { hostWriteRetryMs, hostWriteValues, isHostsBusiness } from './host-write.ts';
import { inOrderTransaction } from './order-transaction.ts';

interface RefundResult {
  status: 'succeeded' | 'failed';
  /** Why it failed, as the provider's adapter or a rule names it. */
  failure: string | null;
  providerRefundId: string | null;
}

interface RefundContext {
  host: Host;
  payment: Payment;
  refund: Refund;
  result: RefundResult;
  clock: Clock;
}

/**
 * Writes the final result of a refund: its money, the payment, the event and the host's own row, in one transaction. A host that is
 * busy or cannot be read delays nothing: its write is deferred. May run twice: the second run finds the refund finished.
 */
export async function concludeRefund(context: RefundContext): Promise<void> {
  try {
    await inOrderTransaction(context.host, context.payment, (trx) => writeResult(trx, context, null));
  } catch (error) {
    if (!isTransient(error) && !isHostFailure(error)) throw error;
    await inTransaction(context.host.db, (trx) => writeResult(trx, context, error as Error));
  }
}

/** @param hostError why the host is left out this time; null: it takes part */
async function writeResult(
  trx: Transaction,
  { host, payment, refund, result, clock }: RefundContext,
  hostError: Error | null,
): Promise<void> {
  const [order, locked, attempt] = await pipelined([
    hostError ? null : host.orders.lockOrder(trx, payment),
    payments.lock(trx, payment.id),
    attempts.find(trx, payment.id, refund.attemptNo),
  ] as const);
  if (!locked || !attempt) throw new Error(`refund ${refund.id}: payment or attempt not found`);
  const now = clock.now();
  const failure = result.status === 'failed' ? refundFailureOf(result.failure) : null;
  if (!(await refunds.finish(trx, refund, { ...result, failure, at: now }))) return;

  // The refund of a second payment's money does not count: that money is not in the payment's `received` either.
  const isCounted = result.status === 'succeeded' && attempt.no === locked.settledAttempt;
  const { payment: updated, event } = applyRefund(locked, refund, { status: result.status, failure, isCounted, now });
  if (isCounted) await payments.saveRefunded(trx, updated);
  // The host records refunds of money that it has accepted. The change of an overpaid bill is not a refund of the bill.
  if (isCounted && attempt.accepted && isHostsBusiness(host, updated, refund)) {
    if (hostError) await deferRefundWrite(trx, refund, hostError, now);
    else {
      const hostResult = await host.orders.writeInSavepoint(trx, 'refunded', hostWriteValues(updated, order, now, { refund, attempt }));
      if (isRefusal(hostResult)) await openRefundNotBooked(trx, refund, hostResult, now);
    }
  }
  // The order was not paid with this money, and all of it went back: the host's row of the payment ends too.
  if (isCounted && !attempt.accepted && updated.status === 'refunded')
    await hostWrites.defer(trx, {
      paymentId: refund.paymentId,
      step: 'cancelled',
      nextTryAt: now,
      error: 'the money was refunded',
      at: now,
    });
  if (isCounted && attempt.unbooked && updated.status === 'refunded') await attempts.markBooked(trx, { ...attempt, paymentId: locked.id });
  const { paymentId, attemptNo } = refund;
  const because = `the provider says ${result.status}`;
  await discrepancies.resolve(trx, { paymentId, no: attemptNo }, 'refund_unconfirmed', now, because, refund.id);
  if (failure && refund.cause !== 'client') {
    await discrepancies.open(trx, {
      paymentId,
      attemptNo,
      reason: 'refund_failed',
      subject: refund.id,
      ours: String(refund.amount),
      theirs: failure,
      at: now,
    });
  }
  await events.append(trx, event, locked.orderKey);
}

/** The payment after the refund, with the event that announces it. */
function applyRefund(
  payment: Payment,
  { id, amount, cause }: Refund,
  { status, failure, isCounted, now }: { status: RefundResult['status']; failure: RefundFailure | null; isCounted: boolean; now: Date },
): { payment: Payment; event: PaymentEvent } {
  const data = { refund_id: id, refund_amount: amount, cause, ...(failure ? { reason: failure } : {}) };
  const announcement = { id: newEventId(), now, data };
  if (!isCounted) return { payment, event: announce(payment, `refund.${status}`, announcement) };
  const refunded = addRupiah(payment.refunded, amount);
  // Too little money for the bill went back: the payment was never paid, so its status does not change.
  const updated = { ...payment, refunded, updatedAt: timeOfChange(payment, now) };
  if (!isSettled(payment)) return { payment: updated, event: announce(updated, 'refund.succeeded', announcement) };
  const to = refunded >= payment.received ? 'refunded' : 'partially_refunded';
  return transition({ ...payment, refunded }, to, 'refund.succeeded', announcement);
}

function deferRefundWrite(trx: Transaction, { id, paymentId }: Refund, hostError: Error, now: Date): Promise<unknown> {
  const nextTryAt = plusMs(now, hostWriteRetryMs);
  return hostWrites.defer(trx, { paymentId, step: 'refunded', refundId: id, nextTryAt, error: hostError.message, at: now });
}

/** True when the host has a statement for this step and did not carry it out. */
export const isRefusal = (hostResult: GuardedWriteOutcome): boolean => hostResult.kind === 'refused' || hostResult.kind === 'raised';

/** The money is back, but the host did not record it: an operator must correct the host. */
export function openRefundNotBooked(
  trx: Transaction,
  { id, paymentId, attemptNo }: Refund,
  hostResult: GuardedWriteOutcome,
  at: Date,
): Promise<unknown> {
  const theirs = hostResult.kind === 'raised' ? hostResult.postgres : 'no row';
  return discrepancies.open(trx, { paymentId, attemptNo, reason: 'host_refused_refund', subject: id, ours: 'refunded', theirs, at });
}
