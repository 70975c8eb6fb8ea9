import type { GuardedWriteOutcome, Host, HostOrder } from '@gateway/shared/host';
import { type Attempt, addRupiah, announce, type HostWriteId, type Payment, type Refund } from '@gateway/shared/payment';
import { inTransaction, isTransient, pipelined, type Transaction } from '@gateway/shared/postgres';
import type { JobOutcome, JobPayload } from '@gateway/shared/queue';
import { type Clock, newEventId } from '@gateway/shared/runtime';
import { attempts, events, hostWrites, payments, refunds } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { isRefusal, openRefundNotBooked } from '../settling/conclude-refund.ts';
import { hostWriteValues } from '../settling/host-write.ts';
import { dueOf, hostRefusedReview, openReview, orderPaid } from '../settling/payment-writer.ts';

type WriteHostDeps = Pick<Deps, 'hosts' | 'wakeRelay' | 'clock'>;
type Outcome = JobOutcome<'write-host'>;

/** A deferred host write in its transaction, with the order and the payment locked. */
interface WriteContext {
  trx: Transaction;
  host: Host;
  hostWrite: hostWrites.HostWrite;
  payment: Payment;
  /** The attempt whose money pays the order. */
  accepted: Attempt | undefined;
  order: HostOrder | null;
  now: Date;
}

/**
 * Runs a host write that was deferred because the host was busy. Money is judged again under the order's lock: the order may have been
 * paid otherwise meanwhile. May run twice, also at the same time: the second run finds the write done.
 */
export const writeHost =
  ({ hosts, wakeRelay, clock }: WriteHostDeps) =>
  async ({ host: hostId, hostWriteId }: JobPayload<'write-host'>): Promise<Outcome> => {
    const host = hosts.byId(hostId);
    const hostWrite = await hostWrites.find(host.db.pool, hostWriteId);
    const payment = hostWrite && (await payments.find(host.db.pool, hostWrite.paymentId));
    if (!payment) return 'already_done';
    try {
      const outcome = await inTransaction(host.db, async (trx) => {
        const context = await lock(trx, { host, payment, hostWriteId, clock });
        return context ? runHostWrite(context) : 'already_done';
      });
      wakeRelay(host);
      return outcome;
    } catch (error) {
      if (isTransient(error)) return 'retry_scheduled'; // the claim has set the time of the next try
      throw error;
    }
  };

/** Locks the order, then the payment. Null: another run has done the write. */
async function lock(
  trx: Transaction,
  { host, payment: { id, orderKey, tenant }, hostWriteId, clock }: { host: Host; payment: Payment; hostWriteId: HostWriteId; clock: Clock },
): Promise<WriteContext | null> {
  const [, order, payment, attemptRows, hostWrite] = await pipelined([
    trx.query(host.orders.sessionStatement(tenant)),
    host.orders.lockOrder(trx, { orderKey, tenant }),
    payments.lock(trx, id),
    attempts.ofPayment(trx, id),
    hostWrites.find(trx, hostWriteId),
  ] as const);
  if (!payment || !hostWrite) return null;
  return { trx, host, hostWrite, payment, accepted: attemptRows.find(({ accepted }) => accepted), order, now: clock.now() };
}

async function runHostWrite(context: WriteContext): Promise<Outcome> {
  const { trx, hostWrite } = context;
  if (hostWrite.refundId) return writeRefund(context, await refunds.find(trx, hostWrite.refundId));
  return hostWrite.step === 'paid' ? writePaid(context) : writeClosed(context);
}

async function writePaid(context: WriteContext): Promise<Outcome> {
  const { trx, host, payment, accepted, order, now } = context;
  if (!accepted) return finishObsolete(context);
  const due = dueOf(order, host, payment);
  if (due !== null && due < payment.amount) return refundDuplicate(context, accepted);
  const hostResult = await host.orders.writeInSavepoint(trx, 'paid', hostWriteValues(payment, order, now));
  const tookEffect = hostResult.kind === 'took_effect';
  return finish(context, hostResult.kind, noteOf(hostResult), [
    ...(tookEffect ? [payments.hideSiblings(trx, payment, now), events.releaseOrder(trx, orderPaid(payment, now))] : []),
    ...(tookEffect ? [] : [attempts.save(trx, { ...accepted, accepted: false })]),
    ...(tookEffect ? [] : openReview(trx, payment, hostRefusedReview(accepted, hostResult), now)),
  ]);
}

/** The order was paid otherwise meanwhile, so this money goes back; what the guest has had refunded since then is not refunded again. */
async function refundDuplicate(context: WriteContext, accepted: Attempt): Promise<Outcome> {
  const { trx, payment, now } = context;
  const attemptNo = accepted.no;
  // Also locks the attempt row, so that no other refund reserves this money before the commit.
  await attempts.save(trx, { ...accepted, accepted: false });
  const refundable = (await refunds.refundable(trx, payment.id)).find((money) => money.attemptNo === attemptNo);
  const amount = refundable?.left;
  return finish(context, 'duplicate', 'the amount due was zero', [
    events.append(trx, announce(payment, 'payment.duplicate_paid', { id: newEventId(), now })),
    ...(amount ? [refunds.open(trx, { payment, attemptNo, amount, cause: 'duplicate', reason: 'duplicate', at: now })] : []),
  ]);
}

/** `expired`, `failed`, `cancelled`. */
async function writeClosed(context: WriteContext): Promise<Outcome> {
  const { trx, host, hostWrite, payment, order, now } = context;
  if (payment.status !== hostWrite.step) return finishObsolete(context);
  const hostResult = await host.orders.writeInSavepoint(trx, hostWrite.step, hostWriteValues(payment, order, now));
  return finish(context, hostResult.kind, noteOf(hostResult));
}

/** Writes `refunded_total` as it was after this refund: a later refund has a host write of its own. */
async function writeRefund(context: WriteContext, refund: Refund | null): Promise<Outcome> {
  const { trx, host, payment, order, now } = context;
  if (!refund) return finish(context, 'obsolete', 'refund not found');
  const upToThis = (await refunds.ofPayment(trx, payment.id)).filter(isUpTo(refund));
  const refunded = addRupiah(...upToThis.map(({ amount }) => amount));
  const hostResult = await host.orders.writeInSavepoint(trx, 'refunded', hostWriteValues({ ...payment, refunded }, order, now, refund));
  const refused = isRefusal(hostResult) ? [openRefundNotBooked(trx, refund, hostResult, now)] : [];
  return finish(context, hostResult.kind, noteOf(hostResult), refused);
}

/** Succeeded refunds of the same money, up to this one. */
const isUpTo =
  ({ attemptNo, updatedAt }: Refund) =>
  (each: Refund): boolean =>
    each.status === 'succeeded' && each.attemptNo === attemptNo && each.updatedAt <= updatedAt;

const noteOf = (hostResult: GuardedWriteOutcome): string => (hostResult.kind === 'raised' ? hostResult.postgres : hostResult.kind);

/** The payment has moved on, so the host no longer needs this write. */
const finishObsolete = (context: WriteContext): Promise<Outcome> => finish(context, 'obsolete', `it is ${context.payment.status} now`);

/** Concludes the host write and commits. @param note kept with the host write; `writes` are sent already */
async function finish(
  { trx, hostWrite, now }: WriteContext,
  outcome: Outcome,
  note: string,
  writes: Promise<unknown>[] = [],
): Promise<Outcome> {
  await pipelined([...writes, hostWrites.conclude(trx, hostWrite.id, now, note), trx.commit()]);
  return outcome;
}
