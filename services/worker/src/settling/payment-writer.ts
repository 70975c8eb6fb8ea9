import { type GuardedWriteOutcome, type Host, type HostOrder, isHostFailure } from '@gateway/shared/host';
import {
  amountDueNow,
  announce,
  asOrderKey,
  isBooked,
  isPaidElsewhere,
  itemsToRelease,
  type LateMoney,
  type Payment,
  type PaymentEvent,
  type ReleaseItem,
  type Rupiah,
  withUnbooked,
} from '@gateway/shared/payment';
import { isBusy, isTransient, pipelined, type Transaction } from '@gateway/shared/postgres';
import { type Clock, type Logger, newEventId, plusMs } from '@gateway/shared/runtime';
import { attempts, discrepancies, events, hostWrites, payments, refunds } from '@gateway/shared/store';
import { hostWriteRetryMs, hostWriteValues } from './host-write.ts';
import { hostRefusedReview, hostUnreadableReview, openReview } from './open-review.ts';
import { inOrderTransaction, jobSession } from './order-transaction.ts';
import { type PaymentUpdate, type PlannedChanges, planChanges } from './plan-changes.ts';

/**
 * `applied`: the update changed something. `stale`: it was known already. `busy`: another session holds the host's order, or the host's
 * database does not answer; nothing was written, and the caller makes its row due at `retryAt`.
 */
export type ApplyResult = WrittenResult | BusyResult;
export type WrittenResult = { verdict: 'applied' | 'stale'; payment: Payment };
export type BusyResult = { verdict: 'busy'; retryAt: Date };

/** Further statements of the caller in the same transaction, sent after the writer's own. */
export type ExtraWrites = (trx: Transaction, verdict: WrittenResult['verdict']) => Promise<unknown>;

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
}

/** One call of `apply`: what every step of it needs. `hostError`: why the host is left out; its part is deferred then. */
interface WriteContext {
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
      const context = { host, key, update, extraWrites, hostError: null };
      try {
        return await writeOnce(deps, context).catch((error) => repeatUnlessBusy(deps, context, error));
      } catch (error) {
        if (isHostFailure(error)) {
          log.error({ payment_id: key.id, host: host.id, err: error }, 'order not readable in the host, payment recorded without it');
          return writeOnce(deps, { ...context, hostError: error });
        }
        if (!isTransient(error)) throw error;
        const now = clock.now();
        const busySince = await payments.markHostBusy(host.db.pool, key.id, now);
        if (!busySince) throw error;
        log.warn({ payment_id: key.id, duration_ms: now.getTime() - busySince.getTime(), err: error }, 'host database busy, retrying');
        const patienceEndsAt = plusMs(busySince, hostBusyLimitMs);
        if (now >= patienceEndsAt) return writeOnce(deps, { ...context, hostError: error as Error });
        return { verdict: 'busy', retryAt: nextTryAt({ busySince, patienceEndsAt, now }) };
      }
    },
  };
}

