import { type Attempt, type Charge, type Payment, rupiah } from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';
import { aPayment, type PaymentOverrides } from '@gateway/testing/worker/payment-fixture';
import { type LockedState, type PaymentUpdate, type PlannedChanges, planChanges } from './plan-changes.ts';

const now = new Date('2026-03-02T03:05:00.000Z');
const later = (ms: number) => plusMs(now, ms);
const hour = 3_600_000;

/** A payment of Rp50,000 whose QR, of attempt 1, is on display. */
const onDisplay = (overrides: PaymentOverrides = {}): Payment =>
  aPayment({
    status: 'pending',
    amount: rupiah(50_000),
    qrString: '000201',
    shownAttempt: 1,
    expiresAt: later(60_000),
    checkAt: later(3_000),
    watchUntil: later(48 * hour),
    ...overrides,
  });
const anAttempt = (payment: Payment, overrides: Partial<Attempt> = {}): Attempt => ({
  paymentId: payment.id,
  no: 1,
  provider: 'midtrans',
  account: 'default',
  reference: `${payment.reference}-1`,
  providerChargeId: 'charge-1',
  status: 'open',
  reason: null,
  paid: null,
  accepted: false,
  unbooked: false,
  hostPaidBefore: null,
  issuer: null,
  receipt: null,
  paidAt: null,
  resolveAt: null,
  leaseNo: 0,
  startedAt: now,
  answeredAt: null,
  ...overrides,
});
const aCharge = (overrides: Partial<Charge> = {}): Charge => ({
  reference: 'pos-1-1',
  providerChargeId: 'charge-1',
  status: 'paid',
  amount: rupiah(50_000),
  paidAmount: rupiah(50_000),
  paidAt: later(-2_000),
  qrString: null,
  expiresAt: null,
  issuer: 'dana',
  receipt: 'receipt-1',
  refunds: [],
  ...overrides,
});
const planned = (payment: Payment, update: PaymentUpdate, state: Partial<LockedState> = {}) =>
  planChanges(
    {
      payment,
      attempts: [1, 2].map((no) => anAttempt(payment, { no })),
      due: payment.amount,
      isPaidElsewhere: false,
      lateMoney: 'accept',
      eventId: 'evt_1',
      now,
      ...state,
    },
    update,
  );
const answered = (payment: Payment, charge: Partial<Charge> = {}, state: Partial<LockedState> = {}, attemptNo = 1): PlannedChanges =>
  planned(payment, { kind: 'charge', attemptNo, charge: aCharge(charge) }, state) as PlannedChanges;
const close = (payment: Payment, as: 'expired' | 'cancelled' = 'expired') => planned(payment, { kind: 'closed', as, reason: 'provider' });
const giveUp = (payment: Payment, leaseNo = payment.leaseNo) =>
  planned(payment, { kind: 'given_up', leaseNo, reason: 'providers_unavailable', route: [] });

describe('a payment without a QR', () => {
  it('fails when no provider can make one', () => {
    const changes = giveUp(aPayment());
    expect(changes).toMatchObject({ payment: { status: 'failed' }, hostStep: 'failed', event: { type: 'payment.failed' } });
  });

  it('fails also while a report of payment is unconfirmed, because it has no QR that was paid', () => {
    expect(giveUp(aPayment({ reviewSince: now }))?.payment.status).toBe('failed');
  });

  it('is not failed by a job whose lease is superseded, or when a QR is on display after all', () => {
    expect(giveUp(aPayment({ leaseNo: 2 }), 1)).toBeNull();
    expect(giveUp(onDisplay())).toBeNull();
  });
});

