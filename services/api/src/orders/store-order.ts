import { OrderBusy } from '@gateway/shared/host';
import { asOrderKey, orderChange, type Payment } from '@gateway/shared/payment';
import { isLockTimeout, type Transaction } from '@gateway/shared/postgres';
import { type OrderBody, type OrderPlace, payments, tillOrderKey, tillOrders } from '@gateway/shared/store';
import { Problem } from '../http/problem.ts';
import { inOrderTransaction } from '../payments/order-transaction.ts';
import type { TillHost } from './order-view.ts';

/** An order that a till sends. */
export interface OrderToStore extends OrderPlace {
  body: OrderBody;
  fingerprint: string;
  at: Date;
}

/** @throws Problem `order_does_not_reconcile` with both sums */
export function requireSum({ lines, charges, total }: OrderBody): void {
  const linesTotal = lines.reduce((sum, line) => sum + line.total, 0);
  const chargesTotal = charges.reduce((sum, { amount }) => sum + amount, 0);
  if (linesTotal + chargesTotal === total) return;
  const detail = `The lines sum to ${linesTotal} and the charges to ${chargesTotal}, together ${linesTotal + chargesTotal}, but total is ${total}.`;
  throw new Problem('order_does_not_reconcile', detail, { lines_total: linesTotal, charges_total: chargesTotal, total });
}

/** Stores the order and locks it. Sends one statement at once. @returns the new version; null: nothing was written, `requireSame` says why */
export const sendOrder = (trx: Transaction, { body, fingerprint, at, ...place }: OrderToStore): Promise<number | null> =>
  tillOrders.put(trx, place, { body, fingerprint, at });

/** The order that was not written. @throws Problem unless it was sent before with the same body */
export function requireSame(found: tillOrders.TillOrder, { storeId, body }: OrderToStore): void {
  if (found.storeId !== storeId)
    throw new Problem('store_conflict', 'This order_id is in use at another store of this tenant. An order_id is unique within a tenant.');
  if (found.status === 'paid') throw orderPaid('The order is paid, so it cannot be changed.');
  if (found.paid > body.total) throw orderPaid(`${found.paid} rupiah were taken for this order, which is more than its new total.`);
}

/** @throws Problem `order_paid` when a payment is accepted that the order does not show yet: it was paid as it stood */
export function requireBooked({ unbooked }: Pick<payments.Decisive, 'unbooked'>): void {
  if (unbooked.length > 0) throw orderPaid('A QRIS payment of this order is accepted, so the order cannot be changed.');
}

/** As `requireSame`, for an order that is not read yet. */
export async function requireSameOrder(trx: Transaction, toStore: OrderToStore): Promise<void> {
  const found = await tillOrders.find(trx, asOrderKey(tillOrderKey(toStore)));
  if (found) requireSame(found, toStore);
}

export const orderPaid = (detail: string): Problem => new Problem('order_paid', detail);

/** An order under its lock, and the payment whose QR was hidden because the order changed. */
export interface ChangedOrder {
  order: tillOrders.TillOrder;
  hidden: Payment | null;
  isCreated: boolean;
}

/** What a change of an order reads under the order's lock. */
export interface LockedOrder {
  order: tillOrders.TillOrder;
  decisive: payments.Decisive;
}

/** Reads the order that this transaction has locked, with the payment that its change may hide. Null: the tenant has no such order. */
export async function readLocked(trx: Transaction, { id }: TillHost, place: OrderPlace): Promise<LockedOrder | null> {
  const orderKey = asOrderKey(tillOrderKey(place));
  const [order, decisive] = await Promise.all([tillOrders.find(trx, orderKey), payments.findDecisive(trx, id, orderKey)]);
  return order && { order, decisive };
}

/**
 * Hides the QR that asks for another amount than the order owes now, and commits. A QR whose payment was reported and is not confirmed yet
 * is hidden already. @returns the payment whose charge must be cancelled, with the lease that its job carries; null: its QR stays
 */
export async function hideOutdated(
  trx: Transaction,
  { folder }: TillHost,
  { order, decisive: { payment: live, unbooked } }: LockedOrder,
  now: Date,
): Promise<Payment | null> {
  if (!live || live.reviewSince) return null;
  const total = order.status === 'void' ? order.paid : order.total;
  const orderNow = { currency: 'IDR', total: String(total), paid: String(order.paid), payable: order.status === 'open' };
  const change = orderChange(orderNow, live.bill, folder.money, unbooked);
  const leaseNo = change && (await payments.hide(trx, live.id, change, now));
  return leaseNo === null ? null : { ...live, leaseNo };
}

/** Runs a change of an order in one transaction, in the session of its host. @throws OrderBusy when the order's lock is not free in time */
export async function changeOrder<T>(host: TillHost, tenant: string, work: (trx: Transaction) => Promise<T>): Promise<T> {
  try {
    return await inOrderTransaction(host, tenant, work);
  } catch (error) {
    throw isLockTimeout(error) ? new OrderBusy(error) : error;
  }
}
