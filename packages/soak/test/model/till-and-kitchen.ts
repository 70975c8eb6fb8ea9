import { isOpen } from '@gateway/shared/payment';
import { type Charge, stateOf } from '@gateway/simulator';
import { isContradicted, isKeptForAReason, isUndecided } from './explanations.ts';
import type { ObservedState } from './invariants.ts';
import { awaitsHostWrite, type PaymentRecord, type Records } from './records.ts';

/** What a till and a kitchen see: money kept, status, dishes and QRs. `ofStep` compares with the time before the last step. */
export const tillAndKitchen = {
  always: [statusMatchesMoney, cookedOnce, lateMeansPaidLate],
  ofStep: [cookedAsOrdered, qrIsForTheAmountDue, duplicateMeansPaidElsewhere],
};

const attemptOf = ({ attempts }: Records, { id }: PaymentRecord, no: number | null) =>
  attempts.find((attempt) => attempt.paymentId === id && attempt.no === no);

/** Received minus refunded is what the gateway knows of the settled money, and the status says it. */
function* statusMatchesMoney({ records }: ObservedState): Iterable<string> {
  for (const payment of records.payments) {
    const { id, status, received, refunded, settledAttempt } = payment;
    const settled = attemptOf(records, payment, settledAttempt);
    const wentBack = records.refunds
      .filter((r) => r.paymentId === id && r.attemptNo === settledAttempt && r.status === 'succeeded')
      .reduce((sum, { amount }) => sum + amount, 0);
    if (received !== (settled?.paid ?? 0)) yield `${id} says it received ${received}, its settled attempt ${settled?.paid}`;
    if (refunded !== wentBack) yield `${id} says ${refunded} was refunded, and of its settled money ${wentBack} went back`;
    const isSettledStatus = status === 'paid' || status === 'partially_refunded' || status === 'refunded';
    const expected = refunded === 0 ? 'paid' : refunded < received ? 'partially_refunded' : 'refunded';
    if (isSettledStatus && status !== expected) yield `${id} is ${status}, with ${received} received and ${refunded} refunded`;
  }
}

interface Dish {
  name: string;
  quantity: number;
}

/** How many of each dish. */
function counted(dishes: readonly Dish[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, quantity } of dishes) counts.set(name, (counts.get(name) ?? 0) + Number(quantity));
  return counts;
}
const cookedIn = ({ events }: Records): Dish[] => events.flatMap(({ items }) => items ?? []);
const text = (dishes: readonly Dish[]): string =>
  [...counted(dishes)]
    .map(([name, quantity]) => `${quantity} ${name}`)
    .sort()
    .join(', ');

/** No dish is cooked more often than the order lists it. */
function* cookedOnce({ records }: ObservedState): Iterable<string> {
  const ordered = counted(records.lines);
  for (const [name, quantity] of counted(cookedIn(records)))
    if (quantity > (ordered.get(name) ?? 0)) yield `${quantity} ${name} were cooked, and ${ordered.get(name) ?? 0} ordered`;
}

/**
 * After each release the kitchen has been asked for exactly what the order lists.
 * The list before the step counts too: in a race the editor may change the order right after the release.
 */
function* cookedAsOrdered({ records, recordsBefore }: ObservedState): Iterable<string> {
  if (records.releases.length === recordsBefore.releases.length) return;
  const [cooked, ordered, orderedBefore] = [text(cookedIn(records)), text(records.lines), text(recordsBefore.lines)];
  if (cooked !== ordered && cooked !== orderedBefore) yield `the kitchen was asked for ${cooked}, and the order as paid is ${ordered}`;
}

/** A QR of an order that may not be paid, or that owes another amount, is off the display within two polls. */
function* qrIsForTheAmountDue({ records, polls, wrongSince, amountDue }: ObservedState): Iterable<string> {
  for (const [id, pollsThen] of wrongSince) {
    const times = (polls.get(id) ?? 0) - pollsThen;
    const payment = records.payments.find((each) => each.id === id);
    if (times >= 2) yield `${id} still shows a QR for ${payment?.amount} after ${times} polls; ${amountDue} was due before the last step`;
  }
}

/** `paid_at` is rounded down to whole seconds, so a guest may have paid up to this much later (docs/providers.md 8), milliseconds. */
const paidAtResolutionMs = 1_000;

