import { type Charge, stateOf } from '@gateway/simulator';
import { violationsOfRecords } from '../model/invariants.ts';
import { type Records, recordsOf } from '../model/records.ts';
import { unfinishedWork } from '../model/unfinished-work.ts';
import type { Gateway } from './gateway.ts';
import type { People } from './people.ts';
import type { ScreenMessage } from './relay-redis.ts';
import type { World } from './world.ts';

interface PublishedEvent {
  id: string;
  type: string;
  paymentId: string;
  at: Date;
  seq: number | null;
  isMarked: boolean;
}

const eventsOfOrder = {
  name: 'world-events',
  text: `select o.event_id as id, o.type, o.payment_id as "paymentId", o.occurred_at as at, o.seq, o.published_at is not null as "isMarked" from gateway.outbox o
    join gateway.payments p on p.id = o.payment_id where p.host = 'pos' and p.order_key = $1 order by o.seq`,
};

/** Everything that is wrong when a world has ended. Empty: all invariants hold. */
export async function findingsOf(world: World, { lane, book }: Gateway, { orderId, answers }: People): Promise<string[]> {
  const { pool } = lane.adminDb;
  const [records, { rows: events }] = await Promise.all([
    recordsOf(pool, 'pos', orderId),
    pool.query<PublishedEvent>({ ...eventsOfOrder, values: [orderId] }),
  ]);
  const observed = {
    records,
    recordsBefore: records,
    charges: book.charges,
    amountDue: 0,
    isPayable: false,
    acceptedBefore: new Set<string>(),
    paidBefore: new Set<string>(),
    lateMoney: 'accept' as const,
    hostState: 'as usual' as const,
    polls: new Map(),
    wrongSince: new Map(),
    undelivered: new Set<string>(),
    now: world.time.now(),
  };
  const findings = [
    ...world.errors,
    ...violationsOfRecords(observed),
    ...unfinishedWork({ records, charges: () => book.charges }),
    ...overpaid(records),
    ...acceptedForTooLittle(records),
    ...wrongQrs(records, book.charges),
    ...chargesLeftOpen(records, book.charges),
    ...secondQrs(records, events),
    ...keysWithTwoPayments(answers, events),
    ...screenProblems(events, lane.redis.received),
  ];
  const announced = events.map(({ type, paymentId }) => `${type} of ${world.alias('payment', paymentId)}`);
  world.note(`All is calm. The events were: ${announced.join(', ')}.`);
  return findings.map((finding) => named(finding, world, records));
}

/** The finding with the names that the story uses: ids are random. */
function named(finding: string, world: World, { payments }: Records): string {
  return payments.reduce((text, { id, reference }) => {
    const name = world.alias('payment', id);
    return text
      .replace(new RegExp(`${reference}-(\\d+)`, 'g'), `charge -$1 of ${name}`)
      .replaceAll(id, name)
      .replaceAll(reference, name);
  }, finding);
}

/** I2. The order is never paid more than once. */
function* overpaid({ order }: Records): Iterable<string> {
  if (order.paid > order.total) yield `the order was paid ${order.paid} of ${order.total}`;
}

/** I2. Money pays an order only when it covers its payment. */
function* acceptedForTooLittle({ payments, attempts }: Records): Iterable<string> {
  for (const { id, amount } of payments)
    for (const { reference, paid } of attempts.filter((attempt) => attempt.accepted && attempt.paymentId === id))
      if ((paid ?? 0) < amount) yield `${reference} was accepted with ${paid}, and its payment is for ${amount}`;
}

/** I3. A QR that was shown asks for the amount of its payment. */
function* wrongQrs({ payments }: Records, charges: readonly Charge[]): Iterable<string> {
  for (const { id, amount, reference, shownAttempt } of payments) {
    const shown = charges.find((charge) => charge.reference === `${reference}-${shownAttempt}`);
    if (shown && shown.echo.qrAmount !== amount) yield `${id} showed a QR for ${shown.echo.qrAmount}, and its amount is ${amount}`;
  }
}

/** How long after the order was paid its other QR may be on display, milliseconds: a time of the gateway is read before its transaction. */
const hiddenWithinMs = 5_000;

/** I3. When the order is paid, a QR of another payment of it is hidden in the same transaction. */
function* secondQrs({ payments }: Records, events: readonly PublishedEvent[]): Iterable<string> {
  for (const paid of events.filter(({ type }) => type === 'order.paid'))
    for (const { id, hiddenAt } of payments) {
      const shown = events.find(({ type, paymentId }) => type === 'payment.pending' && paymentId === id);
      if (id === paid.paymentId || !shown || shown.at >= paid.at) continue;
      const visibleMs = (hiddenAt ? Date.parse(hiddenAt) : Number.POSITIVE_INFINITY) - paid.at.getTime();
      if (visibleMs > hiddenWithinMs) yield `the QR of ${id} was on display for ${visibleMs} ms after ${paid.paymentId} had paid the order`;
    }
}

/** An Idempotency-Key names one payment, until that payment has failed. */
function* keysWithTwoPayments(answers: People['answers'], events: readonly PublishedEvent[]): Iterable<string> {
  for (const [key, ids] of answers)
    for (const id of [...ids].slice(0, -1))
      if (!events.some(({ type, paymentId }) => type === 'payment.failed' && paymentId === id))
        yield `the requests with ${key} were answered with the payments ${[...ids].join(', ')}`;
}

/** A charge that the gateway knows ends by the gateway or by money, and not because it was forgotten until it expired. */
function* chargesLeftOpen({ attempts, payments }: Records, charges: readonly Charge[]): Iterable<string> {
  for (const charge of charges) {
    const { lifecycle, payment } = stateOf(charge);
    const attempt = attempts.find(({ reference }) => reference === charge.reference);
    const wasShown = payments.some(({ id, shownAttempt }) => id === attempt?.paymentId && shownAttempt === attempt.no);
    const mayBeFound = charge.provider === 'midtrans' || wasShown || attempt?.reason === 'not_shown'; // Xendit finds an unpaid one by its id only
    if (payment || !mayBeFound) continue;
    if (lifecycle === 'pending') yield `${charge.reference} can still be paid at ${charge.provider}; its attempt is ${attempt?.status}`;
    if (lifecycle === 'expired')
      yield `${charge.reference} could be paid at ${charge.provider} until it expired there; its attempt is ${attempt?.status}`;
  }
}

/** I6. Each event was published with one number, in order, without a gap. */
function* screenProblems(events: readonly PublishedEvent[], received: readonly ScreenMessage[]): Iterable<string> {
  const first = events[0]?.seq ?? 0;
  for (const [index, { id, seq, isMarked }] of events.entries()) {
    if (seq !== first + index) yield `the events have the numbers ${events.map((event) => event.seq).join(', ')}`;
    if (!isMarked) yield `event ${seq} is not marked as published`;
    if (!received.some((message) => message.seq === seq && message.id === id)) yield `event ${seq} was never published`;
  }
  let last = 0;
  const seen = new Map<number, string>();
  for (const { seq, id } of received) {
    if ((seen.get(seq) ?? id) !== id) yield `number ${seq} was published for two events`;
    if (!seen.has(seq) && seq < last) yield `event ${seq} was first published after event ${last}`;
    seen.set(seq, id);
    last = Math.max(last, seq);
  }
}
