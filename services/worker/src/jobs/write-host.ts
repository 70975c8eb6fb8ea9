import { type GuardedWriteOutcome, type Host, type HostOrder, isHostFailure } from '@gateway/shared/host';
import {
  type Attempt,
  addRupiah,
  announce,
  asOrderKey,
  type HostWriteId,
  isPaidElsewhere,
  isSettled,
  itemsToRelease,
  type Payment,
  type Refund,
  type ReleaseItem,
  type UnbookedMoney,
  withUnbooked,
} from '@gateway/shared/payment';
import { isTransient, pipelined, type Transaction } from '@gateway/shared/postgres';
import type { JobOutcome, JobPayload } from '@gateway/shared/queue';
import { type Clock, newEventId, plusMs } from '@gateway/shared/runtime';
import { attempts, discrepancies, events, hostWrites, payments, refunds } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { isRefusal, openRefundNotBooked } from '../settling/conclude-refund.ts';
import { hostWriteValues } from '../settling/host-write.ts';
import { hostRefusedReview, openReview } from '../settling/open-review.ts';
import { inOrderTransaction } from '../settling/order-transaction.ts';
import { dueOf, writeInHost } from '../settling/payment-writer.ts';
import { orderPaid } from '../settling/written-changes.ts';

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
  /**
   * Accepted money of this order that the host has taken and not booked yet, other than this payment's. Money whose own host write is
   * deferred does not count: the host may refuse it, and then this one pays the order.
   */
  unbooked: UnbookedMoney[];
  /** What the kitchen cooks when the order is released now. */
  items: ReleaseItem[];
  now: Date;
}

/**
 * Runs a host write that was deferred because the host was busy. Money is judged again under the order's lock: the order may have been
 * paid otherwise meanwhile. May run twice, also at the same time: the second run finds the write done.
 */
export const writeHost =
  ({ hosts, wakeRelay, clock }: WriteHostDeps) =>
  async ({ host: hostId, hostWriteId, leaseNo }: JobPayload<'write-host'>): Promise<Outcome> => {
    const host = hosts.byId(hostId);
    const hostWrite = await hostWrites.find(host.db.pool, hostWriteId);
    const payment = hostWrite && (await payments.find(host.db.pool, hostWrite.paymentId));
    if (!payment) return 'already_done';
    if (hostWrite.leaseNo !== leaseNo) return 'superseded';
    try {
      const outcome = await inOrderTransaction(host, payment, async (trx) => {
        const context = await lock(trx, { host, payment, hostWriteId, clock });
        return context ? runHostWrite(context) : 'already_done';
      });
      wakeRelay(host);
      return outcome;
    } catch (error) {
      if (!isTransient(error) && !isHostFailure(error)) throw error;
      await retryLater(host, hostWrite, error as Error, clock.now());
      return 'retry_scheduled';
    }
  };

/** How long until the next try, by the number of the try. The last delay repeats until the host accepts the write or an operator closes it. */
const retryDelaysMs = [5_000, 5_000, 10_000, 30_000, 60_000, 300_000];
/** From this try on, an operator learns that the host has not recorded the payment: it has failed for about two minutes. */
const reportFromTry = 6;

/** Schedules the next try of a host write that the host could not take, with the error. A host that fails for long becomes a discrepancy. */
async function retryLater(host: Host, { id, paymentId, step, leaseNo }: hostWrites.HostWrite, error: Error, now: Date): Promise<void> {
  const delayMs = retryDelaysMs[Math.min(Math.max(leaseNo - 1, 0), retryDelaysMs.length - 1)] as number;
  await hostWrites.reschedule(host.db.pool, { id, leaseNo }, plusMs(now, delayMs), error.message);
  if (leaseNo >= reportFromTry)
    await discrepancies.open(host.db.pool, {
      paymentId,
      attemptNo: null,
      reason: 'host_not_told',
      ours: step,
      theirs: error.message,
      at: now,
    });
}

/** Locks the order, then the payment. Null: another run has done the write. */
async function lock(
  trx: Transaction,
  { host, payment: { id, orderKey, tenant }, hostWriteId, clock }: { host: Host; payment: Payment; hostWriteId: HostWriteId; clock: Clock },
): Promise<WriteContext | null> {
  const [order, payment, attemptRows, hostWrite, unbooked, lines, released] = await pipelined([
    host.orders.lockOrder(trx, { orderKey, tenant }),
    payments.lock(trx, id),
    attempts.ofPayment(trx, id),
    hostWrites.find(trx, hostWriteId),
    attempts.unbookedAndWrittenOf(trx, host.id, asOrderKey(orderKey)),
    host.orders.readLines(trx, { orderKey }),
    events.releasedItems(trx, host.id, asOrderKey(orderKey)),
  ] as const);
  if (!payment || !hostWrite) return null;
  return {
    trx,
    host,
    hostWrite,
    payment,
    accepted: attemptRows.find(({ accepted }) => accepted),
    order,
    unbooked: unbooked.filter(({ paymentId }) => paymentId !== payment.id),
    items: itemsToRelease(lines, released),
    now: clock.now(),
  };
}

