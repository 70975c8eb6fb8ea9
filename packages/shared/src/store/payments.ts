import type { Bill, CancelReason, PaymentStatus, Rupiah } from '../payment/index.ts';
import type { Statement } from './database.ts';
import type { Queryable } from './queryable.ts';
import type { RouteStep } from './route-step.ts';

/** One row of `gateway.payments`, as the services speak of it. Amounts are whole rupiah. */
export interface Payment {
  id: string;
  host: string;
  tenant: string;
  storeId: string;
  orderKey: string;
  orderNumber: string;
  /** The stem of every attempt's reference, and what the host's payment row carries. */
  reference: string;
  hostPaymentKey: string | null;
  clientId: string;
  status: PaymentStatus;
  version: number;
  amount: Rupiah;
  received: Rupiah;
  refunded: Rupiah;
  /** Exact decimals: what the host's row says, and charged minus due. */
  recorded: string;
  residue: string;
  bill: Bill;
  qrString: string | null;
  shownAttempt: number | null;
  hiddenAt: Date | null;
  cancelRequestedAt: Date | null;
  cancelReason: CancelReason | null;
  reviewSince: Date | null;
  expiresAt: Date;
  paidAt: Date | null;
  checkAt: Date | null;
  /** When its provider last answered a question about it. */
  checkedAt: Date | null;
  claims: number;
  watchUntil: Date | null;
  replyTo: string | null;
  route: RouteStep[];
  createdAt: Date;
  updatedAt: Date;
  /** An open discrepancy: a person has to look. */
  needsReview: boolean;
}

/** What a payment's columns are called here; `p` is `gateway.payments`. */
export const paymentColumns = `p.id, p.host, p.tenant, p.store_id as "storeId", p.order_key as "orderKey", p.order_number as "orderNumber", p.reference,
  p.host_payment_key as "hostPaymentKey", p.client_id as "clientId", p.status, p.version, p.amount_idr as amount, p.received_idr as received,
  p.refunded_idr as refunded, p.recorded, p.residue, p.bill, p.qr_string as "qrString", p.shown_attempt as "shownAttempt", p.hidden_at as "hiddenAt",
  p.cancel_requested_at as "cancelRequestedAt", p.cancel_reason as "cancelReason", p.review_since as "reviewSince", p.expires_at as "expiresAt",
  p.paid_at as "paidAt", p.check_at as "checkAt", p.checked_at as "checkedAt", p.claims, p.watch_until as "watchUntil", p.reply_to as "replyTo", p.route,
  p.created_at as "createdAt", p.updated_at as "updatedAt",
  exists (select from gateway.discrepancies d where d.payment_id = p.id and d.closed_at is null) as "needsReview"`;

/** Whether a customer may scan its QR now. The only place that decides it. */
export function isScannable(
  payment: Pick<Payment, 'status' | 'qrString' | 'hiddenAt' | 'cancelRequestedAt' | 'expiresAt'>,
  now: Date,
): boolean {
  return (
    payment.status === 'pending' &&
    payment.qrString !== null &&
    payment.hiddenAt === null &&
    payment.cancelRequestedAt === null &&
    payment.expiresAt > now
  );
}

const settled: ReadonlySet<PaymentStatus> = new Set(['paid', 'partially_refunded', 'refunded']);

/** Whether its money is there, and what became of it since is a matter of refunds. */
export const isSettled = ({ status }: Pick<Payment, 'status'>): boolean => settled.has(status);

const byId: Statement = { name: 'payment-by-id', text: `select ${paymentColumns} from gateway.payments p where p.id = $1` };

export async function findPayment(db: Queryable, id: string): Promise<Payment | null> {
  const { rows } = await db.query<Payment>({ ...byId, values: [id] });
  return rows[0] ?? null;
}

const locked: Statement = { name: 'payment-locked', text: `${byId.text} for update of p` };

/** Locks it. The order's lock is always taken before: the other way round deadlocks. */
export async function lockPayment(db: Queryable, id: string): Promise<Payment | null> {
  const { rows } = await db.query<Payment>({ ...locked, values: [id] });
  return rows[0] ?? null;
}

const live: Statement = {
  name: 'payment-live',
  text: `select ${paymentColumns} from gateway.payments p
    where p.host = $1 and p.order_key = $2 and p.status in ('created', 'pending') and p.hidden_at is null`,
};

/** The one payment of this order whose QR is, or may soon be, on display. */
export async function findLivePayment(db: Queryable, host: string, orderKey: string): Promise<Payment | null> {
  const { rows } = await db.query<Payment>({ ...live, values: [host, orderKey] });
  return rows[0] ?? null;
}

