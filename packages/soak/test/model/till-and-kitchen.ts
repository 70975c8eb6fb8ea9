import { isOpen } from '@gateway/shared/payment';
import { type Charge, stateOf } from '@gateway/simulator';
import type { ObservedState } from './invariants.ts';
import type { PaymentRecord, Records } from './records.ts';

/** What a till and a kitchen see: money kept, status, dishes and QRs. */
export const tillAndKitchen = [statusMatchesMoney, cookedOnce, cookedAsOrdered, qrIsForTheAmountDue, paidInTimeIsNotLate];

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

/** Money that the guest paid before the QR was hidden or expired is not refunded as late. */
function* paidInTimeIsNotLate({ records, charges }: ObservedState): Iterable<string> {
  for (const { paymentId, attemptNo, cause } of records.refunds) {
    if (cause !== 'late') continue;
    const payment = records.payments.find(({ id }) => id === paymentId) as PaymentRecord;
    const attempt = attemptOf(records, payment, attemptNo);
    const paidAt = moneyOf(charges, attempt?.reference)?.paidAt ?? 0;
    const closedAt = Math.min(Date.parse(payment.expiresAt), payment.hiddenAt ? Date.parse(payment.hiddenAt) : Number.POSITIVE_INFINITY);
    if (paidAt + 1_000 <= closedAt) yield `${attempt?.reference} was paid in time, and is refunded as late`;
  }
}

const moneyOf = (charges: readonly Charge[], reference: string | undefined) =>
  charges
    .filter((charge) => charge.reference === reference)
    .map((charge) => stateOf(charge).payment)
    .find(Boolean);

/** At the end of a scenario: every payment is settled, closed without money, or a discrepancy names what is left. */
export function* unexplainedPayments(records: Records, charges: readonly Charge[]): Iterable<string> {
  for (const payment of records.payments) {
    const { id, status, received, refunded, settledAttempt, reference } = payment;
    const isNamed = records.discrepancies.some(({ paymentId }) => paymentId === id); // an operator may have closed it
    const settled = attemptOf(records, payment, settledAttempt);
    if (received > refunded && !settled?.accepted && !isNamed)
      yield `${id} is ${status} and keeps ${received - refunded} for no order, unnamed`;
    const returned = charges
      .filter((charge) => charge.reference === settled?.reference)
      .flatMap((charge) => stateOf(charge).refunds)
      .filter((refund) => refund.status === 'succeeded')
      .reduce((sum, { amount }) => sum + amount, 0);
    if (settled && received - refunded !== (settled.paid ?? 0) - returned && !isNamed)
      yield `${id} says ${received - refunded} is kept, the provider has ${(settled.paid ?? 0) - returned}, unnamed`;
    const row = records.hostPayments.find((each) => each.reference === reference);
    if (row?.status === 'pending' && !isOpen(payment) && !isNamed) yield `${id} is ${status}, and the host's row still waits for its money`;
  }
}
