import { setTimeout } from 'node:timers/promises';
import { type GuardedWriteOutcome, type HostOrder, isTransient } from '@gateway/shared/host';
import { amountDue, type LateMoney } from '@gateway/shared/payment';
import type { Clock, Logger } from '@gateway/shared/runtime';
import {
  type AttemptRow,
  appendEvent,
  attemptsOf,
  hideSiblingPayments,
  inTransaction,
  lockPayment,
  openDiscrepancy,
  openRefund,
  oweHostWrite,
  type Payment,
  type PaymentEvent,
  paymentEvent,
  releaseOrder,
  saveAttempt,
  savePayment,
  sent,
  settleDiscrepancy,
  type Transaction,
  takeDownOthers,
} from '@gateway/shared/store';
import { hostWriteOf } from './host-write.ts';
import { type Changes, type Known, planChanges, type Review, type Word } from './plan-changes.ts';
import type { ServingHost } from './serving-host.ts';

/** `applied`: something changed. `stale`: old news. */
export type Applied = { verdict: 'applied' | 'stale'; payment: Payment };

/** Sent in the same transaction, behind all that the word changed. */
export type Also = (trx: Transaction, verdict: Applied['verdict']) => Promise<unknown>;

export interface Writer {
  /**
   * The one writer of state: webhook, poll, expiry, cancel and operator all end here. One transaction: host's order, payment,
   * attempt, events and the host's own rows, or nothing. May run twice, also at the same time: the second finds old news.
   */
  apply(host: ServingHost, payment: Pick<Payment, 'id' | 'orderKey' | 'tenant' | 'storeId'>, word: Word, also?: Also): Promise<Applied>;
}

export interface WriterDeps {
  clock: Clock;
  log: Logger;
  lateMoneyOf: (storeId: string) => LateMoney;
  /** Rings the notifier's bell: there is something to tell. */
  ring: (host: ServingHost) => void;
  /** How long a host may be busy before our part commits without it. */
  hostPatienceMs: number;
}

const owedAgainMs = 5_000;

export function createWriter(deps: WriterDeps): Writer {
  const { clock, log, lateMoneyOf, ring, hostPatienceMs } = deps;

  /** Everything that has to hold together. `busy` is why the host is left out this time: then its part is owed. */
  function writeOnce(
    host: ServingHost,
    { id, orderKey, tenant, storeId }: Parameters<Writer['apply']>[1],
    word: Word,
    also: Also | undefined,
    busy: Error | null,
  ) {
    return inTransaction(host.db, async (trx): Promise<Applied> => {
      // The order's lock before the payment's: the other way round deadlocks with a till that presses again.
      const [, order, payment, attempts] = await sent([
        trx.query(host.orders.sessionStatement(tenant)),
        busy ? Promise.resolve(null) : host.orders.lockOrder(trx, { orderKey, tenant }),
        lockPayment(trx, id),
        attemptsOf(trx, id),
      ] as const);
      if (!payment) throw new Error(`payment ${id} is gone`);
      const now = clock.now();
      const due = busy ? 'unknown' : dueOf(order, host);
      const changes = planChanges({ payment, attempts, due, lateMoney: lateMoneyOf(storeId), now }, word);
      if (!changes) {
        await sent([also ? also(trx, 'stale') : null, trx.commit()]);
        return { verdict: 'stale', payment };
      }
      const said =
        changes.hostStep && !busy
          ? await host.orders.writeInSavepoint(trx, changes.hostStep, hostWriteOf(changes.payment, order, now))
          : null;
      await sent([...writes(trx, { payment, attempts }, changes, said, busy, now), also ? also(trx, 'applied') : null, trx.commit()]);
      if (said && said.kind !== 'took_effect') noteHost(log, changes, said);
      ring(host);
      return { verdict: 'applied', payment: { ...changes.payment, version: payment.version + 1 } };
    });
  }

  return {
    apply: async (host, payment, word, also) => {
      const patientUntil = clock.now().getTime() + hostPatienceMs;
      for (let tries = 1; ; tries++) {
        try {
          return await writeOnce(host, payment, word, also, null);
        } catch (error) {
          if (!isTransient(error)) throw error;
          log.warn({ payment_id: payment.id, tries, err: error }, 'the host could not take it now');
          if (clock.now().getTime() >= patientUntil) return writeOnce(host, payment, word, also, error as Error);
          await setTimeout(Math.min(50 * 2 ** tries, 1_000));
        }
      }
    },
  };
}

