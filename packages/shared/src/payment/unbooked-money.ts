import Big from 'big.js';
import { decimal } from './decimal.ts';
import type { PaymentId } from './ids.ts';

/** Accepted money that the host's paid amount did not show when it was last read. Amounts are exact decimals. */
export interface UnbookedMoney {
  paymentId: PaymentId;
  no: number;
  amount: string;
  /** Null: the host could not be read when the money was accepted. */
  hostPaidBefore: string | null;
}

export interface BookedPaid {
  /** What the order has received: the host's paid amount and the money that it does not show yet. Exact. */
  paid: string;
  /** What the host's paid amount shows by now. */
  booked: UnbookedMoney[];
}

/**
 * Adds to a host's paid amount the accepted money that it does not show. Without it, an order whose host books payments later looks
 * unpaid: the next press would show a second QR, and the guest would pay twice. Money counts as booked when the paid amount has risen
 * by all of it, so that other money, such as cash, does not hide a part. Pure.
 * @throws OrderNotPayable when `paid` is not a finite decimal
 */
export function withUnbooked(paid: string, unbooked: readonly UnbookedMoney[]): BookedPaid {
  let total = decimal(paid, 'paid amount');
  const before = unbooked.find(({ hostPaidBefore }) => hostPaidBefore !== null)?.hostPaidBefore ?? paid;
  let risen = total.minus(before);
  const booked: UnbookedMoney[] = [];
  for (const money of unbooked) {
    const amount = new Big(money.amount);
    if (money.hostPaidBefore !== null && risen.gte(amount)) {
      booked.push(money);
      risen = risen.minus(amount);
    } else total = total.plus(amount);
  }
  return { paid: total.toFixed(), booked };
}

/** True when the host's paid amount has risen by the recorded amount, or nothing is due any more: the host has booked the payment. */
export function isBooked(
  { total, paid }: { total: string; paid: string },
  { paidBefore, amount }: { paidBefore: string; amount: string },
): boolean {
  const paidNow = decimal(paid, 'paid amount');
  return paidNow.gte(decimal(total, 'total')) || paidNow.minus(paidBefore).gte(amount);
}
