import { setTimeout } from 'node:timers/promises';
import type { GuardedWriteOutcome, Host, HostOrder } from '@gateway/shared/host';
import { type Attempt, amountDue, type LateMoney, type Payment, type PaymentEvent } from '@gateway/shared/payment';
import { inTransaction, isTransient, pipelined, type Transaction } from '@gateway/shared/postgres';
import type { Clock, Logger } from '@gateway/shared/runtime';
import { attempts, discrepancies, events, hostWrites, payments, refunds } from '@gateway/shared/store';
import { hostWriteRetryMs, hostWriteValues } from './host-write.ts';
import { type LockedState, type PaymentUpdate, type PlannedChanges, planChanges, type Review } from './plan-changes.ts';

/** `applied`: something changed. `stale`: old news. */
export type ApplyResult = { verdict: 'applied' | 'stale'; payment: Payment };

/** Sent in the same transaction, behind all that the word changed. */
export type ExtraWrites = (trx: Transaction, verdict: ApplyResult['verdict']) => Promise<unknown>;

export interface PaymentWriter {
  /**
   * The one writer of state: webhook, poll, expiry, cancel and operator all end here. One transaction: host's order, payment,
   * attempt, events and the host's own rows, or nothing. May run twice, also at the same time: the second finds old news.
   */
  apply(
    host: Host,
    payment: Pick<Payment, 'id' | 'orderKey' | 'tenant' | 'storeId'>,
    update: PaymentUpdate,
    extraWrites?: ExtraWrites,
  ): Promise<ApplyResult>;
}

export interface PaymentWriterDeps {
  clock: Clock;
  log: Logger;
  lateMoneyOf: (storeId: string) => LateMoney;
  /** Rings the notifier's bell: there is something to tell. */
  wakeRelay: (host: Host) => void;
  /** How long a host may be busy before our part commits without it. */
  hostBusyLimitMs: number;
}

export function createPaymentWriter(deps: PaymentWriterDeps): PaymentWriter {
  const { clock, log, lateMoneyOf, wakeRelay, hostBusyLimitMs } = deps;

  /** Everything that has to hold together. `busy` is why the host is left out this time: then its part is owed. */
  function writeOnce(
    host: Host,
    { id, orderKey, tenant, storeId }: Parameters<PaymentWriter['apply']>[1],
    update: PaymentUpdate,
    extraWrites: ExtraWrites | undefined,
    hostError: Error | null,
  ) {
    return inTransaction(host.db, async (trx): Promise<ApplyResult> => {
      // The order's lock before the payment's: the other way round deadlocks with a till that presses again.
      const [, order, payment, attemptRows] = await pipelined([
        trx.query(host.orders.sessionStatement(tenant)),
        hostError ? Promise.resolve(null) : host.orders.lockOrder(trx, { orderKey, tenant }),
        payments.lock(trx, id),
        attempts.ofPayment(trx, id),
      ] as const);
      if (!payment) throw new Error(`payment ${id} not found`);
      const now = clock.now();
      const due = hostError ? 'unknown' : dueOf(order, host);
      const changes = planChanges({ payment, attempts: attemptRows, due, lateMoney: lateMoneyOf(storeId), now }, update);
      if (!changes) {
        await pipelined([extraWrites ? extraWrites(trx, 'stale') : null, trx.commit()]);
        return { verdict: 'stale', payment };
      }
      const hostResult =
        changes.hostStep && !hostError
          ? await host.orders.writeInSavepoint(trx, changes.hostStep, hostWriteValues(changes.payment, order, now))
          : null;
      await pipelined([
        ...statements(trx, { payment, attempts: attemptRows }, changes, hostResult, hostError, now),
        extraWrites ? extraWrites(trx, 'applied') : null,
        trx.commit(),
      ]);
      if (hostResult && hostResult.kind !== 'took_effect') logHostRefusal(log, changes, hostResult);
      wakeRelay(host);
      return { verdict: 'applied', payment: { ...changes.payment, version: payment.version + 1 } };
    });
  }

  return {
    apply: async (host, payment, update, extraWrites) => {
      const retryUntil = clock.now().getTime() + hostBusyLimitMs;
      for (let tries = 1; ; tries++) {
        try {
          return await writeOnce(host, payment, update, extraWrites, null);
        } catch (error) {
          if (!isTransient(error)) throw error;
          log.warn({ payment_id: payment.id, tries, err: error }, 'host database busy, retrying');
          if (clock.now().getTime() >= retryUntil) return writeOnce(host, payment, update, extraWrites, error as Error);
          await setTimeout(Math.min(50 * 2 ** tries, 1_000));
        }
      }
    },
  };
}

