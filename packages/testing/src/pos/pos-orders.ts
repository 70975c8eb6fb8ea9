import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';

type Db = Pick<Pool | ClientBase, 'query'>;

/** Inserts an order of one dish at a demo outlet of the pos host. @returns its order key */
export async function anOrder(db: Db, { total = 55_000, outlet = 'JKT-01' }: { total?: number; outlet?: string } = {}): Promise<string> {
  const id = randomUUID();
  await db.query(
    `with placed as (
       insert into pos.orders (id, outlet_id, order_no, status, subtotal, grand_total, updated_at)
       select $1::uuid, id, 'T-' || left($1::text, 8), 'open', $2::bigint, $2::bigint, now() from pos.outlets where code = $3
       returning id)
     insert into pos.order_items (order_id, line_no, sku, name, qty, unit_price, line_total)
     select id, 1, 'MKN-001', 'Nasi Goreng Kampung', 1, $2, $2 from placed`,
    [id, total, outlet],
  );
  return id;
}

/** Adds a dish of this amount: the guest orders more after the bill was shown. */
export async function addToOrder(db: Db, orderId: string, amount: number): Promise<void> {
  await db.query(
    `with line as (
       insert into pos.order_items (order_id, line_no, name, qty, unit_price, line_total)
       select $1, max(line_no) + 1, 'Es Teh Manis', 1, $2::bigint, $2::bigint from pos.order_items where order_id = $1 returning order_id)
     update pos.orders set subtotal = subtotal + $2, grand_total = grand_total + $2, version = version + 1, updated_at = now() from line where id = order_id`,
    [orderId, amount],
  );
}

/** Pays what is due on the order in cash at the till. */
export async function payInCash(db: Db, orderId: string): Promise<void> {
  await db.query(
    `with cash as (
       insert into pos.payments (id, order_id, method, amount, status, paid_at, updated_at)
       select gen_random_uuid(), id, 'cash', grand_total - paid_total, 'settled', now(), now() from pos.orders where id = $1
       returning order_id)
     update pos.orders set paid_total = grand_total, status = 'paid', version = version + 1, updated_at = now() from cash where id = order_id`,
    [orderId],
  );
}

/** Pays a part of the order in cash at the till. */
export async function payPartInCash(db: Db, orderId: string, amount: number): Promise<void> {
  await db.query(
    `with cash as (
       insert into pos.payments (id, order_id, method, amount, status, paid_at, updated_at)
       values (gen_random_uuid(), $1, 'cash', $2::bigint, 'settled', now(), now()) returning order_id)
     update pos.orders set paid_total = paid_total + $2, version = version + 1, updated_at = now() from cash where id = order_id`,
    [orderId, amount],
  );
}

/** Deletes the order, as the POS does: the row stays and is marked. */
export async function deleteOrder(db: Db, orderId: string): Promise<void> {
  await db.query(`update pos.orders set deleted_at = now(), version = version + 1, updated_at = now() where id = $1`, [orderId]);
}

/** Voids the order. */
export async function voidOrder(db: Db, orderId: string): Promise<void> {
  await db.query(`update pos.orders set status = 'void', version = version + 1, updated_at = now() where id = $1`, [orderId]);
}

/** Reopens a closed order with one more dish, so that `amount` is due again. */
export async function reopenOrder(db: Db, orderId: string, amount: number): Promise<void> {
  await db.query(
    `update pos.orders set status = 'open', subtotal = subtotal + $2::bigint, grand_total = grand_total + $2::bigint, version = version + 1, updated_at = now()
     where id = $1`,
    [orderId, amount],
  );
  await db.query(
    `insert into pos.order_items (order_id, line_no, name, qty, unit_price, line_total)
     select $1, max(line_no) + 1, 'Kopi Susu', 1, $2::bigint, $2::bigint from pos.order_items where order_id = $1`,
    [orderId, amount],
  );
}

/** Locks the order row, as a POS does while a waiter edits the order. @returns a function that releases the lock */
export async function lockOrderRow(pool: Pool, orderId: string): Promise<() => Promise<void>> {
  const editor = await pool.connect();
  await editor.query('begin');
  await editor.query('set local idle_in_transaction_session_timeout = 0'); // the lock is held for as long as the test needs it
  await editor.query('select from pos.orders where id = $1 for update', [orderId]);
  return async () => {
    await editor.query('rollback');
    editor.release();
  };
}

/** A dish is taken off the bill, or becomes cheaper. */
export async function reduceOrder(db: Db, orderId: string, amount: number): Promise<void> {
  await db.query(
    `with line as (
       update pos.order_items set unit_price = unit_price - $2::bigint, line_total = line_total - $2::bigint where order_id = $1 and line_no = 1 returning order_id)
     update pos.orders set subtotal = subtotal - $2, grand_total = grand_total - $2, version = version + 1, updated_at = now() from line where id = order_id`,
    [orderId, amount],
  );
}
