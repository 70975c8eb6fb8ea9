import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import type { tillOrders } from '@gateway/shared/store';
import { z } from 'zod';
import { paymentSchema, paymentView } from '../payments/payment-view.ts';
import type { QrLinks } from '../payments/qr-link.ts';
import { orderBody, orderPath } from './order-body.ts';

/** An order as its till sees it. */
export const orderSchema = z
  .object({
    ...orderPath.shape,
    ...orderBody.shape,
    due: z.int().meta({ description: 'Whole rupiah that are still to be paid', example: 50_000 }),
    version: z.int().meta({ description: 'Grows with each change', example: 1 }),
    status: z.enum(['open', 'paid', 'void']),
    payment: paymentSchema.nullable().meta({ description: 'The payment to show for this order' }),
  })
  .meta({ id: 'Order' });

export const ordersSchema = z.object({ orders: z.array(orderSchema), next_cursor: z.string().nullable() }).meta({ id: 'Orders' });

export type OrderView = z.output<typeof orderSchema>;

export interface OrderViewDeps {
  links: QrLinks;
  now: Date;
}

export function orderView(order: tillOrders.TillOrder, payment: Payment | null, { links, now }: OrderViewDeps): OrderView {
  const { orderId, storeId, number, table, type, note, lines, charges, total, metadata, version, status } = order;
  return {
    order_id: orderId,
    store_id: storeId,
    number,
    table,
    type,
    note,
    lines,
    charges,
    total,
    metadata,
    due: status === 'void' ? 0 : total - order.paid,
    version,
    status,
    payment: payment && paymentView(payment, links, now),
  };
}

/** Where the orders of tills are: the host's own database. */
export type TillHost = Pick<Host, 'id' | 'db' | 'orders' | 'folder'>;
