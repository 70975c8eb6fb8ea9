import { amountDueNow, type Bill, type HostOrderMoney, type MoneyPolicy } from './bill.ts';
import type { CancelReason } from './event-reasons.ts';
import { type UnbookedMoney, withUnbooked } from './unbooked-money.ts';

/** Why an order may not keep its QR on display: see `cancelReasons`. */
export type OrderChange = Extract<CancelReason, 'order_closed_elsewhere' | 'amount_changed'>;

/** What decides whether a QR stands for an order. */
type OrderNow = Pick<HostOrderMoney, 'currency' | 'total' | 'paid'> & { payable: boolean };

/**
 * Judges a QR by its order as the host returns it now. Null: the order may be paid, and it owes what the QR asks for.
 * @param order null: the host has no such order any more
 * @param unbooked accepted money of the order that `order.paid` may not show yet: it is not owed again
 * @throws OrderNotPayable when `total` or `paid` is not a finite decimal
 */
export function orderChange(
  order: OrderNow | null,
  bill: Pick<Bill, 'due' | 'amount'>,
  policy: Pick<MoneyPolicy, 'rounding' | 'record'>,
  unbooked: readonly UnbookedMoney[] = [],
): OrderChange | null {
  if (!order?.payable || order.currency !== 'IDR') return 'order_closed_elsewhere';
  const { paid } = withUnbooked(order.paid, unbooked);
  const amount = amountDueNow({ ...order, paid }, bill, policy);
  if (amount === bill.amount) return null;
  return amount === 0 ? 'order_closed_elsewhere' : 'amount_changed';
}