async function runHostWrite(context: WriteContext): Promise<Outcome> {
  const { trx, hostWrite } = context;
  if (hostWrite.refundId) return writeRefund(context, await refunds.find(trx, hostWrite.refundId));
  return hostWrite.step === 'paid' ? writePaid(context) : writeClosed(context);
}

async function writePaid(context: WriteContext): Promise<Outcome> {
  const { trx, host, payment, accepted, order, unbooked, items, now } = context;
  if (!accepted) return finishObsolete(context);
  const paid = order && withUnbooked(order.paid, unbooked).paid;
  const due = order && paid !== null ? dueOf({ ...order, paid }, host, payment) : null;
  const isDuplicate = due !== null && due < payment.amount && (due <= 0 || (paid !== null && isPaidElsewhere(paid, payment.bill)));
  if (isDuplicate) return refundDuplicate(context, accepted);
  const written = await writeInHost(trx, host, { hostStep: 'paid', payment, attempt: accepted }, order, now);
  const hostResult = written?.result ?? { kind: 'absent' as const };
  const tookEffect = hostResult.kind === 'took_effect';
  const unbookedNow = tookEffect && !written?.isBooked;
  const hostPaidBefore = order?.paid ?? null;
  return finish(context, hostResult.kind, noteOf(hostResult), [
    attempts.save(trx, { ...accepted, accepted: tookEffect, unbooked: unbookedNow, hostPaidBefore }),
    ...(tookEffect
      ? [
          payments.hideSiblings(trx, payment, now),
          events.releaseOrder(trx, orderPaid(payment, order, items, now), payment.orderKey),
          discrepancies.resolve(trx, accepted, 'host_refused', now, 'the host has recorded the payment'),
        ]
      : openReview(trx, payment, hostRefusedReview(accepted, hostResult), now)),
  ]);
}

/** The order was paid otherwise meanwhile, so this money goes back; what the guest has had refunded since then is not refunded again. */
async function refundDuplicate(context: WriteContext, accepted: Attempt): Promise<Outcome> {
  const { trx, payment, now } = context;
  const attemptNo = accepted.no;
  // Also locks the attempt row, so that no other refund reserves this money before the commit.
  await attempts.save(trx, { ...accepted, accepted: false, unbooked: false });
  const refundable = (await refunds.refundable(trx, payment.id)).find((money) => money.attemptNo === attemptNo);
  const amount = refundable?.left;
  return finish(context, 'duplicate', 'the amount due was zero', [
    events.append(trx, announce(payment, 'payment.duplicate_paid', { id: newEventId(), now }), payment.orderKey),
    ...(amount ? [refunds.open(trx, { payment, attemptNo, amount, cause: 'duplicate', reason: 'duplicate', at: now })] : []),
  ]);
}

/** `expired`, `failed`, `cancelled`. A settled payment whose money the order was not paid with is cancelled in the host. */
async function writeClosed(context: WriteContext): Promise<Outcome> {
  const { trx, host, hostWrite, payment, accepted, order, now } = context;
  const isNotKept = hostWrite.step === 'cancelled' && isSettled(payment) && !accepted;
  if (payment.status !== hostWrite.step && !isNotKept) return finishObsolete(context);
  const hostResult = await host.orders.writeInSavepoint(trx, hostWrite.step, hostWriteValues(payment, order, now));
  return finish(context, hostResult.kind, noteOf(hostResult));
}

/** Writes `refunded_total` as it was after this refund: a later refund has a host write of its own. */
async function writeRefund(context: WriteContext, refund: Refund | null): Promise<Outcome> {
  const { trx, host, payment, accepted = null, order, now } = context;
  if (!refund) return finish(context, 'obsolete', 'refund not found');
  const upToThis = (await refunds.ofPayment(trx, payment.id)).filter(isUpTo(refund));
  const refunded = addRupiah(...upToThis.map(({ amount }) => amount));
  const hostResult = await host.orders.writeInSavepoint(
    trx,
    'refunded',
    hostWriteValues({ ...payment, refunded }, order, now, { refund, attempt: accepted }),
  );
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
  await pipelined([
    ...writes,
    hostWrites.conclude(trx, hostWrite.id, now, note),
    discrepancies.resolve(trx, { paymentId: hostWrite.paymentId, no: null }, 'host_not_told', now, 'the host has answered'),
    trx.commit(),
  ]);
  return outcome;
}
