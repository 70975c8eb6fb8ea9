import {
  composeStatement,
  type GuardedWriteOutcome,
  type Host,
  type HostOrder,
  isHostFailure,
  OneStatement,
  orderDetails,
  partOf,
} from '@gateway/shared/host';
import { type Attempt, announce, type Payment, type PaymentEvent, type ReleaseItem } from '@gateway/shared/payment';
import { pipelined, type Queryable, type Transaction } from '@gateway/shared/postgres';
import { newEventId, plusMs } from '@gateway/shared/runtime';
import { attempts, discrepancies, events, hostWrites, payments, refunds } from '@gateway/shared/store';
import { hostWriteRetryMs, hostWriteValues } from './host-write.ts';
import type { LockedReads } from './locked-reads.ts';
import { hostRefusedReview, hostUnreadableReview, openReview } from './open-review.ts';
import type { PlannedChanges } from './plan-changes.ts';

export interface WrittenChanges {
  /** As they were read under the locks. */
  before: LockedReads & { payment: Payment };
  changes: PlannedChanges;
  hostResult: GuardedWriteOutcome | null;
  hostError: Error | null;
  /** The host's paid amount shows the money already. */
  isBooked: boolean;
  /** What the kitchen cooks when the order is released. */
  items: ReleaseItem[];
  now: Date;
}

/** Sends a statement for every row that the changes touch. @param saveAttempt writes the attempt, if it is not to be sent like the others */
export function writeChanges(
  to: Queryable,
  { before, changes, hostResult, hostError, isBooked, items, now }: WrittenChanges,
  saveAttempt: (attempt: Attempt) => Promise<unknown> = (attempt) => attempts.save(to, attempt),
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
  const hostPaidBefore = before.order?.paid ?? null;
  return [
    payments.save(to, payment, before.payment.version),
    ...(attempt ? [saveAttempt({ ...attempt, accepted, unbooked: accepted && !isBooked, hostPaidBefore })] : []),
    ...(attempt?.status === 'paid'
      ? [
          before.attempts.length > 1 ? attempts.cancelOthers(to, attempt, now) : null, // the payment's lock keeps new attempts from being made
          before.mayBeUnconfirmed ? discrepancies.resolve(to, attempt, 'paid_unconfirmed', now, 'the provider confirmed it') : null,
        ]
      : []),
    ...(accepts && tookEffect && before.mayHaveSiblings ? [payments.hideSiblings(to, payment, now)] : []),
    ...(event ? [events.append(to, event, payment.orderKey)] : []),
    ...reviews.flatMap((review) => openReview(to, payment, review, now)),
    ...(refund ? [refunds.open(to, { ...refund, payment, reason: refund.cause, at: now })] : []),
    ...(accepts && tookEffect ? [events.releaseOrder(to, orderPaid(payment, before.order, items, now), payment.orderKey)] : []),
    ...(hostStep && hostError ? [deferHostWrite(to, payment, hostStep, hostError, now)] : []),
  ];
}

/**
 * `order.paid`: the kitchen starts to cook. The insert that guards the release fills in `data.release`.
 * @param order as it is now: its guests may have changed the table since the payment was made. Null: it is not known
 */
export function orderPaid(payment: Payment, order: HostOrder | null, items: ReleaseItem[], now: Date): PaymentEvent {
  return announce(withDetailsOf(payment, order), 'order.paid', { id: newEventId(), now, data: { items, release: null } });
}

/** The payment with the details that its order has now. */
const withDetailsOf = (payment: Payment, order: HostOrder | null): Payment =>
  order ? { ...payment, bill: { ...payment.bill, details: orderDetails(order) } } : payment;

function deferHostWrite(
  to: Queryable,
  payment: Payment,
  step: NonNullable<PlannedChanges['hostStep']>,
  hostError: Error,
  now: Date,
): Promise<unknown> {
  const nextTryAt = plusMs(now, hostWriteRetryMs);
  return hostWrites.defer(to, { paymentId: payment.id, step, nextTryAt, error: hostError.message, at: now });
}

/**
 * Writes money that the order owes as one statement with the host's own `paid.sql` in it, and commits, in one round trip. Only for the
 * usual case: one event, nothing for an operator, nothing to give back. The attempt is written after it, because only then the host's paid
 * amount tells whether the money is booked. Everything fails when the host refuses: the caller then writes step by step.
 * @returns false when this is not the usual case, and nothing was sent
 */
export async function writeAtOnce(
  trx: Transaction,
  host: Host,
  { before, changes, items, now }: Pick<WrittenChanges, 'before' | 'changes' | 'items' | 'now'>,
  extraWrites: (to: Queryable) => Promise<unknown>,
): Promise<boolean> {
  const { payment, attempt, hostStep, accepts, reviews, refund } = changes;
  if (hostStep !== 'paid' || !accepts || !attempt || reviews.length > 0 || refund) return false;
  const { parts } = host.orders;
  const paidInHost = parts.write('paid', hostWriteValues(payment, before.order, now, { attempt }));
  if (!paidInHost) return false;
  const statement = new OneStatement(paidInHost);
  let saved: Attempt = attempt;
  const written = writeChanges(
    statement,
    { before, changes, hostResult: { kind: 'took_effect', hostPaymentKey: null }, hostError: null, isBooked: false, items, now },
    async (toSave) => {
      saved = toSave;
    },
  );
  const saveAttempt = composeStatement(
    'save unless booked',
    [parts.order(payment), partOf(attempts.saveUnlessBookedQuery(saved, payment.recorded))],
    ([order, save]) => `with host_order as (${order}\n) ${save}`,
  );
  await pipelined([...written, extraWrites(statement), statement.send(trx), trx.query(saveAttempt), trx.commit()]);
  return true;
}
