import { findTransition, isClosed, isScannable, type LateMoney, type PaymentStatus } from '@gateway/shared/payment';
import { type Charge, stateOf } from '@gateway/simulator';
import { isKeptForAReason } from './explanations.ts';
import type { HostState } from './host-states.ts';
import { type AttemptRecord, awaitsHostWrite, type PaymentRecord, type Records } from './records.ts';
import { tillAndKitchen } from './till-and-kitchen.ts';

/** What is recorded about one order here and at the providers, and what was observed before the last step. */
export interface ObservedState {
  records: Records;
  /** The providers' own charges of this order's payments. */
  charges: readonly Charge[];
  /** The amount due on the order before the last step. */
  amountDue: number;
  /** Whether the order could be paid before the last step. */
  isPayable: boolean;
  /** Attempts whose money was accepted before the last step. */
  acceptedBefore: ReadonlySet<string>;
  /** Attempts that were recorded as paid before the last step. */
  paidBefore: ReadonlySet<string>;
  /** The store's policy for late money. */
  lateMoney: LateMoney;
  recordsBefore: Records;
  hostState: HostState;
  polls: ReadonlyMap<string, number>;
  wrongSince: ReadonlyMap<string, number>;
  /** References of charges with an undelivered webhook. */
  undelivered: ReadonlySet<string>;
  now: Date;
}

/** A message for each violation of an invariant. */
export const violations = (observed: ObservedState): string[] => [
  ...violationsOfRecords(observed),
  ...[acceptedMoneyWasDue, duplicatesAreRefunded, ...tillAndKitchen.ofStep].flatMap((invariant) => messages(invariant, observed)),
];

/** The same, without those that compare with the time before the last step. */
export const violationsOfRecords = (observed: ObservedState): string[] =>
  [
    moneyIsRecorded,
    atMostOneQr,
    closedForAReason,
    onlyAllowedTransitions,
    hostAgrees,
    orderReleasedOnce,
    refundsAreCovered,
    ...tillAndKitchen.always,
  ].flatMap((invariant) => messages(invariant, observed));

const messages = (invariant: (observed: ObservedState) => Iterable<string>, observed: ObservedState): string[] =>
  [...invariant(observed)].map((what) => `${invariant.name}: ${what}`);

const key = ({ paymentId, no }: Pick<AttemptRecord, 'paymentId' | 'no'>): string => `${paymentId}-${no}`;
export const paidIn = ({ attempts }: Records): Set<string> => new Set(attempts.filter(({ status }) => status === 'paid').map(key));
export const acceptedIn = (records: Records): Set<string> =>
  new Set(records.attempts.filter((attempt) => attempt.accepted && !awaitsHostWrite(records, attempt.paymentId)).map(key));
const attemptsOf = ({ attempts }: Records, { id }: PaymentRecord) => attempts.filter(({ paymentId }) => paymentId === id);

/** I1. Money paid at the providers is recorded with its amount, or a poll, a lookup or a webhook will still find it. */
function* moneyIsRecorded({ records, charges, undelivered, now }: ObservedState): Iterable<string> {
  for (const charge of charges) {
    const { payment: money } = stateOf(charge);
    const attempt = records.attempts.find(({ reference }) => reference === charge.reference);
    if (!attempt) {
      yield `${charge.reference} exists at ${charge.provider}, and no attempt has this reference`;
      continue;
    }
    if (!money || attempt.status === 'paid') continue;
    const payment = records.payments.find(({ id }) => id === attempt.paymentId);
    const isPolled = payment?.shownAttempt === attempt.no && payment.checkAt !== null;
    const isInInbox = records.inbox.some(({ reference, processedAt }) => reference === charge.reference && !processedAt);
    if (!isPolled && !attempt.resolveAt && !isInInbox && !undelivered.has(charge.reference))
      yield `${charge.reference} was paid, its attempt is ${attempt.status} at ${now.toISOString()}, and nothing is due that would find the money`;
  }
  for (const attempt of records.attempts.filter(({ status }) => status === 'paid')) {
    const money = charges
      .filter(({ reference }) => reference === attempt.reference)
      .map((charge) => stateOf(charge).payment)
      .find(Boolean);
    if (money?.amount !== attempt.paid) yield `${attempt.reference} is recorded with ${attempt.paid}, the provider has ${money?.amount}`;
  }
}

