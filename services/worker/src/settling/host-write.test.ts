import type { Host } from '@gateway/shared/host';
import { type Attempt, type Refund, type RefundId, rupiah } from '@gateway/shared/payment';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { hostWriteValues, isHostsBusiness, refundOfBill } from './host-write.ts';

const paid = ({ amount = 50_000, received = amount, refunded }: { amount?: number; received?: number; refunded: number }) => ({
  amount: rupiah(amount),
  received: rupiah(received),
  refunded: rupiah(refunded),
});
const of = (amount: number) => ({ amount: rupiah(amount) });

describe('a refund in the host', () => {
  it('is booked with its own amount, and with the total of all refunds up to it', () => {
    expect(refundOfBill(paid({ refunded: 20_000 }), of(20_000))).toEqual({ amount: 20_000, total: 20_000 });
    expect(refundOfBill(paid({ refunded: 50_000 }), of(30_000))).toEqual({ amount: 30_000, total: 50_000 });
  });

  it('is zero while only the change of an overpaid bill was returned, and is the rest after that', () => {
    expect(refundOfBill(paid({ received: 60_000, refunded: 10_000 }), of(10_000))).toEqual({ amount: 0, total: 0 });
    expect(refundOfBill(paid({ received: 60_000, refunded: 25_000 }), of(25_000))).toEqual({ amount: 15_000, total: 15_000 });
    expect(refundOfBill(paid({ received: 60_000, refunded: 60_000 }), of(35_000))).toEqual({ amount: 35_000, total: 50_000 });
  });

  it('is never more than the bill', () => {
    expect(refundOfBill(paid({ received: 50_000, refunded: 55_000 }), of(55_000))).toEqual({ amount: 50_000, total: 50_000 });
  });

  it('of too little money is booked as it is', () => {
    expect(refundOfBill(paid({ received: 30_000, refunded: 30_000 }), of(30_000))).toEqual({ amount: 30_000, total: 30_000 });
  });
});

describe('the values of a host statement', () => {
  const now = new Date('2026-03-02T03:05:00.000Z');
  const payment = aPayment({
    status: 'paid',
    received: rupiah(60_000),
    refunded: rupiah(25_000),
    recorded: '54999.75',
    residue: '0.25',
    paidAt: now,
  });
  const { id, reference, hostPaymentKey, orderKey, tenant, storeId, expiresAt } = payment;
  const ofPayment = {
    orderKey,
    orderVersion: null,
    tenant,
    storeId,
    paymentId: id,
    reference,
    hostPaymentKey,
    refundId: null,
    amount: 55_000,
    refundAmount: null,
    refundedTotal: null,
    recordAmount: '54999.75',
    residue: '0.25',
    now,
    paidAt: now,
    expiresAt,
    issuer: null,
    receipt: null,
    provider: null,
    providerChargeId: null,
    fee: null,
  };

  it('are those of the payment when the order was not read', () => expect(hostWriteValues(payment, null, now)).toEqual(ofPayment));

  it('carry the provider, its charge, the issuer and the receipt of the money that is booked', () => {
    const attempt = { provider: 'xendit', providerChargeId: 'qr_1', issuer: 'dana', receipt: '123456789012' } as Attempt;
    expect(hostWriteValues(payment, null, now, { attempt })).toEqual({ ...ofPayment, ...attempt });
  });

  it('are written for a part of a refund unless the host leaves parts alone, and always when everything is refunded', () => {
    const refund = { amount: rupiah(10_000) } as Refund;
    const refunded = (sum: number) => ({ ...payment, received: payment.amount, refunded: rupiah(sum) });
    const host = (ignoresPartialRefunds: boolean) => ({ folder: { ignoresPartialRefunds } }) as Host;
    expect(isHostsBusiness(host(false), refunded(10_000), refund)).toBe(true);
    expect(isHostsBusiness(host(true), refunded(10_000), refund)).toBe(false);
    expect(isHostsBusiness(host(true), refunded(55_000), refund)).toBe(true);
  });

  it('are not written for a refund that returns change only', () => {
    const host = { folder: { ignoresPartialRefunds: false } } as Host;
    const change = { ...payment, received: rupiah(65_000), refunded: rupiah(10_000) };
    expect(isHostsBusiness(host, change, { amount: rupiah(10_000) } as Refund)).toBe(false);
  });

  it('carry the version of the order that was read, and a refund with its part of the bill', () => {
    const refund: Refund = {
      id: 'ref_1' as RefundId,
      paymentId: id,
      attemptNo: 1,
      reference: `${reference}-r1`,
      amount: rupiah(25_000),
      status: 'succeeded',
      cause: 'client',
      reason: 'cold soup',
      providerRefundId: null,
      failure: null,
      askedAt: null,
      nextTryAt: null,
      leaseNo: 0,
      approval: null,
      createdAt: now,
      updatedAt: now,
    };
    expect(hostWriteValues(payment, { version: '7' }, now, { refund })).toEqual({
      ...ofPayment,
      orderVersion: '7',
      refundId: 'ref_1',
      refundAmount: 20_000, // the guest had paid 5,000 too much
      refundedTotal: 20_000,
    });
  });
});
