import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { type ArrivingMoney, type Judgement, judgeMoney } from './arriving-money.ts';
import type { LateMoney } from './event-reasons.ts';
import { statusGroups } from './payment-lifecycle.ts';
import type { PaymentStatus } from './payment-status.ts';
import { rupiah } from './rupiah.ts';

const expiresAt = new Date('2026-03-02T03:15:00.000Z');
const before = (ms: number) => new Date(expiresAt.getTime() - ms);

interface Situation {
  status?: PaymentStatus;
  received?: number;
  due?: number | null;
  isPaidElsewhere?: boolean;
  lateMoney?: LateMoney;
  paidAt?: Date | null;
  hiddenAt?: Date | null;
  attemptNo?: number;
}

/** A payment of Rp25.000 whose QR of attempt 1 was shown, and money for it. */
function judge({
  status = 'pending',
  received = 25_000,
  due = 25_000,
  isPaidElsewhere = false,
  lateMoney = 'accept',
  paidAt = before(60_000),
  hiddenAt = null,
  attemptNo = 1,
}: Situation = {}): Judgement {
  const payment = aPayment({ status, amount: rupiah(25_000), shownAttempt: 1, expiresAt, hiddenAt });
  const money: ArrivingMoney = {
    payment,
    attemptNo,
    received: rupiah(received),
    paidAt,
    due: due === null ? null : rupiah(due),
    isPaidElsewhere,
    lateMoney,
  };
  return judgeMoney(money);
}

describe('money for an order that owes the amount', () => {
  it.each(statusGroups.open)('pays the order of a payment that is %s', (status) => {
    expect(judge({ status })).toEqual({ money: 'accept', status: 'paid', event: 'payment.paid', reviews: [] });
  });

  it.each(['refund', 'hold'] as const)(
    'is never late while the payment is open, also under the policy %s: the guest was shown the QR',
    (lateMoney) => {
      expect(judge({ paidAt: before(-5_000), lateMoney })).toMatchObject({ money: 'accept', event: 'payment.paid' });
    },
  );

  it('pays the order also when the host has lost it, so that the host decides', () => {
    expect(judge({ due: null })).toEqual({ money: 'accept', status: 'paid', event: 'payment.paid', reviews: [] });
  });

  it('pays the order also when the order owes more by now', () => {
    expect(judge({ due: 30_000 })).toMatchObject({ money: 'accept', reviews: [] });
  });

  it('is reported when its QR was never shown', () => {
    expect(judge({ attemptNo: 2 }).reviews).toEqual(['paid_though_never_shown']);
  });
});

describe('money of another amount', () => {
  it('is kept for an operator when it is too little', () => {
    expect(judge({ received: 24_999 })).toEqual({ money: 'keep', status: null, event: null, reviews: ['underpaid'] });
  });

  it('pays the order and opens a review when it is too much', () => {
    expect(judge({ received: 25_001 })).toMatchObject({ money: 'accept', event: 'payment.paid', reviews: ['overpaid'] });
  });
});

describe('money for an order that owes less than the amount', () => {
  it('pays the order and opens a review when the bill became smaller and was not paid elsewhere', () => {
    expect(judge({ due: 24_000 })).toMatchObject({ money: 'accept', status: 'paid', event: 'payment.paid', reviews: ['overpaid'] });
  });

  it.each([
    ['a part was paid elsewhere', { due: 5_000, isPaidElsewhere: true }],
    ['all of it was paid elsewhere', { due: 0, isPaidElsewhere: true }],
    ['nothing is due, although it was not paid elsewhere', { due: 0 }],
  ] as const)('is refunded as a duplicate when %s', (_, situation) => {
    expect(judge(situation)).toEqual({
      money: 'refund',
      status: 'paid',
      event: 'payment.duplicate_paid',
      refundCause: 'duplicate',
      reviews: [],
    });
  });

  it('is accepted when the order was paid elsewhere and still owes the whole amount', () => {
    expect(judge({ due: 25_000, isPaidElsewhere: true })).toMatchObject({ money: 'accept', reviews: [] });
  });
});

describe('money for a payment that is settled', () => {
  it.each(statusGroups.settled)('is refunded as a duplicate and keeps the status %s', (status) => {
    expect(judge({ status })).toMatchObject({ money: 'refund', status: null, event: 'payment.duplicate_paid', refundCause: 'duplicate' });
  });
});

describe('money for a payment that is closed', () => {
  const afterExpiry = new Date(expiresAt.getTime() + 60_000);

  describe.each(statusGroups.closed)('as %s', (status) => {
    it.each([
      ['accept', { money: 'accept', policy: 'accept' }],
      ['refund', { money: 'refund', policy: 'refund', refundCause: 'late' }],
      ['hold', { money: 'keep', policy: 'hold' }],
    ] as const)('follows the policy %s when the guest paid late', (lateMoney, expected) => {
      expect(judge({ status, lateMoney, paidAt: afterExpiry })).toMatchObject({ ...expected, status: 'paid', event: 'payment.paid_late' });
    });

    it.each(['accept', 'refund', 'hold'] as const)('is not late under the policy %s when the guest paid in time', (lateMoney) => {
      expect(judge({ status, lateMoney, paidAt: before(60_000) })).toEqual({
        money: 'accept',
        status: 'paid',
        event: 'payment.paid',
        reviews: [],
      });
    });
  });

  it('is late when the provider does not say when the guest paid', () => {
    expect(judge({ status: 'expired', paidAt: null })).toMatchObject({ event: 'payment.paid_late' });
  });

  it('is late when the guest paid after the QR was hidden, before it would have expired', () => {
    expect(judge({ status: 'cancelled', hiddenAt: before(120_000), paidAt: before(60_000) })).toMatchObject({ event: 'payment.paid_late' });
  });

  it('is in time up to the last whole second before the end, because providers report whole seconds', () => {
    expect(judge({ status: 'expired', paidAt: before(1_000) }).event).toBe('payment.paid');
    expect(judge({ status: 'expired', paidAt: before(999) }).event).toBe('payment.paid_late');
  });

  it('is a duplicate when the order was paid elsewhere meanwhile, also under the policy accept', () => {
    expect(judge({ status: 'expired', paidAt: afterExpiry, due: 0, isPaidElsewhere: true })).toMatchObject({
      event: 'payment.duplicate_paid',
    });
  });
});

describe('a review of too much money', () => {
  it('is opened for a duplicate only when its guest paid more than the QR says, because all of it goes back', () => {
    expect(judge({ due: 0 }).reviews).toEqual([]);
    expect(judge({ due: 0, received: 30_000 }).reviews).toEqual(['overpaid']);
  });

  it('is not opened for held money of an order that owes nothing, because the whole of it is held already', () => {
    expect(judge({ status: 'expired', paidAt: null, lateMoney: 'hold', due: 0 })).toMatchObject({ money: 'keep', reviews: [] });
  });
});