describe('closing a payment', () => {
  it('hides the QR, tells the host, and is polled on for late money', () => {
    const changes = close(onDisplay());
    expect(changes).toMatchObject({
      payment: { status: 'expired', hiddenAt: now },
      hostStep: 'expired',
      event: { type: 'payment.expired' },
    });
    expect(changes).toMatchObject({ accepts: false, reviews: [], refund: null });
    expect(changes?.payment.checkAt?.getTime()).toBeGreaterThan(now.getTime());
  });

  it('watches for an hour at least, also when it comes days late', () => {
    expect(close(onDisplay({ watchUntil: later(-24 * hour) }))?.payment.watchUntil).toEqual(later(hour));
    expect(close(onDisplay())?.payment.watchUntil).toEqual(later(48 * hour));
  });

  it('changes nothing when the payment is closed or settled already, or its guest may have paid', () => {
    expect(close(onDisplay({ status: 'cancelled' }))).toBeNull();
    expect(close(onDisplay({ status: 'paid' }))).toBeNull();
    expect(close(onDisplay({ reviewSince: now }))).toBeNull();
  });

  it('reports the reason of the request to cancel, not that the provider carried it out', () => {
    const cancelled = onDisplay({ cancelRequestedAt: now, cancelReason: 'client' });
    expect(close(cancelled, 'cancelled')?.event?.data).toEqual({ reason: 'client' });
    expect(close(onDisplay())?.event?.data).toEqual({ reason: 'provider' });
    expect(close(onDisplay({ cancelReason: 'client' }), 'expired')?.event?.data).toEqual({ reason: 'provider' });
    expect(answered(onDisplay(), { status: 'cancelled', paidAmount: null }).event?.data).toEqual({ reason: 'provider' });
  });

  it('reports a reason of its own, also when an earlier request had another one', () => {
    const update = { kind: 'closed', as: 'cancelled', reason: 'operator' } as const;
    expect(planned(onDisplay({ cancelReason: 'client' }), update)?.event?.data).toEqual({ reason: 'operator' });
  });

  it.each([
    ['cancelled because the till asked for it', { cancelRequestedAt: now }, 'cancelled'],
    ['expired because its time is over, also when the provider can only cancel', { expiresAt: now }, 'expired'],
    ['cancelled because the provider did it', {}, 'cancelled'],
  ] as const)('is %s', (_, overrides, status) => {
    expect(answered(onDisplay(overrides), { status: 'cancelled', paidAmount: null, paidAt: null }).payment.status).toBe(status);
  });

  it('is cancelled when the till asked for it, also when the charge expired at the same time', () => {
    const cancelled = onDisplay({ cancelRequestedAt: now, expiresAt: now });
    expect(answered(cancelled, { status: 'expired', paidAmount: null, paidAt: null }).payment.status).toBe('cancelled');
  });

  it('records the end of the charge also while a report of payment is unconfirmed', () => {
    const changes = answered(onDisplay({ reviewSince: now }), { status: 'expired', paidAmount: null });
    expect(changes).toMatchObject({ payment: { status: 'pending' }, attempt: { status: 'expired' }, event: null });
  });
});

describe('money that is due', () => {
  it('pays the order, with the time that the provider gives, and is polled no more', () => {
    const changes = answered(onDisplay());
    expect(changes).toMatchObject({
      payment: { status: 'paid', received: 50_000, settledAttempt: 1, paidAt: later(-2_000), hiddenAt: now, checkAt: null },
      attempt: { status: 'paid', paid: 50_000, paidAt: later(-2_000), resolveAt: null },
      event: { type: 'payment.paid', data: { paid_at: later(-2_000).toISOString(), issuer: 'dana', received_amount: 50_000 } },
      hostStep: 'paid',
      accepts: true,
      refund: null,
      reviews: [],
    });
  });

  it('is accepted while the host cannot be read, because the deferred host write judges it again', () => {
    expect(answered(onDisplay(), {}, { due: 'unknown' })).toMatchObject({ accepts: true, refund: null });
  });

  it('is polled on when it came by another QR than the one on display, because that one can still be paid', () => {
    const changes = answered(onDisplay(), {}, {}, 2);
    expect(changes).toMatchObject({ payment: { status: 'paid' }, reviews: [{ reason: 'paid_though_never_shown', attemptNo: 2 }] });
    expect(changes.payment.checkAt?.getTime()).toBeGreaterThan(now.getTime());
  });

  it('adds to the attempt what the answer says about the charge', () => {
    const payment = onDisplay();
    const { attempt } = answered(payment, {}, { attempts: [anAttempt(payment, { providerChargeId: null })] });
    expect(attempt).toMatchObject({ providerChargeId: 'charge-1', issuer: 'dana', receipt: 'receipt-1', answeredAt: now });
  });

  it('keeps the issuer and the receipt that are known when an answer lacks them', () => {
    const payment = onDisplay();
    const known = anAttempt(payment, { issuer: 'gopay', receipt: 'receipt-0' });
    expect(answered(payment, { issuer: null, receipt: null }, { attempts: [known] }).attempt).toMatchObject({
      issuer: 'gopay',
      receipt: 'receipt-0',
    });
  });
});

