import { asOrderKey } from '@gateway/shared/payment';
import { payments, tillHost, tillOrderKey, tillOrders } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { clientOf } from '../http/authenticate-client.ts';
import { pageLimit } from '../http/page-limit.ts';
import { Problem } from '../http/problem.ts';
import { storePath } from './order-body.ts';
import { orderView } from './order-view.ts';
import { type OrderDeps, orderNotFound, placeOf } from './put-order.ts';
import { requireTillStore } from './till-caller.ts';

type GetOrderDeps = Pick<OrderDeps, 'hosts' | 'links' | 'clock'>;

/** GET /stores/{store_id}/orders/{order_id}: an order, what is due, and its payment to show. */
export const getOrder =
  ({ hosts, links, clock }: GetOrderDeps): RequestHandler =>
  async (req, res) => {
    const place = placeOf(req, res);
    const { pool } = hosts.of(clientOf(res)).db;
    const orderKey = asOrderKey(tillOrderKey(place));
    const [order, payment] = await Promise.all([tillOrders.find(pool, orderKey), payments.findCurrent(pool, tillHost, orderKey)]);
    if (order?.storeId !== place.storeId) throw orderNotFound();
    res.json(orderView(order, payment, { links, now: clock.now() }));
  };

export const ordersQuery = z.strictObject({
  status: z.enum(['open', 'paid', 'void']).optional(),
  limit: pageLimit,
  cursor: z
    .string()
    .max(400)
    .optional()
    .meta({ description: 'The `next_cursor` of the previous page, with the other parameters unchanged' }),
});

/** GET /stores/{store_id}/orders: the orders of a store, newest first. */
export const listOrders =
  ({ hosts, links, clock }: GetOrderDeps): RequestHandler =>
  async (req, res) => {
    const { store_id: storeId } = storePath.parse({ store_id: req.params.storeId });
    const { status = null, limit, cursor } = ordersQuery.parse(req.query);
    const client = clientOf(res);
    requireTillStore(client, storeId);
    const { pool } = hosts.of(client).db;
    const after = cursor === undefined ? null : parseCursor(cursor);
    const found = await tillOrders.list(pool, { tenant: client.tenant, storeId, status, after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const current = await payments.findCurrentOf(
      pool,
      tillHost,
      page.map(({ orderKey }) => orderKey),
    );
    const now = clock.now();
    res.json({
      orders: page.map((order) => orderView(order, current.get(order.orderKey) ?? null, { links, now })),
      next_cursor: last && found.length > limit ? cursorOf(last) : null,
    });
  };

/** A cursor names the last order of its page. Callers must not read it: its content may change. */
const cursorOf = ({ createdAt, orderKey }: tillOrders.OrderCursor): string =>
  Buffer.from(`${createdAt.getTime()}.${orderKey}`).toString('base64url');

function parseCursor(cursor: string): tillOrders.OrderCursor {
  const [, at, orderKey] = /^(\d{12,15})\.(.{1,300})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (at && orderKey && !/[\0\uFFFD]/.test(orderKey)) return { createdAt: new Date(Number(at)), orderKey };
  throw new Problem('validation_failed', 'cursor: must be the next_cursor of the previous page.', {
    errors: [{ path: 'cursor', message: 'must be the next_cursor of the previous page' }],
  });
}