/** What the host owes now, rounded as the payment was; null when it has no such order any more. */
export function dueOf(order: HostOrder | null, host: Host) {
  return order && amountDue(order.total, order.paid, host.folder.money).amount;
}

/** Sends every row that the changes touch. */
function statements(
  trx: Transaction,
  before: Pick<LockedState, 'payment' | 'attempts'>,
  changes: PlannedChanges,
  hostResult: GuardedWriteOutcome | null,
  hostError: Error | null,
  now: Date,
): (Promise<unknown> | null)[] {
  const { payment, attempt } = changes;
  const tookEffect = hostResult?.kind === 'took_effect';
  const isRefused = changes.hostStep === 'paid' && hostResult !== null && !tookEffect; // a refused expiry is only noted
  const reviews = isRefused ? [...changes.reviews, hostRefusedReview(attempt, hostResult)] : changes.reviews;
  return [
    payments.save(trx, payment, before.payment.version),
    // A host that is busy is taken at its last word until it can say: jobs/write-host.ts asks it.
    ...(attempt ? [attempts.save(trx, { ...attempt, accepted: changes.accepts && (tookEffect || hostError !== null) })] : []),
    ...(attempt?.status === 'paid'
      ? [
          before.attempts.length > 1 ? attempts.cancelOthers(trx, attempt, now) : null, // nobody begins one while we hold the payment
          discrepancies.resolve(trx, attempt, 'paid_unconfirmed', now, 'the provider confirmed it'),
        ]
      : []),
    ...(changes.accepts ? [payments.hideSiblings(trx, payment, now)] : []),
    ...changes.events.map(({ type, data }) => events.append(trx, events.paymentEvent(type, payment, now, data))),
    ...reviews.flatMap((review) => openReview(trx, payment, review, now)),
    ...(changes.refund ? [refunds.open(trx, { ...changes.refund, payment, reason: changes.refund.cause, at: now })] : []),
    ...(changes.accepts && tookEffect ? [events.releaseOrder(trx, orderPaid(payment, now))] : []),
    ...(changes.hostStep && hostError ? [deferHostWrite(trx, payment, changes.hostStep, hostError, now)] : []),
  ];
}

/** Two records of money disagree: kept for a person, and told. */
export function openReview(trx: Transaction, payment: Payment, { reason, attemptNo, ours, theirs }: Review, now: Date): Promise<unknown>[] {
  const opened = discrepancies.open(trx, { paymentId: payment.id, attemptNo, reason, ours, theirs, at: now });
  if (reason === 'late_money_held') return [opened]; // the world has heard it already: payment.paid_late, policy hold
  return [opened, events.append(trx, events.paymentEvent('payment.review', payment, now, { reason }))];
}

/** `order.paid`: start cooking. `data.release` is filled in by the insert that guards it. */
export function orderPaid(payment: Payment, now: Date): PaymentEvent {
  return events.paymentEvent('order.paid', payment, now, {
    items: payment.bill.lines.map(({ sku, name, quantity }) => ({ sku, name, quantity })),
    release: null,
  });
}

/** Money that a host does not take is never unrecorded: a person has to look. */
export function hostRefusedReview(attempt: Pick<Attempt, 'no'> | null | undefined, hostResult: GuardedWriteOutcome): Review {
  return {
    reason: 'host_refused',
    attemptNo: attempt?.no ?? null,
    ours: 'paid',
    theirs: hostResult.kind === 'raised' ? hostResult.postgres : 'no row',
  };
}

function deferHostWrite(
  trx: Transaction,
  payment: Payment,
  step: NonNullable<PlannedChanges['hostStep']>,
  hostError: Error,
  now: Date,
): Promise<unknown> {
  return hostWrites.defer(trx, {
    paymentId: payment.id,
    step,
    nextTryAt: new Date(now.getTime() + hostWriteRetryMs),
    error: hostError.message,
    at: now,
  });
}

function logHostRefusal(log: Logger, { payment, hostStep }: PlannedChanges, hostResult: GuardedWriteOutcome): void {
  if (hostResult.kind === 'absent') return;
  log.warn(
    {
      payment_id: payment.id,
      host: payment.host,
      operation: hostStep,
      outcome: hostResult.kind,
      ...(hostResult.kind === 'raised' ? { postgres: hostResult.postgres } : {}),
    },
    'host statement refused',
  );
}