/** A deadlock or a lost connection: the whole transaction runs once more, at once. A lock that is held would only be waited for again. */
function repeatUnlessBusy(deps: PaymentWriterDeps, context: WriteContext, error: unknown): Promise<WrittenResult> {
  if (isBusy(error) || !isTransient(error)) throw error;
  deps.log.warn({ payment_id: context.key.id, err: error }, 'transaction lost, repeated');
  return writeOnce(deps, context);
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
function writeOnce(deps: PaymentWriterDeps, { host, key, update, extraWrites, hostError }: WriteContext): Promise<WrittenResult> {
  return inOrderTransaction(host, async (trx) => {
    // The order's lock comes before the payment's. The opposite order deadlocks with a till that creates a payment for this order.
    const mayRelease = !hostError && update.kind === 'charge' && update.charge.status === 'paid';
    const [, lockedOrder, payment, attemptRows, unbooked, lines, released] = await pipelined([
      trx.query(hostError ? host.orders.sessionStatement(key.tenant) : jobSession(host, key.tenant)),
      hostError ? Promise.resolve(null) : host.orders.lockOrder(trx, key),
      payments.lock(trx, key.id),
      attempts.ofPayment(trx, key.id),
      attempts.unbookedOf(trx, host.id, asOrderKey(key.orderKey)),
      mayRelease ? host.orders.readLines(trx, key) : Promise.resolve([]),
      mayRelease ? events.releasedItems(trx, host.id, asOrderKey(key.orderKey)) : Promise.resolve([]),
    ] as const);
    if (!payment) throw new Error(`payment ${key.id} not found`);
    const now = deps.clock.now();
    const order = lockedOrder && { ...lockedOrder, ...withUnbooked(lockedOrder.paid, unbooked) };
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
    const written = hostError ? null : await writeInHost(trx, host, changes, lockedOrder, now);
    const hostResult = written?.result ?? null;
    await pipelined([
      ...(order?.booked ?? []).map((money) => attempts.markBooked(trx, money)),
      ...statements(trx, {
        before: payment,
        changes,
        hasOtherAttempts: attemptRows.length > 1,
        hostResult,
        hostError,
        isBooked: written?.isBooked ?? false,
        hostPaidBefore: lockedOrder?.paid ?? null,
        items: itemsToRelease(lines, released),
        now,
      }),
      extraWrites ? extraWrites(trx, 'applied') : null,
      trx.commit(),
    ]);
    if (hostResult && hostResult.kind !== 'took_effect') logHostRefusal(deps.log, changes, hostResult);
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

interface WrittenChanges {
  before: Payment;
  changes: PlannedChanges;
  hasOtherAttempts: boolean;
  hostResult: GuardedWriteOutcome | null;
  hostError: Error | null;
  /** The host's paid amount shows the money already. */
  isBooked: boolean;
  hostPaidBefore: string | null;
  /** What the kitchen cooks when the order is released. */
  items: ReleaseItem[];
  now: Date;
}

/** Sends a statement for every row that the changes touch. */
function statements(
  trx: Transaction,
  { before, changes, hasOtherAttempts, hostResult, hostError, isBooked: booked, hostPaidBefore, items, now }: WrittenChanges,
): (Promise<unknown> | null)[] {
  const { payment, attempt, event, accepts, hostStep, refund } = changes;
  const tookEffect = hostResult?.kind === 'took_effect';
  const isRefused = hostStep === 'paid' && hostResult !== null && !tookEffect; // a refused expiry is only logged
  const isUnreadable = hostStep === 'paid' && hostError !== null && isHostFailure(hostError);
  const reviews = [
    ...changes.reviews,
    ...(isRefused ? [hostRefusedReview(attempt, hostResult)] : []),
    ...(isUnreadable ? [hostUnreadableReview(attempt, hostError)] : []),
  ];
  // A host that is busy or cannot be read counts as willing: the deferred host write asks it later.
  const accepted = accepts && (tookEffect || hostError !== null);
  return [
    payments.save(trx, payment, before.version),
    ...(attempt ? [attempts.save(trx, { ...attempt, accepted, unbooked: accepted && !booked, hostPaidBefore })] : []),
    ...(attempt?.status === 'paid'
      ? [
          hasOtherAttempts ? attempts.cancelOthers(trx, attempt, now) : null, // the payment's lock keeps new attempts from being made
          discrepancies.resolve(trx, attempt, 'paid_unconfirmed', now, 'the provider confirmed it'),
        ]
      : []),
    ...(accepts && tookEffect ? [payments.hideSiblings(trx, payment, now)] : []),
    ...(event ? [events.append(trx, event)] : []),
    ...reviews.flatMap((review) => openReview(trx, payment, review, now)),
    ...(refund ? [refunds.open(trx, { ...refund, payment, reason: refund.cause, at: now })] : []),
    ...(accepts && tookEffect ? [events.releaseOrder(trx, orderPaid(payment, items, now))] : []),
    ...(hostStep && hostError ? [deferHostWrite(trx, payment, hostStep, hostError, now)] : []),
  ];
}

/** `order.paid`: the kitchen starts to cook. The insert that guards the release fills in `data.release`. */
export function orderPaid(payment: Payment, items: ReleaseItem[], now: Date): PaymentEvent {
  return announce(payment, 'order.paid', { id: newEventId(), now, data: { items, release: null } });
}

function deferHostWrite(
  trx: Transaction,
  payment: Payment,
  step: NonNullable<PlannedChanges['hostStep']>,
  hostError: Error,
  now: Date,
): Promise<unknown> {
  const nextTryAt = plusMs(now, hostWriteRetryMs);
  return hostWrites.defer(trx, { paymentId: payment.id, step, nextTryAt, error: hostError.message, at: now });
}

function logHostRefusal(log: Logger, { payment, hostStep }: PlannedChanges, hostResult: GuardedWriteOutcome): void {
  if (hostResult.kind === 'absent') return; // the host folder has no statement for this step
  const postgres = hostResult.kind === 'raised' ? { postgres: hostResult.postgres } : {};
  log.warn(
    { payment_id: payment.id, host: payment.host, operation: hostStep, outcome: hostResult.kind, ...postgres },
    'host statement refused',
  );
}
