import { type GuardedWriteOutcome, isTransient } from '@gateway/shared/host';
import { addRupiah, refundFailureOf } from '@gateway/shared/payment';
import type { Clock } from '@gateway/shared/runtime';
import {
  appendEvent,
  attemptNo,
  countRefund,
  finishRefund,
  inTransaction,
  lockPayment,
  openDiscrepancy,
  oweHostWrite,
  type Payment,
  paymentEvent,
  type Refund,
  sent,
  settleDiscrepancy,
  type Transaction,
} from '@gateway/shared/store';
import { hostWriteOf } from './host-write.ts';
import type { ServingHost } from './serving-host.ts';

interface End {
  status: 'succeeded' | 'failed';
  /** Why it failed, as the provider's adapter or a rule says it. */
  failure: string | null;
  providerRefundId: string | null;
}

const owedAgainMs = 5_000;

/**
 * A refund has come to its end: its money, the payment, the event and the host's own row, in one transaction. A host that is busy
 * holds nothing up: it is told later. May run twice: the second finds it done.
 */
export async function concludeRefund(host: ServingHost, payment: Payment, refund: Refund, end: End, clock: Clock): Promise<void> {
  try {
    await inTransaction(host.db, (trx) => write(trx, host, payment, refund, end, clock, null));
  } catch (error) {
    if (!isTransient(error)) throw error;
    await inTransaction(host.db, (trx) => write(trx, host, payment, refund, end, clock, error as Error));
  }
}

async function write(
  trx: Transaction,
  host: ServingHost,
  about: Payment,
  refund: Refund,
  end: End,
  clock: Clock,
  busy: Error | null,
): Promise<void> {
  const [, order, payment, attempt] = await sent([
    trx.query(host.orders.sessionStatement(about.tenant)),
    busy ? null : host.orders.lockOrder(trx, about),
    lockPayment(trx, about.id),
    attemptNo(trx, about.id, refund.attemptNo),
  ] as const);
  if (!payment || !attempt) throw new Error(`refund ${refund.id} has lost its payment`);
  const now = clock.now();
  const failure = end.status === 'failed' ? refundFailureOf(end.failure) : null;
  if (!(await finishRefund(trx, refund, { ...end, failure, at: now }))) return;

  const counts = end.status === 'succeeded' && attempt.accepted; // a duplicate's refund is no refund of what the guest bought
  const after = counts ? withRefund(payment, refund) : payment;
  if (counts) await countRefund(trx, after, now);
  if (counts && busy) {
    const nextTryAt = new Date(now.getTime() + owedAgainMs);
    await oweHostWrite(trx, { paymentId: payment.id, step: 'refunded', refundId: refund.id, nextTryAt, error: busy.message, at: now });
  }
  if (counts && !busy) {
    const said = await host.orders.writeInSavepoint(trx, 'refunded', hostWriteOf(after, order, now, refund));
    if (isNo(said)) await refundNotBooked(trx, refund, said, now);
  }
  await settleDiscrepancy(
    trx,
    { paymentId: payment.id, no: refund.attemptNo },
    'refund_unconfirmed',
    now,
    `the provider says ${end.status}`,
  );
  if (failure && refund.cause !== 'client') {
    const failed = {
      paymentId: payment.id,
      attemptNo: refund.attemptNo,
      reason: 'refund_failed' as const,
      ours: String(refund.amount),
      theirs: failure,
    };
    await openDiscrepancy(trx, { ...failed, at: now });
  }
  const data = { refund_id: refund.id, refund_amount: refund.amount, cause: refund.cause, ...(failure ? { reason: failure } : {}) };
  await appendEvent(trx, paymentEvent(`refund.${end.status}`, after, now, data));
}

function withRefund(payment: Payment, { amount }: Refund): Payment {
  const refunded = addRupiah(payment.refunded, amount);
  return { ...payment, refunded, status: refunded >= payment.received ? 'refunded' : 'partially_refunded' };
}

export const isNo = (said: GuardedWriteOutcome) => said.kind === 'refused' || said.kind === 'raised';

/** The money is back, and the host's books do not say so: a person has to look. */
export function refundNotBooked(
  trx: Transaction,
  { paymentId, attemptNo: no }: Refund,
  said: GuardedWriteOutcome,
  at: Date,
): Promise<unknown> {
  const theirs = said.kind === 'raised' ? said.postgres : 'no row';
  return openDiscrepancy(trx, { paymentId, attemptNo: no, reason: 'host_refused_refund', ours: 'refunded', theirs, at });
}
