import type { Payment } from './payment.ts';

/** What payments, events and tickets show of an order beside its number. Null: its host does not give it. */
export interface OrderDetails {
  /** The id that callers use and see. Null: the host's `order_key`. */
  orderId: string | null;
  table: string | null;
  /** `dine_in`, `take_away`, `delivery`, or the host's own word. */
  orderType: string | null;
  /** What the till gave with the order and gets back. */
  metadata: Record<string, string> | null;
}

const nothing: OrderDetails = { orderId: null, table: null, orderType: null, metadata: null };

/** The details of the order as they were when the payment was made. Payments of earlier versions have none. */
export const detailsOf = ({ bill }: Pick<Payment, 'bill'>): OrderDetails => bill.details ?? nothing;

/** The order's id as callers use and see it. */
export const orderIdOf = (payment: Pick<Payment, 'bill' | 'orderKey'>): string => detailsOf(payment).orderId ?? payment.orderKey;