const newest: Statement = {
  name: 'payment-newest-of-order',
  text: `select ${paymentColumns} from gateway.payments p
    where p.host = $1 and p.order_key = $2
    order by (p.status in ('created', 'pending') and p.hidden_at is null) desc, p.id desc limit 1`,
};

/** The payment to show for an order: the live one, else the newest. */
export async function findPaymentToShow(db: Queryable, host: string, orderKey: string): Promise<Payment | null> {
  const { rows } = await db.query<Payment>({ ...newest, values: [host, orderKey] });
  return rows[0] ?? null;
}

const insert: Statement = {
  name: 'payment-insert',
  text: `insert into gateway.payments (id, host, tenant, store_id, order_key, order_number, reference, host_payment_key, client_id, status,
      amount_idr, recorded, residue, bill, expires_at, check_at, reply_to, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'created', $10, $11, $12, $13, $14, $15, $16, $17, $17)`,
};

/** Sends the row of a payment whose QR is yet to be made. Fails on the second live payment of an order. */
export function insertPayment(db: Queryable, payment: Payment): Promise<unknown> {
  const p = payment;
  return db.query({
    ...insert,
    values: [
      p.id,
      p.host,
      p.tenant,
      p.storeId,
      p.orderKey,
      p.orderNumber,
      p.reference,
      p.hostPaymentKey,
      p.clientId,
      p.amount,
      p.recorded,
      p.residue,
      JSON.stringify(p.bill),
      p.expiresAt,
      p.checkAt,
      p.replyTo,
      p.createdAt,
    ],
  });
}

const hide: Statement = {
  name: 'payment-hide',
  text: `update gateway.payments set hidden_at = coalesce(hidden_at, $2), cancel_requested_at = coalesce(cancel_requested_at, $2),
      cancel_reason = coalesce(cancel_reason, $3), check_at = $2, claims = claims + 1, version = version + 1, updated_at = $2
    where id = $1 and status in ('created', 'pending')
    returning claims`,
};

/**
 * Takes a QR off display at once, and asks that its charge be cancelled: it is due now, and whoever works on it has nothing more
 * to say about when. May run twice. @returns the number of this claim; null when there was nothing to hide
 */
export async function hidePayment(db: Queryable, id: string, reason: CancelReason, at: Date): Promise<number | null> {
  const { rows } = await db.query<{ claims: number }>({ ...hide, values: [id, at, reason] });
  return rows[0]?.claims ?? null;
}

const move: Statement = {
  name: 'payment-move',
  text: `update gateway.payments set status = $3, received_idr = $4, paid_at = $5, hidden_at = $6, review_since = $7, check_at = $8, watch_until = $9,
      route = $10, version = version + 1, updated_at = $11
    where id = $1 and version = $2`,
};

/** Writes a locked payment as it is now. The caller holds its lock: a version that moved meanwhile is a bug of ours. */
export async function savePayment(trx: Queryable, p: Payment, previousVersion: number): Promise<void> {
  const { rowCount } = await trx.query({
    ...move,
    values: [
      p.id,
      previousVersion,
      p.status,
      p.received,
      p.paidAt,
      p.hiddenAt,
      p.reviewSince,
      p.checkAt,
      p.watchUntil,
      JSON.stringify(p.route),
      p.updatedAt,
    ],
  });
  if (rowCount !== 1) throw new Error(`payment ${p.id} moved under its own lock`);
}

const hideSiblings: Statement = {
  name: 'payment-hide-siblings',
  text: `update gateway.payments set hidden_at = coalesce(hidden_at, $4), cancel_requested_at = coalesce(cancel_requested_at, $4),
      cancel_reason = coalesce(cancel_reason, 'order_paid'), check_at = $4, claims = claims + 1, version = version + 1, updated_at = $4
    where host = $1 and order_key = $2 and id <> $3 and status in ('created', 'pending')`,
};

/** The order is paid: takes down every other QR of it, and asks that their charges be cancelled. */
export function hideSiblingPayments(trx: Queryable, { host, orderKey, id }: Payment, at: Date): Promise<unknown> {
  return trx.query({ ...hideSiblings, values: [host, orderKey, id, at] });
}

const doubt: Statement = {
  name: 'payment-doubt',
  text: `update gateway.payments set hidden_at = coalesce(hidden_at, $2), review_since = $2, version = version + 1, updated_at = $2
    where id = $1 and status in ('created', 'pending') and review_since is null`,
};

/** A genuine word of payment cannot be confirmed yet: the QR is hidden and does not expire. @returns whether that is new. */
export async function doubtPayment(trx: Queryable, id: string, at: Date): Promise<boolean> {
  const { rowCount } = await trx.query({ ...doubt, values: [id, at] });
  return rowCount === 1;
}
