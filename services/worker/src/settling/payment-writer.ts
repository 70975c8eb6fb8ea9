import type { GuardedWriteOutcome, Host, HostOrder } from '@gateway/shared/host';
import {
  type Attempt,
  amountDueNow,
  announce,
  isPaidElsewhere,
  type LateMoney,
  type Payment,
  type PaymentEvent,
  type Rupiah,
} from '@gateway/shared/payment';
import { isBusy, isTransient, pipelined, type Transaction } from '@gateway/shared/postgres';
import { type Clock, type Logger, newEventId, plusMs } from '@gateway/shared/runtime';
import { attempts, discrepancies, events, hostWrites, payments, refunds } from '@gateway/shared/store';
import { hostWriteRetryMs, hostWriteValues } from './host-write.ts';
import { openReviewOnce } from './open-review.ts';
import { inOrderTransaction, jobSession } from './order-transaction.ts';
import { type PaymentUpdate, type PlannedChanges, planChanges, type Review } from './plan-changes.ts';

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
    const [, order, payment, attemptRows] = await pipelined([
      trx.query(hostError ? host.orders.sessionStatement(key.tenant) : jobSession(host, key.tenant)),
      hostError ? Promise.resolve(null) : host.orders.lockOrder(trx, key),
      payments.lock(trx, key.id),
      attempts.ofPayment(trx, key.id),
    ] as const);
    if (!payment) throw new Error(`payment ${key.id} not found`);
    const now = deps.clock.now();
    const due = hostError ? 'unknown' : dueOf(order, host, payment);
    const lateMoney = deps.lateMoneyOf(key.storeId);
    const changes = planChanges(
      {
        payment,
        attempts: attemptRows,
        due,
        isPaidElsewhere: order !== null && isPaidElsewhere(order.paid, payment.bill),
        lateMoney,
        eventId: newEventId(),
        now,
      },
      update,
    );
    if (!changes) {
      await pipelined([payments.clearHostBusy(trx, key.id), extraWrites ? extraWrites(trx, 'stale') : null, trx.commit()]);
      return { verdict: 'stale', payment };
    }
    const hostResult =
      changes.hostStep && !hostError
        ? await host.orders.writeInSavepoint(trx, changes.hostStep, hostWriteValues(changes.payment, order, now))
        : null;
    await pipelined([
      ...statements(trx, { before: payment, changes, hasOtherAttempts: attemptRows.length > 1, hostResult, hostError, now }),
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

/** The amount due in the host, rounded as the payment was; null when the host has no such order any more. */
export function dueOf(order: HostOrder | null, host: Host, { bill }: Pick<Payment, 'bill'>): Rupiah | null {
  return order && amountDueNow(order, bill, host.folder.money);
}

interface WrittenChanges {
  before: Payment;
  changes: PlannedChanges;
  hasOtherAttempts: boolean;
  hostResult: GuardedWriteOutcome | null;
  hostError: Error | null;
  now: Date;
}

/** Sends a statement for every row that the changes touch. */
function statements(
  trx: Transaction,
  { before, changes, hasOtherAttempts, hostResult, hostError, now }: WrittenChanges,
): (Promise<unknown> | null)[] {
  const { payment, attempt, event, accepts, hostStep, refund } = changes;
  const tookEffect = hostResult?.kind === 'took_effect';
  const isRefused = hostStep === 'paid' && hostResult !== null && !tookEffect; // a refused expiry is only logged
  const reviews = isRefused ? [...changes.reviews, hostRefusedReview(attempt, hostResult)] : changes.reviews;
  return [
    payments.save(trx, payment, before.version),
    // A busy host counts as willing: the deferred host write asks it later.
    ...(attempt ? [attempts.save(trx, { ...attempt, accepted: accepts && (tookEffect || hostError !== null) })] : []),
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
    ...(accepts && tookEffect ? [events.releaseOrder(trx, orderPaid(payment, now))] : []),
    ...(hostStep && hostError ? [deferHostWrite(trx, payment, hostStep, hostError, now)] : []),
  ];
}

/** Opens a discrepancy for an operator, and announces it once. Money held by policy was announced already, by `payment.paid_late`. */
export function openReview(trx: Transaction, payment: Payment, { reason, ...review }: Review, now: Date): Promise<unknown>[] {
  if (reason === 'late_money_held') return [discrepancies.open(trx, { ...review, reason, paymentId: payment.id, at: now })];
  return [openReviewOnce(trx, payment, { ...review, reason }, now)];
}

/** `order.paid`: the kitchen starts to cook. The insert that guards the release fills in `data.release`. */
export function orderPaid(payment: Payment, now: Date): PaymentEvent {
  const items = payment.bill.lines.map(({ sku, name, quantity }) => ({ sku, name, quantity }));
  return announce(payment, 'order.paid', { id: newEventId(), now, data: { items, release: null } });
}

/** The host did not accept money that the order owes. The money stays recorded, and an operator decides. */
export function hostRefusedReview(attempt: Pick<Attempt, 'no'> | null | undefined, hostResult: GuardedWriteOutcome): Review {
  const theirs = hostResult.kind === 'raised' ? hostResult.postgres : 'no row';
  return { reason: 'host_refused', attemptNo: attempt?.no ?? null, ours: 'paid', theirs };
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
