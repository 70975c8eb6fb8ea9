import type pg from 'pg';
import { asOrderKey, type OrderKey } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import { type OrderBody, type OrderPlace, tillOrderKey } from './order-body.ts';

/** An order of a till as it is stored. Amounts are whole rupiah, times UTC. */
export interface TillOrder extends OrderBody, OrderPlace {
  orderKey: OrderKey;
  /** The tenders and the accepted QRIS payments. */
  paid: number;
  status: 'open' | 'paid' | 'void';
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const putOne: Statement = {
  name: 'till-order-put',
  text: `with put as (
      insert into till.orders as o (order_key, tenant, store_id, order_id, number, table_number, order_type, note, total, metadata, fingerprint, created_at, updated_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
      on conflict (order_key) do update
        set number = $5, table_number = $6, order_type = $7, note = $8, total = $9, metadata = $10, fingerprint = $11,
          status = case when o.paid = $9 and o.paid > 0 then 'paid' else 'open' end, version = o.version + 1, updated_at = $12
        where o.store_id = $3 and o.status <> 'paid' and o.paid <= $9 and (o.fingerprint <> $11 or o.status = 'void')
      returning o.order_key, o.version),
    lines as (
      insert into till.lines (order_key, no, sku, name, quantity, unit_price, total, note)
      select put.order_key, l.no, l.sku, l.name, l.quantity, l.unit_price, l.total, l.note
      from put, jsonb_to_recordset($13::jsonb) as l (no smallint, sku text, name text, quantity numeric, unit_price bigint, total bigint, note text)
      on conflict (order_key, no) do update set sku = excluded.sku, name = excluded.name, quantity = excluded.quantity,
        unit_price = excluded.unit_price, total = excluded.total, note = excluded.note),
    charges as (
      insert into till.charges (order_key, no, kind, name, amount)
      select put.order_key, c.no, c.kind, c.name, c.amount
      from put, jsonb_to_recordset($14::jsonb) as c (no smallint, kind text, name text, amount bigint)
      on conflict (order_key, no) do update set kind = excluded.kind, name = excluded.name, amount = excluded.amount),
    fewer_lines as (delete from till.lines using put where lines.order_key = put.order_key and put.version > 1 and lines.no > $15),
    fewer_charges as (delete from till.charges using put where charges.order_key = put.order_key and put.version > 1 and charges.no > $16)
    select version from put`,
};

/**
 * Makes or replaces an order, and locks it in any case. @returns its new version; null when nothing was written: the same body again, a
 * paid order, an order of another store, or a total below what was paid
 */
export async function put(
  trx: Queryable,
  place: OrderPlace,
  { body, fingerprint, at }: { body: OrderBody; fingerprint: string; at: Date },
): Promise<number | null> {
  const numbered = <T>(rows: readonly T[]): string => JSON.stringify(rows.map((row, index) => ({ no: index + 1, ...row })));
  const { tenant, storeId, orderId } = place;
  const { number, table, type, note, total, metadata, lines, charges } = body;
  const values = [
    tillOrderKey(place),
    tenant,
    storeId,
    orderId,
    number,
    table,
    type,
    note,
    total,
    JSON.stringify(metadata),
    fingerprint,
    at,
    numbered(lines),
    numbered(charges),
    lines.length,
    charges.length,
  ];
  const { rows } = await trx.query<{ version: number }>({ ...putOne, values });
  return rows[0]?.version ?? null;
}

const parts = `select o.order_key as "orderKey", o.tenant, o.store_id as "storeId", o.order_id as "orderId", o.number, o.table_number as "table",
    o.order_type as type, o.note, o.total, o.paid, o.status, o.version, o.metadata, o.created_at as "createdAt", o.updated_at as "updatedAt",
    (select coalesce(json_agg(json_build_object('sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unit_price', l.unit_price,
      'total', l.total, 'note', l.note) order by l.no), '[]') from till.lines l where l.order_key = o.order_key) as lines,
    (select coalesce(json_agg(json_build_object('kind', c.kind, 'name', c.name, 'amount', c.amount) order by c.no), '[]')
      from till.charges c where c.order_key = o.order_key) as charges
  from till.orders o`;

const byKey: Statement = { name: 'till-order', text: `${parts} where o.order_key = $1` };

/** Null: no such order. */
export async function find(db: Queryable, orderKey: OrderKey): Promise<TillOrder | null> {
  const { rows } = await db.query<TillOrder & Record<string, unknown>>({ ...byKey, values: [orderKey] });
  return rows[0] ?? null;
}

const lockByKey: Statement = { name: 'till-order-lock', text: 'select from till.orders where order_key = $1 for update' };

/** Locks the order, and then reads it: a statement that waited for the lock would see its lines as they were before. Null: no such order. */
export async function lock(trx: Queryable, place: Pick<OrderPlace, 'tenant' | 'orderId'>): Promise<TillOrder | null> {
  const orderKey = asOrderKey(tillOrderKey(place));
  const locking = trx.query({ ...lockByKey, values: [orderKey] });
  locking.catch(() => {}); // the read fails with it
  const [, order] = await Promise.all([locking, find(trx, orderKey)]);
  return order;
}

const voidOne: Statement = {
  name: 'till-order-void',
  text: `update till.orders set status = 'void', version = version + 1, updated_at = $2 where order_key = $1 and status = 'open' and paid = 0`,
};

/** Voids an open order for which no money was taken. The caller holds its lock. */
export function voidOrder(trx: Queryable, orderKey: OrderKey, at: Date): Promise<unknown> {
  return trx.query({ ...voidOne, values: [orderKey, at] });
}

const tenderOne: Statement = {
  name: 'till-tender',
  text: `with taken as (
      update till.orders set paid = paid + $4, status = case when paid + $4 = total then 'paid' else status end, version = version + 1, updated_at = $6
      where order_key = $2 and status = 'open' and paid + $4 <= total returning order_key)
    insert into till.tenders (id, order_key, method, amount, client_id, created_at) select $1, order_key, $3, $4, $5, $6 from taken`,
};

export interface NewTender {
  id: string;
  orderKey: OrderKey;
  method: string;
  amount: number;
  clientId: string;
  at: Date;
}

/** Records money that the till took otherwise. The caller holds the order's lock. @returns false when the order owes less */
export async function addTender(trx: Queryable, { id, orderKey, method, amount, clientId, at }: NewTender): Promise<boolean> {
  const { rowCount } = await trx.query({ ...tenderOne, values: [id, orderKey, method, amount, clientId, at] });
  return rowCount === 1;
}

const keyOfTender: Statement = { name: 'till-tender-order', text: 'select order_key as "orderKey" from till.tenders where id = $1' };

/** The order that a tender was taken for. Null: no such tender. */
export async function orderOfTender(db: Queryable, tenderId: string): Promise<TillOrder | null> {
  const { rows } = await db.query<{ orderKey: OrderKey }>({ ...keyOfTender, values: [tenderId] });
  return rows[0] ? find(db, rows[0].orderKey) : null;
}

/** The last order of a page. The next page has the orders that are older, or as old with a smaller key. */
export interface OrderCursor {
  createdAt: Date;
  orderKey: string;
}

interface OrderFilter {
  tenant: string;
  storeId: string;
  status: TillOrder['status'] | null;
  after: OrderCursor | null;
  limit: number;
}

/** One page of a store's orders, newest first. Both filters are read by an index from the cursor on. */
export async function list(db: Queryable, { tenant, storeId, status, after, limit }: OrderFilter): Promise<TillOrder[]> {
  const filters: [string, unknown][] = [
    ['o.tenant = ?', tenant],
    ['o.store_id = ?', storeId],
    ...(status ? [['o.status = ?', status] as [string, unknown]] : []),
  ];
  const values: unknown[] = filters.map(([, value]) => value);
  const conditions = filters.map(([condition], index) => condition.replace('?', `$${index + 1}`));
  if (after) {
    conditions.push(`(o.created_at, o.order_key) < ($${values.length + 1}::timestamptz, $${values.length + 2})`);
    values.push(after.createdAt, after.orderKey);
  }
  const query: pg.QueryConfig = {
    name: `till-orders${status ? '-status' : ''}${after ? '-after' : ''}`,
    text: `${parts} where ${conditions.join(' and ')} order by o.created_at desc, o.order_key desc limit ${Number(limit)}`,
    values,
  };
  const { rows } = await db.query<TillOrder & Record<string, unknown>>({ ...query, name: `${query.name}-${limit}` });
  return rows;
}
