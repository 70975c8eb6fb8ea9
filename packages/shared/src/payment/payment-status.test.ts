import { IllegalTransition } from './domain-error.ts';
import { eventFor, type PaymentEventType, type PaymentStatus, paymentStatuses } from './payment-status.ts';

/** Written out, not derived from the table: two readings of the contract must agree. Everything that is not here is refused. */
const allowed: readonly (readonly [PaymentStatus, PaymentStatus, PaymentEventType])[] = [
  ['created', 'pending', 'payment.pending'],
  ['created', 'paid', 'payment.paid'],
  ['created', 'cancelled', 'payment.cancelled'],
  ['created', 'failed', 'payment.failed'],
  ['pending', 'paid', 'payment.paid'],
  ['pending', 'expired', 'payment.expired'],
  ['pending', 'cancelled', 'payment.cancelled'],
  ['pending', 'failed', 'payment.failed'],
  ['expired', 'paid', 'payment.paid_late'],
  ['cancelled', 'paid', 'payment.paid_late'],
  ['failed', 'paid', 'payment.paid_late'],
  ['paid', 'partially_refunded', 'refund.succeeded'],
  ['paid', 'refunded', 'refund.succeeded'],
  ['partially_refunded', 'partially_refunded', 'refund.succeeded'],
  ['partially_refunded', 'refunded', 'refund.succeeded'],
];

const matrix = paymentStatuses.flatMap((from) =>
  paymentStatuses.map((to) => ({ from, to, event: allowed.find(([f, t]) => f === from && t === to)?.[2] ?? null })),
);

describe('what may follow what', () => {
  it.each(matrix.filter(({ event }) => event))('$from → $to says $event', ({ from, to, event }) => {
    expect(eventFor(from, to)).toBe(event);
  });

  it.each(matrix.filter(({ event }) => !event))('$from → $to is refused', ({ from, to }) => {
    expect(() => eventFor(from, to)).toThrow(IllegalTransition);
    expect(() => eventFor(from, to)).toThrow(`a payment cannot go from ${from} to ${to}`);
  });

  it('covers all 64 pairs', () => {
    expect(matrix).toHaveLength(64);
  });

  it.each(['created', 'pending', 'expired', 'cancelled', 'failed'] as const)('never refuses money: %s may become paid', (from) => {
    expect(eventFor(from, 'paid')).toMatch(/^payment\.paid/);
  });
});
