import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { IllegalTransition } from './domain-error.ts';
import {
  announce,
  announcements,
  findTransition,
  isClosed,
  isOpen,
  isSettled,
  statusGroups,
  statusIn,
  transition,
} from './payment-lifecycle.ts';
import { type PaymentEventType, type PaymentStatus, paymentEventTypes, paymentStatuses } from './payment-status.ts';

const now = new Date('2026-03-02T03:05:00.000Z');
const announcement = { id: 'evt_1', now };
const paymentIn = (status: PaymentStatus) => aPayment({ status });

/** Written out and not derived from the table: two readings of the API documentation must agree. Every other triple is refused. */
const allowed = new Set([
  'created pending payment.pending',
  'created paid payment.paid',
  'created paid payment.duplicate_paid',
  'created cancelled payment.cancelled',
  'created failed payment.failed',
  'pending paid payment.paid',
  'pending paid payment.duplicate_paid',
  'pending expired payment.expired',
  'pending cancelled payment.cancelled',
  'pending failed payment.failed',
  'expired paid payment.paid',
  'expired paid payment.paid_late',
  'expired paid payment.duplicate_paid',
  'cancelled paid payment.paid',
  'cancelled paid payment.paid_late',
  'cancelled paid payment.duplicate_paid',
  'failed paid payment.paid',
  'failed paid payment.paid_late',
  'failed paid payment.duplicate_paid',
  'paid partially_refunded refund.succeeded',
  'paid refunded refund.succeeded',
  'partially_refunded partially_refunded refund.succeeded',
  'partially_refunded refunded refund.succeeded',
]);

const triples = paymentStatuses.flatMap((from) =>
  paymentStatuses.flatMap((to) =>
    paymentEventTypes.map((event) => ({ from, to, event, isAllowed: allowed.has(`${from} ${to} ${event}`) })),
  ),
);

describe('transition', () => {
  it.each(triples.filter(({ isAllowed }) => isAllowed))('changes $from to $to and announces $event', ({ from, to, event }) => {
    const { payment, event: made } = transition(paymentIn(from), to, event, announcement);
    expect(payment).toMatchObject({ status: to, updatedAt: now });
    expect(made).toMatchObject({ event_id: 'evt_1', type: event, status: to, occurred_at: now.toISOString() });
  });

  it('refuses each of the other triples of status, status and event', () => {
    const refused = triples.filter(({ isAllowed }) => !isAllowed);
    expect(refused).toHaveLength(paymentStatuses.length ** 2 * paymentEventTypes.length - allowed.size);
    for (const { from, to, event } of refused)
      expect(() => transition(paymentIn(from), to, event, announcement)).toThrow(IllegalTransition);
  });

  it('names both statuses and the event when it refuses', () => {
    expect(() => transition(paymentIn('refunded'), 'pending', 'payment.pending', announcement)).toThrow(
      'a payment cannot go from refunded to pending by payment.pending',
    );
  });

  it('does not change the payment that it is given', () => {
    const payment = paymentIn('pending');
    transition(payment, 'paid', 'payment.paid', announcement);
    expect(payment.status).toBe('pending');
  });

  it('is later than the change before it, also when the clock of the process that makes it is behind', () => {
    const pending = transition(paymentIn('created'), 'pending', 'payment.pending', announcement).payment;
    const halfAMinuteBehind = { id: 'evt_2', now: new Date(now.getTime() - 30_000) };
    const { payment: paid, event } = transition(pending, 'paid', 'payment.paid', halfAMinuteBehind);
    expect(event.occurred_at > pending.updatedAt.toISOString()).toBe(true);
    expect(announce(paid, 'order.paid', halfAMinuteBehind).occurred_at > event.occurred_at).toBe(true);
  });

  it.each([...statusGroups.open, ...statusGroups.closed])('never refuses money: %s becomes paid', (from) => {
    expect(findTransition(from, 'paid', 'payment.duplicate_paid')).toBeDefined();
  });
});

describe('announce', () => {
  const statusesOf = (event: PaymentEventType) => announcements[event] ?? [];

  it.each(paymentEventTypes)('makes %s in the statuses that the list names, and in no other', (event) => {
    for (const status of paymentStatuses) {
      const made = () => announce(paymentIn(status), event, announcement);
      if (statusesOf(event).includes(status)) expect(made()).toMatchObject({ type: event, status });
      else expect(made).toThrow(`${event} may not occur while a payment is ${status}`);
    }
  });

  it('releases an order to the kitchen only when money is there', () => {
    expect(statusesOf('order.paid')).toEqual(['paid', 'partially_refunded', 'refunded']);
  });

  it('announces a duplicate without a change of status only when the first money is there', () => {
    expect(statusesOf('payment.duplicate_paid')).toEqual(['paid', 'partially_refunded', 'refunded']);
  });
});

describe('the status groups', () => {
  it('divide all statuses: each is open, closed or settled, and never two of them', () => {
    for (const status of paymentStatuses)
      expect([isOpen, isClosed, isSettled].filter((isInGroup) => isInGroup({ status }))).toHaveLength(1);
  });

  it('read the same in SQL', () => {
    expect(statusIn(statusGroups.open)).toBe("in ('created', 'pending')");
  });
});
