import type pg from 'pg';
import { type CancelReason, type Payment, statusGroups } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import { columns } from './payment-columns.ts';

export { hasLease, reschedule } from './leases.ts';
export { columns, columnsOfList, settledAttempt } from './payment-columns.ts';
export {
  type Decisive,
  type DecisiveRow,
  decisiveIn,
  decisiveQuery,
  findCurrent,
  findCurrentOf,
  findDecisive,
  maxPerMinute,
  proveReads,
} from './payments-of-order.ts';
export { type QrToShow, showQr, showUnchangedQuery } from './show-qr.ts';

const byId: Statement = { name: 'payment-by-id', text: `select ${columns} from gateway.payments p where p.id = $1` };

/** Finds a payment, as a part of a larger statement: `p` is its row. */
export const findQuery = (id: string): pg.QueryConfig => ({ ...byId, values: [id] });

/** Null: no such payment. */
export async function find(db: Queryable, id: string): Promise<Payment | null> {
  const { rows } = await db.query<Payment>(findQuery(id));
  return rows[0] ?? null;
}

const lockById: Statement = { name: 'payment-locked', text: `${byId.text} for update of p` };

/** Locks the payment row. The order's lock must be held already: the opposite order deadlocks. Null: no such payment. */
export async function lock(trx: Queryable, id: string): Promise<Payment | null> {
  const { rows } = await trx.query<Payment>({ ...lockById, values: [id] });
  return rows[0] ?? null;
}

const insertWith = (
  hostPaymentKey: string,
): string => `insert into gateway.payments (id, host, tenant, store_id, order_key, order_number, reference, host_payment_key, client_id, status,
      amount_idr, recorded, residue, bill, expires_at, check_at, reply_to, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, ${hostPaymentKey}, $9, 'created', $10, $11, $12, $13, $14, $15, $16, $17, $17)`;

const insertRow: Statement = { name: 'payment-insert', text: insertWith('$8') };

/**
 * Inserts a payment in status `created`. @throws unique violation (23505) when the order has a live payment already
 * @param hostStep the step of the same `with` query that has the payment's `host_payment_key`; default: the payment has it
 */
export function insert(trx: Queryable, payment: Payment, hostStep?: string): Promise<unknown> {
  const keyInHost = hostStep && `coalesce($8, (select host_payment_key::text from ${hostStep}))`;
  return trx.query({
    ...(keyInHost ? { name: `payment-insert-${hostStep}`, text: insertWith(keyInHost) } : insertRow),
    values: [
      payment.id,
      payment.host,
      payment.tenant,
      payment.storeId,
      payment.orderKey,
      payment.orderNumber,
      payment.reference,
      payment.hostPaymentKey,
      payment.clientId,
      payment.amount,
      payment.recorded,
      payment.residue,
      JSON.stringify(payment.bill),
      payment.expiresAt,
      payment.checkAt,
      payment.replyTo,
      payment.createdAt,
    ],
  });
}

const hideById: Statement = {
  name: 'payment-hide',
  text: `update gateway.payments set hidden_at = coalesce(hidden_at, $2), cancel_requested_at = coalesce(cancel_requested_at, $2),
      cancel_reason = coalesce(cancel_reason, $3), check_at = $2, lease_no = lease_no + 1, version = version + 1, updated_at = greatest(updated_at, $2)
    where id = $1 and status = any ($4)
    returning lease_no as "leaseNo"`,
};

/**
 * Hides an open payment at once and makes it due, so that its charges are cancelled. A job that is running for it is superseded.
 * May run twice: the first time and reason stay. @returns the new lease number; null when the payment is not open
 */
export async function hide(db: Queryable, id: string, reason: CancelReason, at: Date): Promise<number | null> {
  const { rows } = await db.query<{ leaseNo: number }>({ ...hideById, values: [id, at, reason, statusGroups.open] });
  return rows[0]?.leaseNo ?? null;
}

const saveVersion: Statement = {
  name: 'payment-save',
  text: `update gateway.payments set status = $3, received_idr = $4, paid_at = $5, hidden_at = $6, review_since = $7, check_at = $8, watch_until = $9,
      route = $10, settled_attempt = $12, host_busy_since = null, version = version + 1, updated_at = $11
    where id = $1 and version = $2`,
};

/**
 * Writes the changed fields of a payment that the caller has locked.
 * @throws when the row's version is not `previousVersion`, which is a bug: the lock excludes it
 */
export async function save(trx: Queryable, payment: Payment, previousVersion: number): Promise<void> {
  const { id, status, received, settledAttempt, paidAt, hiddenAt, reviewSince, checkAt, watchUntil, route, updatedAt } = payment;
  const { rowCount } = await trx.query({
    ...saveVersion,
    values: [
      id,
      previousVersion,
      status,
      received,
      paidAt,
      hiddenAt,
      reviewSince,
      checkAt,
      watchUntil,
      JSON.stringify(route),
      updatedAt,
      settledAttempt,
    ],
  });
  if (rowCount !== 1) throw new Error(`payment ${id} changed while it was locked`);
}

const markBusyById: Statement = {
  name: 'payment-host-busy',
  text: `update gateway.payments set host_busy_since = coalesce(host_busy_since, $2) where id = $1 returning host_busy_since as "busySince"`,
};