/** I2. Accepted money never exceeds the amount due. All other money is refunded, or a discrepancy names it. */
function* acceptedMoneyWasDue({ records, amountDue, isPayable, acceptedBefore }: ObservedState): Iterable<string> {
  let stillDue = amountDue;
  for (const attempt of records.attempts) {
    if (attempt.status !== 'paid') continue;
    const payment = records.payments.find(({ id }) => id === attempt.paymentId) as PaymentRecord;
    if (attempt.accepted) {
      if (acceptedBefore.has(key(attempt)) || awaitsHostWrite(records, payment.id)) continue;
      if (payment.amount > stillDue || !isPayable)
        yield `${attempt.reference} was accepted for ${payment.amount} while ${stillDue} was due`;
      stillDue -= payment.amount;
      continue;
    }
    const isRefunded = records.refunds.some(
      (r) => r.paymentId === attempt.paymentId && r.attemptNo === attempt.no && r.status !== 'failed',
    );
    const isKept = isKeptForAReason(records, { paymentId: attempt.paymentId, attemptNo: attempt.no });
    if (!isRefunded && !isKept) yield `${attempt.reference} was paid and not accepted, without a refund or a discrepancy`;
  }
}

/**
 * I2. A payment for an order without an amount due is refunded automatically, unless the store's policy is to hold. Its money is judged
 * when it is recorded, or when the deferred host write runs.
 */
function* duplicatesAreRefunded(observed: ObservedState): Iterable<string> {
  const { records, recordsBefore, amountDue, isPayable, paidBefore, lateMoney } = observed;
  for (const attempt of records.attempts) {
    const wasJudged = paidBefore.has(key(attempt)) && !awaitsHostWrite(recordsBefore, attempt.paymentId);
    if (attempt.status !== 'paid' || wasJudged || awaitsHostWrite(records, attempt.paymentId)) continue;
    const payment = records.payments.find(({ id }) => id === attempt.paymentId) as PaymentRecord;
    const isDuplicate = amountDue === 0 && !isPayable && (attempt.paid ?? 0) >= payment.amount;
    const isRefunded = records.refunds.some((r) => r.paymentId === attempt.paymentId && r.attemptNo === attempt.no);
    if (isDuplicate && !isRefunded && lateMoney !== 'hold')
      yield `${attempt.reference} was paid for an order without an amount due, and is not refunded`;
  }
}

/** A payment that has not expired, and whose cancel was not requested, is closed only when its QR can no longer be paid. */
function* closedForAReason({ records, charges, now }: ObservedState): Iterable<string> {
  for (const payment of records.payments) {
    if (!isClosed(payment) || payment.shownAttempt === null || payment.cancelRequestedAt || new Date(payment.expiresAt) <= now) continue;
    const charge = charges.find(({ reference }) => reference === `${payment.reference}-${payment.shownAttempt}`);
    if (charge && stateOf(charge).lifecycle === 'pending') yield `${payment.id} is ${payment.status}, and its QR can still be paid`;
  }
}

/** I3. At most one QR of the order can be scanned. It is for the amount of its payment, and the order was not paid since. */
function* atMostOneQr({ records, charges, now }: ObservedState): Iterable<string> {
  const shown = records.payments.filter((payment) => isOnDisplay(payment, now));
  if (shown.length > 1) yield `${shown.length} QRs can be scanned: ${shown.map(({ id }) => id).join(', ')}`;
  for (const payment of shown) {
    const attempt = attemptsOf(records, payment).find(({ no }) => no === payment.shownAttempt);
    const charge = charges.find(({ reference, qrString }) => reference === attempt?.reference && qrString === payment.qrString);
    if (charge?.amount !== payment.amount) yield `${payment.id} shows a QR for ${charge?.amount}, and its amount is ${payment.amount}`;
    const shownAt = records.events.find(({ type, paymentId }) => type === 'payment.pending' && paymentId === payment.id)?.id ?? 0;
    const settled = records.events.find(({ type, id }) => type === 'order.paid' && id > shownAt);
    if (settled) yield `${payment.id} shows a QR of an order that ${settled.paymentId} has paid since`;
  }
}

const timesOf = ({ hiddenAt, cancelRequestedAt, expiresAt }: PaymentRecord) => ({
  hiddenAt: hiddenAt === null ? null : new Date(hiddenAt),
  cancelRequestedAt: cancelRequestedAt === null ? null : new Date(cancelRequestedAt),
  expiresAt: new Date(expiresAt),
});

/** True while a guest can scan the payment's QR. */
export const isOnDisplay = (payment: PaymentRecord, now: Date): boolean => isScannable({ ...payment, ...timesOf(payment) }, now);

