import { type GuardedWriteOutcome, type Host, type HostOrder, isHostFailure } from '@gateway/shared/host';
import {
  amountDueNow,
  isBooked,
  isPaidElsewhere,
  itemsToRelease,
  type LateMoney,
  type Payment,
  type Rupiah,
  withUnbooked,
} from '@gateway/shared/payment';
import { isBusy, isPostgresError, isTransient, pipelined, type Queryable, type Transaction } from '@gateway/shared/postgres';
import { type Clock, type Logger, newEventId, plusMs } from '@gateway/shared/runtime';
import { attempts, payments } from '@gateway/shared/store';
import { hostWriteValues } from './host-write.ts';
import { readAtOnce, readOneByOne } from './locked-reads.ts';
import { inOrderTransaction } from './order-transaction.ts';
import { type PaymentUpdate, type PlannedChanges, planChanges } from './plan-changes.ts';
import { writeAtOnce, writeChanges } from './written-changes.ts';

/**
 * `applied`: the update changed something. `stale`: it was known already. `busy`: another session holds the host's order, or the host's
 * database does not answer; nothing was written, and the caller makes its row due at `retryAt`.
 */
export type ApplyResult = WrittenResult | BusyResult;
export type WrittenResult = { verdict: 'applied' | 'stale'; payment: Payment };
export type BusyResult = { verdict: 'busy'; retryAt: Date };

/** Further statements of the caller in the same transaction, sent after the writer's own. */
export type ExtraWrites = (to: Queryable, verdict: WrittenResult['verdict']) => Promise<unknown>;

type PaymentKey = Pick<Payment, 'id' | 'orderKey' | 'tenant' | 'storeId'>;

export interface PaymentWriter {
  /**
   * The one writer of state: webhook, poll, expiry, cancel and operator all end here. One transaction writes the host's order, the
   * payment, the attempt and the events, or nothing. May run twice, also at the same time: the second run is `stale`. Tries a busy host
   * once: the payment's row counts for how long it has been busy, and no job waits for it. After `hostBusyLimitMs` our part commits
   * without the host, and its part is deferred.
   * @throws IllegalTransition for a bug of ours; errors of PostgreSQL that are not transient
   */
  apply(host: Host, payment: PaymentKey, update: PaymentUpdate, extraWrites?: ExtraWrites): Promise<ApplyResult>;
}

export interface PaymentWriterDeps {
  clock: Clock;
  log: Logger;
  lateMoneyOf: (storeId: string) => LateMoney;
  /** Signals the relay that the outbox has new events. */
  wakeRelay: (host: Host) => void;
  /** Sends a payment to the api process that waits for it. */
  reply: (payment: Payment) => void;
  /** How long the host's database may be busy before our part commits without the host, in milliseconds. */
  hostBusyLimitMs: number;
  /** False: everything is written step by step, for tests that compare the two. Default: true. */
  writesAtOnce?: boolean;
}

/**
 * One call of `apply`: what every step of it needs. `hostError`: why the host is left out; its part is deferred then. `isAtOnce`: the usual
 * case is written with few statements.
 */
interface WriteContext {
  isAtOnce: boolean;
  host: Host;
  key: PaymentKey;
  update: PaymentUpdate;
  extraWrites: ExtraWrites | undefined;
  hostError: Error | null;
}

export function createPaymentWriter(deps: PaymentWriterDeps): PaymentWriter {
  const { clock, log, hostBusyLimitMs } = deps;
  return {
    apply: async (host, key, update, extraWrites) => {
      const isAtOnce = deps.writesAtOnce !== false && update.kind === 'charge' && update.charge.status === 'paid';
      const context = { host, key, update, extraWrites, hostError: null, isAtOnce };
      try {
        return await writeOnce(deps, context).catch((error) => repeatUnlessBusy(deps, context, error));
      } catch (error) {
        if (isHostFailure(error)) {
          log.error({ payment_id: key.id, host: host.id, err: error }, 'order not readable in the host, payment recorded without it');
          return writeOnce(deps, { ...context, isAtOnce: false, hostError: error });
        }
        if (!isTransient(error)) throw error;
        const now = clock.now();
        const busySince = await payments.markHostBusy(host.db.pool, key.id, now);
        if (!busySince) throw error;
        log.warn({ payment_id: key.id, duration_ms: now.getTime() - busySince.getTime(), err: error }, 'host database busy, retrying');
        const patienceEndsAt = plusMs(busySince, hostBusyLimitMs);
        if (now >= patienceEndsAt) return writeOnce(deps, { ...context, isAtOnce: false, hostError: error as Error });
        return { verdict: 'busy', retryAt: nextTryAt({ busySince, patienceEndsAt, now }) };
      }
    },
  };
}

/**
 * A deadlock or a lost connection: the whole transaction runs once more, at once. A lock that is held would only be waited for again. The
 * few statements of the usual case do not tell why one of them failed, so every other error of theirs is repeated step by step, too.
 */
function repeatUnlessBusy(deps: PaymentWriterDeps, context: WriteContext, error: unknown): Promise<WrittenResult> {
  const isOfUsualCase = context.isAtOnce && isPostgresError(error);
  if (isBusy(error) || !(isOfUsualCase || isTransient(error))) throw error;
  if (isTransient(error)) deps.log.warn({ payment_id: context.key.id, err: error }, 'transaction lost, repeated');
  return writeOnce(deps, { ...context, isAtOnce: false });
}