/**
 * Records that a write met a busy host. The row counts the patience, so that no job waits for the host, and every job of the payment
 * counts from the same time. A write ends it. May run twice. @returns since when the host has been busy; null: no such payment
 */
export async function markHostBusy(db: Queryable, id: string, at: Date): Promise<Date | null> {
  const { rows } = await db.query<{ busySince: Date }>({ ...markBusyById, values: [id, at] });
  return rows[0]?.busySince ?? null;
}

const clearBusyById: Statement = {
  name: 'payment-host-not-busy',
  text: `update gateway.payments set host_busy_since = null where id = $1 and host_busy_since is not null`,
};

/** Records that the host answered a write that changed nothing. `save` does the same for one that did. May run twice. */
export function clearHostBusy(trx: Queryable, id: string): Promise<unknown> {
  return trx.query({ ...clearBusyById, values: [id] });
}

const ofOpenSiblings = 'where host = $1 and order_key = $2 and id <> $3 and status = any ($4)';

const hideOthersOfOrder: Statement = {
  name: 'payment-hide-siblings',
  text: `update gateway.payments set hidden_at = coalesce(hidden_at, $5), cancel_requested_at = coalesce(cancel_requested_at, $5),
      cancel_reason = coalesce(cancel_reason, 'order_paid'), check_at = $5, lease_no = lease_no + 1, version = version + 1, updated_at = greatest(updated_at, $5)
    ${ofOpenSiblings}`,
};

/** Hides every other open payment of a paid order and makes it due, so that its charges are cancelled. May run twice. */
export function hideSiblings(trx: Queryable, { host, orderKey, id }: Payment, at: Date): Promise<unknown> {
  return trx.query({ ...hideOthersOfOrder, values: [host, orderKey, id, statusGroups.open, at] });
}

const openSibling: Statement = {
  name: 'payment-open-sibling',
  text: `select from gateway.payments ${ofOpenSiblings}`,
};

/** Finds the other open payments of an order, as a part of a larger statement: it asks whether `hideSiblings` has anything to do. */
export const openSiblingQuery = (host: string, { orderKey, id }: Pick<Payment, 'orderKey' | 'id'>): pg.QueryConfig => ({
  ...openSibling,
  values: [host, orderKey, id, statusGroups.open],
});

const markUnconfirmedById: Statement = {
  name: 'payment-unconfirmed',
  text: `update gateway.payments set hidden_at = coalesce(hidden_at, $2), review_since = $2, version = version + 1, updated_at = greatest(updated_at, $2)
    where id = $1 and status = any ($3) and review_since is null`,
};

/**
 * Marks a payment that a genuine webhook reports as paid while the provider cannot confirm it. An open one is hidden, and does not
 * expire. Its order gets no other QR until the payment is confirmed or an operator ends the review. Does nothing to a settled payment.
 * May run twice. @returns whether the review is new
 */
export async function markUnconfirmed(trx: Queryable, id: string, at: Date): Promise<boolean> {
  const { rowCount } = await trx.query({ ...markUnconfirmedById, values: [id, at, [...statusGroups.open, ...statusGroups.closed]] });
  return rowCount === 1;
}

const endReviewById: Statement = {
  name: 'payment-end-review',
  text: `update gateway.payments set review_since = null where id = $1 and review_since is not null and not exists (
      select from gateway.discrepancies where payment_id = $1 and closed_at is null and reason = any ($2))`,
};

/**
 * Ends the review of a payment, and hides it so that it is checked once more and then cancelled. Does nothing while another
 * discrepancy for one of the reasons in `unlessOpen` is open.
 */
export async function endReview(
  trx: Queryable,
  id: string,
  { unlessOpen, at }: { unlessOpen: readonly string[]; at: Date },
): Promise<void> {
  const { rowCount } = await trx.query({ ...endReviewById, values: [id, unlessOpen] });
  if (rowCount === 1) await hide(trx, id, 'operator', at);
}

const forCharge: Statement = {
  name: 'payment-to-charge',
  text: `select ${columns}, (select count(*) from gateway.attempts a where a.payment_id = p.id) as made,
      exists (select from gateway.attempts a where a.payment_id = p.id and a.status = 'sending') as "isSending"
    from gateway.payments p where p.id = $1`,
};

/** A payment with the number of its attempts, and whether one of them is still `sending`. Null: no such payment. */
export async function findForCharge(
  db: Queryable,
  id: string,
): Promise<{ payment: Payment; attempts: { made: number; isSending: boolean } } | null> {
  const { rows } = await db.query<Payment & { made: number; isSending: boolean }>({ ...forCharge, values: [id] });
  if (!rows[0]) return null;
  const { made, isSending, ...payment } = rows[0];
  return { payment, attempts: { made, isSending } };
}

const setRefunded: Statement = {
  name: 'payment-refunded',
  text: `update gateway.payments set refunded_idr = $2, status = $3, version = version + 1, updated_at = $4 where id = $1`,
};

/** Writes the refunded amount and the status that follows from it. The caller holds the payment's lock. */
export function saveRefunded(trx: Queryable, { id, refunded, status, updatedAt }: Payment): Promise<unknown> {
  return trx.query({ ...setRefunded, values: [id, refunded, status, updatedAt] });
}