/** Money that the guest paid before the QR was hidden or expired is not treated as late, and money that was paid later is not treated as in time. */
function* lateMeansPaidLate({ records, charges }: ObservedState): Iterable<string> {
  for (const payment of records.payments) {
    const { hiddenAt, expiresAt, settledAttempt } = payment;
    const closedAt = Math.min(Date.parse(expiresAt), hiddenAt ? Date.parse(hiddenAt) : Number.POSITIVE_INFINITY);
    for (const no of judgedLate(records, payment)) {
      const reference = attemptOf(records, payment, no)?.reference;
      const paidAt = moneyOf(charges, reference)?.paidAt;
      if (paidAt !== undefined && paidAt + paidAtResolutionMs <= closedAt) yield `${reference} was paid in time, and is treated as late`;
    }
    const types = records.events.filter(({ paymentId }) => paymentId === payment.id).map(({ type }) => type);
    const isPaidAfterClosing =
      types.indexOf('payment.paid') > types.findIndex((type) => closings.has(type)) && types.some((type) => closings.has(type));
    const settled = attemptOf(records, payment, settledAttempt);
    if (isPaidAfterClosing && (moneyOf(charges, settled?.reference)?.paidAt ?? 0) > closedAt)
      yield `${settled?.reference} was paid late, and is treated as paid in time`;
  }
}

const closings: ReadonlySet<string> = new Set(['payment.expired', 'payment.cancelled', 'payment.failed']);

/** The attempts of the payment whose money was refunded, held or announced as late. */
function judgedLate({ refunds, discrepancies, events }: Records, { id, settledAttempt }: PaymentRecord): Set<number | null> {
  const isOfPayment = ({ paymentId }: { paymentId: string }): boolean => paymentId === id;
  return new Set([
    ...refunds.filter((refund) => isOfPayment(refund) && refund.cause === 'late').map(({ attemptNo }) => attemptNo),
    ...discrepancies.filter((each) => isOfPayment(each) && each.reason === 'late_money_held').map(({ attemptNo }) => attemptNo),
    ...events.filter((event) => isOfPayment(event) && event.type === 'payment.paid_late').map(() => settledAttempt),
  ]);
}

/** The first money of a payment is refunded as a duplicate only when the order owes nothing, or other money was taken for it. */
function* duplicateMeansPaidElsewhere({ records, recordsBefore, amountDue, isPayable }: ObservedState): Iterable<string> {
  for (const { id, paymentId, attemptNo, cause } of records.refunds) {
    if (cause !== 'duplicate' || recordsBefore.refunds.some((before) => before.id === id)) continue;
    const payment = records.payments.find((each) => each.id === paymentId) as PaymentRecord;
    const isOtherAtHost = records.hostPayments.some(
      ({ reference, status }) => reference !== payment.reference && (status === 'settled' || status === 'refunded'),
    );
    // The money of another payment may be known to the gateway only. A deferred host write does not count money whose own write is deferred too.
    const isDeferred = awaitsHostWrite(recordsBefore, paymentId);
    const isOtherAccepted = [recordsBefore, records].some((each) =>
      each.attempts.some(
        ({ accepted, paymentId: other }) => accepted && other !== paymentId && !(isDeferred && awaitsHostWrite(each, other)),
      ),
    );
    const isOtherMoney = isOtherAtHost || isOtherAccepted;
    if (payment.settledAttempt === attemptNo && isPayable && amountDue > 0 && !isOtherMoney)
      yield `${payment.reference} is refunded as a duplicate, and its order owes ${amountDue}`;
  }
}

const moneyOf = (charges: readonly Charge[], reference: string | undefined) =>
  charges
    .filter((charge) => charge.reference === reference)
    .map((charge) => stateOf(charge).payment)
    .find(Boolean);

/**
 * At the end of a scenario: every payment is settled, closed without money, or a discrepancy names what is left. The host's row of a
 * payment waits at most until an operator has decided.
 */
export function* unexplainedPayments(records: Records, charges: readonly Charge[]): Iterable<string> {
  for (const payment of records.payments) {
    const { id, status, received, refunded, settledAttempt: attemptNo, reference } = payment;
    const subject = { paymentId: id, attemptNo };
    const settled = attemptOf(records, payment, attemptNo);
    if (received > refunded && !settled?.accepted && !isKeptForAReason(records, subject))
      yield `${id} is ${status} and keeps ${received - refunded} for no order, unnamed`;
    const returned = charges
      .filter((charge) => charge.reference === settled?.reference)
      .flatMap((charge) => stateOf(charge).refunds)
      .filter((refund) => refund.status === 'succeeded')
      .reduce((sum, { amount }) => sum + amount, 0);
    if (settled && received - refunded !== (settled.paid ?? 0) - returned && !isContradicted(records, subject))
      yield `${id} says ${received - refunded} is kept, the provider has ${(settled.paid ?? 0) - returned}, unnamed`;
    const row = records.hostPayments.find((each) => each.reference === reference);
    if (row?.status === 'pending' && !isOpen(payment) && !isUndecided(records, subject))
      yield `${id} is ${status}, and the host's row still waits for its money`;
  }
}
