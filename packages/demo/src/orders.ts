import { randomUUID } from 'node:crypto';
import { type ApiDeps, clientOf, Problem } from '@gateway/api';
import { tillHost } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { newTillOrder, openTillOrders } from './till-orders.ts';

type Deps = Pick<ApiDeps, 'hosts'>;

export const storeQuery = z.strictObject({ store_id: z.string().min(1).max(64).meta({ example: 'JKT-01' }) });

export const demoOrdersSchema = z.object({
  orders: z.array(
    z.object({
      order_id: z.string(),
      order_number: z.string(),
      table_number: z.string().nullable(),
      due: z.int().meta({ description: 'Whole rupiah' }),
      items: z.array(z.object({ name: z.string(), quantity: z.number() })),
    }),
  ),
});

export const createdOrderSchema = z.object({ order_id: z.string() });

const maxOrders = 60; // what a visitor can look through; older demo orders are left out

const selectOpenOrders = `
  select o.id as order_id, o.order_no as order_number, o.table_no as table_number, o.grand_total - o.paid_total as due,
    (select json_agg(json_build_object('name', i.name, 'quantity', i.qty) order by i.line_no)
     from pos.order_items i where i.order_id = o.id and i.voided_at is null) as items
  from pos.orders o join pos.outlets t on t.id = o.outlet_id
  where t.merchant_id = $1::uuid and t.code = $2 and o.status in ('open', 'awaiting_payment') and o.deleted_at is null
  order by o.created_at desc limit ${maxOrders}`;

// Three dishes that this outlet has sold before, each once or twice, plus 10 % tax. Dishes sold by weight are left out.
const insertOrder = `
  with dish as (
    select sku, name, unit_price, 1 + (random() * 1.2)::int as qty, row_number() over (order by sku) as line_no
    from (select distinct on (i.sku) i.sku, i.name, i.unit_price
          from pos.order_items i join pos.orders o on o.id = i.order_id join pos.outlets t on t.id = o.outlet_id
          where t.merchant_id = $2::uuid and t.code = $3 and i.note is distinct from 'ditimbang di meja') menu
    order by random() limit 3),
  bill as (select sum(unit_price * qty)::bigint as subtotal from dish),
  placed as (
    insert into pos.orders (id, outlet_id, order_no, table_no, status, subtotal, tax, grand_total, updated_at)
    select $1::uuid, t.id, 'N-' || upper(left($1::text, 5)), 'Meja ' || 1 + (random() * 17)::int, 'open', subtotal,
      round(subtotal * 0.1), subtotal + round(subtotal * 0.1), now()
    from pos.outlets t, bill where t.merchant_id = $2::uuid and t.code = $3 and subtotal > 0
    returning id)
  insert into pos.order_items (order_id, line_no, sku, name, qty, unit_price, line_total)
  select placed.id, line_no, sku, name, qty, unit_price, unit_price * qty from placed, dish`;

/**
 * GET /demo/orders?store_id=: the open orders of one outlet, newest first. The product never lists a host's orders: this route
 * stands for the till's own software, so it reads the tables of the reference POS directly.
 */
export const listDemoOrders =
  ({ hosts }: Deps): RequestHandler =>
  async (req, res) => {
    const { store_id: storeId } = storeQuery.parse(req.query);
    const client = clientOf(res);
    const host = hosts.of(client);
    res.setHeader('Cache-Control', 'no-store');
    if (host.id === tillHost) return void res.json({ orders: await openTillOrders(host, client, storeId) });
    const { rows } = await host.db.pool.query({ text: selectOpenOrders, values: [client.tenant, storeId] });
    res.json({ orders: rows });
  };

/** POST /demo/orders: writes a new open order into the reference POS, as its own software would. */
export const createDemoOrder =
  ({ hosts }: Deps): RequestHandler =>
  async (req, res) => {
    const { store_id: storeId } = storeQuery.parse(req.body);
    const client = clientOf(res);
    const orderId = randomUUID();
    const host = hosts.of(client);
    if (host.id === tillHost) return void res.status(201).json({ order_id: await newTillOrder(host, client, storeId, orderId) });
    const { rowCount } = await host.db.pool.query({ text: insertOrder, values: [orderId, client.tenant, storeId] });
    if (!rowCount) throw new Problem('store_not_found', 'This store has no menu to order from.');
    res.status(201).json({ order_id: orderId });
  };