/** I4. Every status change is announced by an event, and each is a row of the lifecycle table. */
function* onlyAllowedTransitions({ records }: ObservedState): Iterable<string> {
  for (const payment of records.payments) {
    let current: PaymentStatus = 'created';
    for (const event of records.events.filter(({ paymentId }) => paymentId === payment.id)) {
      if (event.status !== current && !findTransition(current, event.status, event.type))
        yield `${payment.id} went from ${current} to ${event.status} by ${event.type}`;
      current = event.status;
    }
    if (current !== payment.status) yield `${payment.id} is ${payment.status}, and its last event has ${current}`;
  }
}

/** I5. The host has a payment as paid if and only if its money is accepted here, or the host write is deferred. */
function* hostAgrees({ records, hostState }: ObservedState): Iterable<string> {
  for (const payment of records.payments) {
    const accepted = attemptsOf(records, payment).filter(({ accepted }) => accepted);
    const hostPayment = records.hostPayments.find(({ reference }) => reference === payment.reference);
    const isAwaitingHost = awaitsHostWrite(records, payment.id);
    const isPaidAtHost = hostPayment?.status === 'settled' || hostPayment?.status === 'refunded';
    if (accepted.length > 1) yield `${payment.id} was accepted ${accepted.length} times`;
    if (accepted.length === 1 && !isPaidAtHost && !isAwaitingHost)
      yield `${payment.id} is accepted, and the host has it as ${hostPayment?.status}`;
    if (accepted.length === 0 && isPaidAtHost) yield `${payment.id} is ${hostPayment?.status} at the host, and its money is not accepted`;
  }
  const settled = records.hostPayments.filter(({ status }) => status === 'settled' || status === 'refunded');
  const sum = settled.reduce((all, { amount }) => all + amount, 0);
  if (sum !== records.order.paid && hostState !== 'books later')
    yield `the host's payments sum to ${sum}, its order has ${records.order.paid}`;
}

/** I6. The kitchen receives the order once for each payment that was accepted, with release numbers 1, 2, 3. */
function* orderReleasedOnce({ records }: ObservedState): Iterable<string> {
  const releaseEvents = records.events.filter(({ type }) => type === 'order.paid');
  const numbers = releaseEvents.map(({ release }) => release);
  if (numbers.some((release, index) => release !== index + 1)) yield `the kitchen received releases ${numbers.join(', ')}`;
  for (const payment of records.payments) {
    const isAccepted = attemptsOf(records, payment).some(({ accepted }) => accepted);
    const isAwaitingHost = awaitsHostWrite(records, payment.id);
    const times = releaseEvents.filter(({ paymentId }) => paymentId === payment.id).length;
    if (times !== (isAccepted && !isAwaitingHost ? 1 : 0))
      yield `${payment.id}: accepted ${isAccepted}, host write deferred ${isAwaitingHost}, and released ${times} times`;
  }
}

/** I9. At every moment the refunds of a charge are covered by its money, in the gateway's rows and at the provider. */
function* refundsAreCovered({ records, charges }: ObservedState): Iterable<string> {
  for (const attempt of records.attempts) {
    const open = records.refunds.filter((r) => r.paymentId === attempt.paymentId && r.attemptNo === attempt.no && r.status !== 'failed');
    const sum = open.reduce((all, { amount }) => all + amount, 0);
    if (sum !== attempt.reserved || sum > (attempt.paid ?? 0))
      yield `${attempt.reference}: ${sum} in refunds, ${attempt.reserved} reserved, ${attempt.paid} paid`;
  }
  for (const charge of charges) {
    const { refunds, payment } = stateOf(charge);
    const refundedSum = refunds.filter(({ status }) => status !== 'failed').reduce((all, { amount }) => all + amount, 0);
    if (refundedSum > (payment?.amount ?? 0)) yield `${charge.reference}: ${refundedSum} refunded of ${payment?.amount ?? 0}`;
  }
  for (const payment of records.payments) {
    const accepted = attemptsOf(records, payment).find(({ accepted }) => accepted);
    const counted = records.refunds
      .filter((r) => r.paymentId === payment.id && r.status === 'succeeded' && r.attemptNo === accepted?.no)
      .reduce((all, { amount }) => all + amount, 0);
    if (accepted && counted !== payment.refunded)
      yield `${payment.id} says ${payment.refunded} was refunded; of the accepted money it is ${counted}`;
  }
}