const minBusyDelayMs = 1_000; // a waiter closes an order within seconds
const maxBusyDelayMs = 10_000;

/** The delay grows with the time for which the host has been busy. The last try is at the end of the patience. */
function nextTryAt({ busySince, patienceEndsAt, now }: { busySince: Date; patienceEndsAt: Date; now: Date }): Date {
  const busyForMs = now.getTime() - busySince.getTime();
  const at = plusMs(now, Math.min(Math.max(busyForMs, minBusyDelayMs), maxBusyDelayMs));
  return at < patienceEndsAt ? at : patienceEndsAt;
}

/** Everything that must commit together, in one transaction. */
function writeOnce(deps: PaymentWriterDeps, context: WriteContext): Promise<WrittenResult> {
  const { host, key, update, extraWrites, hostError, isAtOnce } = context;
  return inOrderTransaction(host, { tenant: key.tenant, isWithoutHost: hostError !== null }, async (trx) => {
    const isMoney = update.kind === 'charge' && update.charge.status === 'paid';
    const reads = isAtOnce
      ? await readAtOnce(trx, host, key)
      : await readOneByOne(trx, host, key, { isWithoutHost: hostError !== null, mayRelease: isMoney && !hostError });
    const { payment, attempts: attemptRows, unbooked, lines, released } = reads;
    if (!payment) throw new Error(`payment ${key.id} not found`);
    const now = deps.clock.now();
    const order = reads.order && { ...reads.order, ...withUnbooked(reads.order.paid, unbooked) };
    const changes = planChanges(
      {
        payment,
        attempts: attemptRows,
        due: hostError ? 'unknown' : dueOf(order, host, payment),
        isPaidElsewhere: order !== null && isPaidElsewhere(order.paid, payment.bill),
        lateMoney: deps.lateMoneyOf(key.storeId),
        eventId: newEventId(),
        now,
      },
      update,
    );
    if (!changes) {
      await pipelined([payments.clearHostBusy(trx, key.id), extraWrites ? extraWrites(trx, 'stale') : null, trx.commit()]);
      return { verdict: 'stale', payment };
    }
    const booked = order?.booked ?? [];
    const toWrite = { before: { ...reads, payment }, changes, items: itemsToRelease(lines, released), now };
    const extra = async (to: Queryable): Promise<unknown> => extraWrites?.(to, 'applied');
    const isWritten = isAtOnce && booked.length === 0 && (await writeAtOnce(trx, host, toWrite, extra));
    if (!isWritten) {
      const inHost = hostError ? null : await writeInHost(trx, host, changes, reads.order, now);
      const hostResult = inHost?.result ?? null;
      await pipelined([
        ...booked.map((money) => attempts.markBooked(trx, money)),
        ...writeChanges(trx, { ...toWrite, hostResult, hostError, isBooked: inHost?.isBooked ?? false }),
        extra(trx),
        trx.commit(),
      ]);
      if (hostResult && hostResult.kind !== 'took_effect') logHostRefusal(deps.log, changes, hostResult);
    }
    deps.wakeRelay(host);
    const updated = { ...changes.payment, version: payment.version + 1 };
    if (mayBeAwaited(payment) && updated.status !== payment.status) deps.reply(updated);
    return { verdict: 'applied', payment: updated };
  });
}

/** A till waits for the QR, or for the cancellation. A webhook or a poll may end the payment before the job that the till waits for. */
const mayBeAwaited = ({ status, cancelRequestedAt }: Payment): boolean =>
  status === 'created' || (status === 'pending' && cancelRequestedAt !== null);

/** Runs the host's statement for the step. `isBooked`: after `paid.sql` the host's paid amount shows the money. Null: no step. */
export async function writeInHost(
  trx: Transaction,
  host: Host,
  { hostStep, payment, attempt }: Pick<PlannedChanges, 'hostStep' | 'payment' | 'attempt'>,
  order: HostOrder | null,
  now: Date,
): Promise<{ result: GuardedWriteOutcome; isBooked: boolean } | null> {
  if (!hostStep) return null;
  const writing = host.orders.writeInSavepoint(trx, hostStep, hostWriteValues(payment, order, now, { attempt }));
  // Sent in the same round trip. After a statement that raised, the read fails with it, and its result is not needed.
  const rereading = hostStep === 'paid' ? host.orders.readDue(trx, payment).catch(() => null) : null;
  const [result, after] = [await writing, await rereading];
  const booked = order !== null && after != null && isBooked(after, { paidBefore: order.paid, amount: payment.recorded });
  return { result, isBooked: booked };
}

/** The amount due in the host, rounded as the payment was; null when the host has no such order any more. */
export function dueOf(order: Pick<HostOrder, 'total' | 'paid'> | null, host: Host, { bill }: Pick<Payment, 'bill'>): Rupiah | null {
  return order && amountDueNow(order, bill, host.folder.money);
}

function logHostRefusal(log: Logger, { payment, hostStep }: PlannedChanges, hostResult: GuardedWriteOutcome): void {
  if (hostResult.kind === 'absent') return; // the host folder has no statement for this step
  const postgres = hostResult.kind === 'raised' ? { postgres: hostResult.postgres } : {};
  log.warn(
    { payment_id: payment.id, host: payment.host, operation: hostStep, outcome: hostResult.kind, ...postgres },
    'host statement refused',
  );
}
