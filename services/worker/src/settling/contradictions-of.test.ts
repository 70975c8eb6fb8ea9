import { type Charge, type ChargeRefund, rupiah } from '@gateway/shared/payment';
import { contradictionsOf } from './contradictions-of.ts';

const attempt = { status: 'paid', paid: rupiah(50_000), receipt: 'receipt-1' } as const;
const aCharge = (overrides: Partial<Charge> = {}): Charge => ({
  reference: 'pos-1-1',
  providerChargeId: 'charge-1',
  status: 'paid',
  amount: rupiah(50_000),
  paidAmount: rupiah(50_000),
  paidAt: null,
  qrString: null,
  expiresAt: null,
  issuer: null,
  receipt: 'receipt-1',
  refunds: [],
  ...overrides,
});
const aRefund = (overrides: Partial<ChargeRefund> = {}): ChargeRefund => ({
  reference: 'pos-1-r1',
  providerRefundId: 'refund-1',
  amount: rupiah(20_000),
  status: 'succeeded',
  reason: null,
  failure: null,
  ...overrides,
});
type Known = Parameters<typeof contradictionsOf>[1];
const ours = (overrides: Partial<Known[number]> = {}): Known => [
  { reference: 'pos-1-r1', status: 'succeeded', providerRefundId: 'refund-1', ...overrides },
];
const found = (charge: Partial<Charge>, known: Known = [], unknownEvent: string | null = null) =>
  contradictionsOf(attempt, known, { charge: aCharge(charge), unknownEvent });

describe('a charge as it is recorded', () => {
  it('contradicts nothing', () => expect(found({})).toEqual([]));

  it('contradicts nothing when the provider names no receipt or amount', () => {
    expect(found({ receipt: null, paidAmount: null })).toEqual([]);
  });
});

describe('a refund at the provider', () => {
  it('contradicts nothing when it is ours, pending or succeeded', () => {
    expect(found({ refunds: [aRefund()] }, ours())).toEqual([]);
    expect(found({ refunds: [aRefund()] }, ours({ status: 'pending', providerRefundId: null }))).toEqual([]);
    expect(found({ refunds: [aRefund()] }, ours({ providerRefundId: null }))).toEqual([]); // we never learned its id
  });

  const carriedOut = { subject: 'refund-1', theirs: 'refunded 20000 as refund-1' };
  it.each([
    ['was not requested here', aRefund({ reference: null }), ours(), { ...carriedOut, ours: 'not requested' }],
    [
      'has another reference than ours',
      aRefund({ reference: 'pos-1-r9' }),
      ours({ status: 'pending', providerRefundId: null }),
      { ...carriedOut, ours: 'not requested' },
    ],
    ['failed here and was carried out there', aRefund(), ours({ status: 'failed' }), { ...carriedOut, ours: 'failed as pos-1-r1' }],
    [
      'failed here and was carried out there under another id',
      aRefund(),
      ours({ status: 'failed', providerRefundId: 'refund-0' }),
      { ...carriedOut, ours: 'failed as pos-1-r1' },
    ],
    [
      'is a second one under our reference',
      aRefund({ providerRefundId: 'refund-2' }),
      ours(),
      { subject: 'refund-2', ours: 'not requested', theirs: 'refunded 20000 as refund-2' },
    ],
    [
      'was taken back after it had succeeded',
      aRefund({ status: 'failed' }),
      ours(),
      { subject: 'refund-1 failed', ours: 'refunded', theirs: 'refund of 20000 failed as refund-1' },
    ],
  ] as const)('contradicts our record when it %s', (_, refund, known, contradiction) => {
    expect(found({ refunds: [refund] }, known)).toEqual([contradiction]);
  });

  it('contradicts nothing when it failed and is pending here, or was never ours', () => {
    expect(found({ refunds: [aRefund({ status: 'failed' })] }, ours({ status: 'pending' }))).toEqual([]);
    expect(found({ refunds: [aRefund({ status: 'failed', reference: null })] })).toEqual([]);
  });
});

describe('money that a provider reports of a paid charge', () => {
  const recorded = 'paid 50000 with receipt receipt-1';

  it('contradicts our record when the charge is not paid any more', () => {
    expect(found({ status: 'failed' })).toEqual([{ subject: 'failed', ours: 'paid', theirs: 'failed' }]);
  });

  it.each([
    [
      'is a second payment when its receipt differs, also of the same amount',
      { receipt: 'receipt-2' },
      'paid 50000 with receipt receipt-2',
    ],
    ['contradicts our record when its amount differs', { paidAmount: rupiah(60_000) }, 'paid 60000 with receipt receipt-1'],
  ])('%s', (_, charge, theirs) => {
    expect(found(charge)).toEqual([{ subject: theirs, ours: recorded, theirs }]);
  });

  it('contradicts nothing when we have no receipt to compare', () => {
    expect(contradictionsOf({ ...attempt, receipt: null }, [], { charge: aCharge({ receipt: 'receipt-2' }), unknownEvent: null })).toEqual(
      [],
    );
  });

  it('contradicts nothing while the charge is not paid here', () => {
    const open = { ...attempt, status: 'open', paid: null } as const;
    expect(contradictionsOf(open, [], { charge: aCharge({ status: 'expired' }), unknownEvent: 'dispute' })).toEqual([]);
  });
});

describe('a webhook event that the gateway does not know', () => {
  it('is a contradiction of a paid charge: it may be a dispute', () => {
    expect(found({}, [], 'dispute')).toEqual([{ subject: 'dispute', ours: 'paid', theirs: 'dispute' }]);
  });
});
