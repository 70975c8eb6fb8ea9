import type { AttemptStatus } from './attempt.ts';
import { type ChargeStatus, chargeStatuses } from './charge.ts';
import { statusGroups } from './payment-lifecycle.ts';
import { attemptAfter, statusAfter } from './status-after.ts';

type Context = Parameters<typeof statusAfter>[0];
const after = (status: ChargeStatus, payment: Partial<Context['payment']> = {}, attempt: Partial<Context['attempt']> = {}) =>
  statusAfter(
    {
      payment: { status: 'pending', shownAttempt: 1, closingAs: null, ...payment },
      attempt: { no: 1, status: 'open', ...attempt },
    },
    { status },
  );

describe('an answer about a charge', () => {
  it.each<[AttemptStatus, string]>([
    ['sending', '- paid expired cancelled rejected'],
    ['open', '- paid expired cancelled rejected'],
    ['unknown', '- paid expired cancelled rejected'],
    ['rejected', 'unknown paid expired cancelled -'],
    ['absent', 'unknown paid expired cancelled rejected'],
    ['cancelled', '- paid - - -'],
    ['expired', '- paid - - -'],
    ['paid', '- - - - -'],
  ])('changes an attempt that is %s to open, paid, expired, cancelled, failed: %s', (status, expected) => {
    expect(chargeStatuses.map((seen) => attemptAfter(status, seen) ?? '-').join(' ')).toBe(expected);
  });

  it('that is known already changes nothing', () => expect(after('paid', {}, { status: 'paid' })).toBeNull());
});

describe('money', () => {
  it.each([...statusGroups.open, ...statusGroups.closed])('pays a payment that is %s, also by a QR that was never shown', (status) => {
    expect(after('paid', { status })).toEqual({ attempt: 'paid', payment: 'paid' });
    expect(after('paid', { status }, { no: 2 })).toEqual({ attempt: 'paid', payment: 'paid' });
  });

  it.each(statusGroups.settled)('does not pay a payment that is %s again, and its attempt is paid', (status) => {
    expect(after('paid', { status }, { no: 2 })).toEqual({ attempt: 'paid', payment: null });
  });
});

describe('the end of a charge without money', () => {
  it.each(['expired', 'cancelled', 'failed'] as const)('%s closes the payment whose QR is on display', (status) => {
    expect(after(status)?.payment).toBe(status);
  });

  it('leaves the QR on display when the charge was another one', () => expect(after('cancelled', {}, { no: 2 })?.payment).toBeNull());

  it.each(['created', 'cancelled', 'paid'] as const)('does not close a payment that is %s', (status) => {
    expect(after('expired', { status })?.payment).toBeNull();
  });

  it('is reported as what the gateway asked for, because some providers can only cancel', () => {
    expect(after('cancelled', { closingAs: 'expired' })?.payment).toBe('expired');
  });
});