/** What the host owes now, rounded as the payment was; null when it has no such order any more. */
export function dueOf(order: HostOrder | null, host: ServingHost) {
  return order && amountDue(order.total, order.paid, host.folder.money).amount;
}

/** Sends every row that the changes touch. */
function writes(
  trx: Transaction,
  before: Pick<Known, 'payment' | 'attempts'>,
  changes: Changes,
  said: GuardedWriteOutcome | null,
  busy: Error | null,
  now: Date,
): (Promise<unknown> | null)[] {
  const { payment, attempt } = changes;
  const took = said?.kind === 'took_effect';
  const refused = changes.hostStep === 'paid' && said !== null && !took; // a refused expiry is only noted
  const reviews = refused ? [...changes.reviews, hostRefused(attempt, said)] : changes.reviews;
  return [
    savePayment(trx, payment, before.payment.version),
    // A host that is busy is taken at its last word until it can say: jobs/write-host.ts asks it.
    ...(attempt ? [saveAttempt(trx, { ...attempt, accepted: changes.accepts && (took || busy !== null) })] : []),
    ...(attempt?.status === 'paid'
      ? [
          before.attempts.length > 1 ? takeDownOthers(trx, attempt, now) : null, // nobody begins one while we hold the payment
          settleDiscrepancy(trx, attempt, 'paid_unconfirmed', now, 'the provider confirmed it'),
        ]
      : []),
    ...(changes.accepts ? [hideSiblingPayments(trx, payment, now)] : []),
    ...changes.events.map(({ type, data }) => appendEvent(trx, paymentEvent(type, payment, now, data))),
    ...reviews.flatMap((review) => openReview(trx, payment, review, now)),
    ...(changes.refund ? [openRefund(trx, { ...changes.refund, payment, reason: changes.refund.cause, at: now })] : []),
    ...(changes.accepts && took ? [releaseOrder(trx, orderPaid(payment, now))] : []),
    ...(changes.hostStep && busy ? [owe(trx, payment, changes.hostStep, busy, now)] : []),
  ];
}

/** Two records of money disagree: kept for a person, and told. */
export function openReview(trx: Transaction, payment: Payment, { reason, attemptNo, ours, theirs }: Review, now: Date): Promise<unknown>[] {
  const opened = openDiscrepancy(trx, { paymentId: payment.id, attemptNo, reason, ours, theirs, at: now });
  if (reason === 'late_money_held') return [opened]; // the world has heard it already: payment.paid_late, policy hold
  return [opened, appendEvent(trx, paymentEvent('payment.review', payment, now, { reason }))];
}

/** `order.paid`: start cooking. `data.release` is filled in by the insert that guards it. */
export function orderPaid(payment: Payment, now: Date): PaymentEvent {
  return paymentEvent('order.paid', payment, now, {
    items: payment.bill.lines.map(({ sku, name, quantity }) => ({ sku, name, quantity })),
    release: null,
  });
}

/** Money that a host does not take is never unrecorded: a person has to look. */
export function hostRefused(attempt: Pick<AttemptRow, 'no'> | null | undefined, said: GuardedWriteOutcome): Review {
  return {
    reason: 'host_refused',
    attemptNo: attempt?.no ?? null,
    ours: 'paid',
    theirs: said.kind === 'raised' ? said.postgres : 'no row',
  };
}

function owe(trx: Transaction, payment: Payment, step: NonNullable<Changes['hostStep']>, busy: Error, now: Date): Promise<unknown> {
  return oweHostWrite(trx, { paymentId: payment.id, step, nextTryAt: new Date(now.getTime() + owedAgainMs), error: busy.message, at: now });
}

function noteHost(log: Logger, { payment, hostStep }: Changes, said: GuardedWriteOutcome): void {
  if (said.kind === 'absent') return;
  log.warn(
    {
      payment_id: payment.id,
      host: payment.host,
      operation: hostStep,
      outcome: said.kind,
      ...(said.kind === 'raised' ? { postgres: said.postgres } : {}),
    },
    'the host did not take it',
  );
}
