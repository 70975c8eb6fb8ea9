import { rupiah } from '@gateway/shared/payment';
import { refundOfBill } from './host-write.ts';

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