describe('money that is not due', () => {
  it('goes back whole, and neither host nor kitchen hears of it', () => {
    const changes = answered(onDisplay(), { paidAmount: rupiah(52_000) }, { due: rupiah(0), isPaidElsewhere: true });
    expect(changes).toMatchObject({ refund: { attemptNo: 1, amount: 52_000, cause: 'duplicate' }, hostStep: null, accepts: false });
  });

  it('is held for an operator where the policy says so, and is not refunded', () => {
    const changes = answered(
      onDisplay({ status: 'expired', hiddenAt: later(-60_000), expiresAt: later(-60_000) }),
      {},
      { lateMoney: 'hold' },
    );
    expect(changes).toMatchObject({
      reviews: [{ reason: 'late_money_held', ours: 'expired', theirs: '50000' }],
      refund: null,
      hostStep: null,
      event: { data: { policy: 'hold' } },
    });
  });

  it('is refunded and not held under the policy refund', () => {
    const late = onDisplay({ status: 'expired', expiresAt: later(-60_000) });
    expect(answered(late, {}, { lateMoney: 'refund' })).toMatchObject({ reviews: [], refund: { cause: 'late' } });
  });

  it('is a record of its own when the payment is settled: the payment stays as it is', () => {
    const settled = onDisplay({ status: 'paid', received: rupiah(50_000), settledAttempt: 2 });
    const changes = answered(settled);
    expect(changes).toMatchObject({ attempt: { status: 'paid', paid: 50_000 }, refund: { cause: 'duplicate' } });
    expect(changes.payment).toMatchObject({ received: 50_000, settledAttempt: 2 });
    expect(changes.event?.type).toBe('payment.duplicate_paid');
  });

  it('is kept for an operator when it is too little and the payment is settled', () => {
    const changes = answered(onDisplay({ status: 'paid', received: rupiah(50_000), settledAttempt: 2 }), { paidAmount: rupiah(1_000) });
    expect(changes).toMatchObject({ event: null, refund: null, reviews: [{ reason: 'underpaid' }] });
  });
});

describe('too little money', () => {
  it('hides the QR and keeps the payment open for an operator, without an expiry or a poll', () => {
    const changes = answered(onDisplay(), { paidAmount: rupiah(40_000) });
    expect(changes).toMatchObject({
      payment: { status: 'pending', received: 40_000, settledAttempt: 1, hiddenAt: now, reviewSince: now, checkAt: null },
      hostStep: null,
      accepts: false,
      event: null,
      reviews: [{ reason: 'underpaid', ours: '50000', theirs: '40000' }],
    });
  });

  it('is recorded on a closed payment, which stays closed', () => {
    const changes = answered(onDisplay({ status: 'cancelled' }), { paidAmount: rupiah(40_000) });
    expect(changes.payment).toMatchObject({ status: 'cancelled', received: 40_000, settledAttempt: 1 });
  });

  it('is the requested amount when the provider does not say what was paid', () => {
    expect(answered(onDisplay(), { paidAmount: null }).payment.received).toBe(50_000);
  });
});

describe('a charge that appears although its request was rejected', () => {
  it('is looked up now, so that it is cancelled', () => {
    const payment = onDisplay({ shownAttempt: 2 });
    const rejected = anAttempt(payment, { status: 'rejected' });
    const changes = answered(payment, { status: 'open', paidAmount: null, paidAt: null }, { attempts: [rejected] });
    expect(changes).toMatchObject({ attempt: { status: 'unknown', resolveAt: now }, payment: { status: 'pending' } });
  });
});

describe('an answer', () => {
  it('changes nothing when it is known already', () => {
    expect(answered(onDisplay(), { status: 'open', paidAmount: null })).toBeNull();
  });

  it('changes nothing when its attempt does not exist', () => {
    expect(planned(onDisplay(), { kind: 'charge', attemptNo: 9, charge: aCharge() })).toBeNull();
  });
});
