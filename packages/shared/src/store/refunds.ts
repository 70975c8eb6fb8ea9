import type { RefundCause, RefundFailure, RefundStatus, Rupiah } from '../payment/index.ts';
import { newRefundId, newUlid } from '../runtime/index.ts';
import type { Statement } from './database.ts';
import { paymentEvent } from './events.ts';
import type { Payment } from './payments.ts';
import type { Queryable } from './queryable.ts';

/** One row of `gateway.refunds`. */
export interface Refund {
  id: string;
  paymentId: string;
  attemptNo: number;
  reference: string;
  amount: Rupiah;
  status: RefundStatus;
  cause: RefundCause;
  reason: string;
  providerRefundId: string | null;
  failure: RefundFailure | null;
  /** Since when the provider may have heard of it; null: surely not. */
  askedAt: Date | null;
  /** When somebody looks at it again; null: it is final. */
  nextTryAt: Date | null;
  claims: number;
  createdAt: Date;
  updatedAt: Date;
}

const columns = `id, payment_id as "paymentId", attempt_no as "attemptNo", reference, amount_idr as amount, status, cause, reason,
  provider_refund_id as "providerRefundId", failure, asked_at as "askedAt", next_try_at as "nextTryAt", claims, created_at as "createdAt", updated_at as "updatedAt"`;

const open: Statement = {
  name: 'refund-open',
  text: `with reserved as (
      update gateway.attempts set refund_reserved_idr = refund_reserved_idr + $4
      where payment_id = $2 and no = $3 and refund_reserved_idr + $4 <= paid_idr
      returning payment_id, no),
    opened as (
      insert into gateway.refunds (id, payment_id, attempt_no, reference, amount_idr, cause, reason, client_id, next_try_at, created_at, updated_at)
      select $1, payment_id, no, $5 || (select count(*) + 1 from gateway.refunds r where r.payment_id = $2), $4, $6, $7, $8, $9, $9, $9 from reserved
      returning *),
    event as (
      insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload)
      select $10, $9, payment_id, 'refund.pending', $11 from opened
      returning event_id, occurred_at, type, payment_id),
    told as (
      insert into gateway.outbox (event_id, occurred_at, store_id, type, order_key, payment_id)
      select event_id, occurred_at, $12, type, $13, payment_id from event)
    select ${columns} from opened`,
};

export interface RefundToOpen {
  payment: Payment;
  attemptNo: number;
  amount: Rupiah;
  cause: RefundCause;
  reason: string;
  clientId?: string;
  at: Date;
}

/**
 * Reserves the money on its attempt, opens the refund and tells the world, in one statement: a sum that guards an insert would give
 * back too much under concurrency. Null when the attempt does not hold that much any more.
 */
export async function openRefund(
  trx: Queryable,
  { payment, attemptNo, amount, cause, reason, clientId, at }: RefundToOpen,
): Promise<Refund | null> {
  const id = newRefundId();
  const stem = `${payment.host}-${newUlid()}-r`;
  const event = paymentEvent('refund.pending', payment, at, { refund_id: id, refund_amount: amount, cause });
  const { rows } = await trx.query<Refund>({
    ...open,
    values: [
      id,
      payment.id,
      attemptNo,
      amount,
      stem,
      cause,
      reason,
      clientId ?? null,
      at,
      event.event_id,
      JSON.stringify(event),
      payment.storeId,
      payment.orderKey,
    ],
  });
  return rows[0] ?? null;
}

const find: Statement = { name: 'refund-find', text: `select ${columns} from gateway.refunds where id = $1` };

export async function findRefundRow(db: Queryable, id: string): Promise<Refund | null> {
  const { rows } = await db.query<Refund>({ ...find, values: [id] });
  return rows[0] ?? null;
}

const ofPayment: Statement = {
  name: 'refunds-of-payment',
  text: `select ${columns} from gateway.refunds where payment_id = $1 order by id`,
};

/** Oldest first, those that the gateway opened by itself too. */
export async function refundsOf(db: Queryable, paymentId: string): Promise<Refund[]> {
  const { rows } = await db.query<Refund>({ ...ofPayment, values: [paymentId] });
  return rows;
}

/** Money of a payment at one provider, and what of it may still go back. */
export interface RefundableMoney {
  attemptNo: number;
  provider: string;
  account: string;
  issuer: string | null;
  paid: Rupiah;
  paidAt: Date;
  left: Rupiah;
  /** The order was paid with it, and its host does not know yet. */
  isOwedToHost: boolean;
}

const refundable: Statement = {
  name: 'refundable-money',
  text: `select no as "attemptNo", provider, account, issuer, paid_idr as paid, paid_at as "paidAt", paid_idr - refund_reserved_idr as left,
      accepted and exists (select from gateway.host_writes w where w.payment_id = a.payment_id and w.step = 'paid' and w.done_at is null) as "isOwedToHost"
    from gateway.attempts a where payment_id = $1 and status = 'paid' order by accepted desc, no`,
};

/** What the guest paid the order with comes first; behind it, money that no order took and that has not gone back. */
export async function refundableMoney(db: Queryable, paymentId: string): Promise<RefundableMoney[]> {
  const { rows } = await db.query<RefundableMoney>({ ...refundable, values: [paymentId] });
  return rows;
}

const ask: Statement = {
  name: 'refund-ask',
  text: `update gateway.refunds set asked_at = $3 where id = $1 and claims = $2 and status = 'pending' and asked_at is null`,
};

/** Written before the provider is asked: whoever comes after a crash knows that it may have heard. @returns whether it is this claim's to ask */
export async function beginRefund(db: Queryable, { id, claims }: Pick<Refund, 'id' | 'claims'>, at: Date): Promise<boolean> {
  const { rowCount } = await db.query({ ...ask, values: [id, claims, at] });
  return rowCount === 1;
}

const later: Statement = {
  name: 'refund-later',
  text: `update gateway.refunds set next_try_at = $2, provider_refund_id = coalesce($3, provider_refund_id), updated_at = $4,
      asked_at = case when $5 then null else asked_at end
    where id = $1 and status = 'pending'`,
};

/** Not final yet: when to look again. `notAsked`: the provider surely did nothing, so it may simply be asked once more. */
export function refundLater(
  db: Queryable,
  { id }: Pick<Refund, 'id'>,
  {
    nextTryAt,
    providerRefundId = null,
    notAsked = false,
    at,
  }: { nextTryAt: Date; providerRefundId?: string | null; notAsked?: boolean; at: Date },
): Promise<unknown> {
  return db.query({ ...later, values: [id, nextTryAt, providerRefundId, at, notAsked] });
}

const name: Statement = {
  name: 'refund-name',
  text: `update gateway.refunds set provider_refund_id = $2, next_try_at = least(next_try_at, $3) where reference = $1 and status = 'pending' and provider_refund_id is null`,
};

/** Somebody says what a refund is called at its provider. Only where to look: what is found there counts. */
export function nameRefund(db: Queryable, reference: string, providerRefundId: string, at: Date): Promise<unknown> {
  return db.query({ ...name, values: [reference, providerRefundId, at] });
}

const unname: Statement = {
  name: 'refund-unname',
  text: `update gateway.refunds set provider_refund_id = null where id = $1 and provider_refund_id = $2 and status = 'pending'`,
};

/** Nothing of ours was found under that name. */
export function unnameRefund(db: Queryable, { id, providerRefundId }: Pick<Refund, 'id' | 'providerRefundId'>): Promise<unknown> {
  return db.query({ ...unname, values: [id, providerRefundId] });
}

const finish: Statement = {
  name: 'refund-finish',
  text: `with ended as (
      update gateway.refunds set status = $2, failure = $3, provider_refund_id = coalesce($4, provider_refund_id), next_try_at = null, updated_at = $5, finished_at = $5
      where id = $1 and status = 'pending'
      returning payment_id, attempt_no, amount_idr),
    given_back as (
      update gateway.attempts a set refund_reserved_idr = refund_reserved_idr - e.amount_idr from ended e
      where $2 = 'failed' and a.payment_id = e.payment_id and a.no = e.attempt_no)
    select amount_idr from ended`,
};

/** Final. A failed one gives back what it had reserved. @returns whether this call ended it */
export async function finishRefund(
  trx: Queryable,
  { id }: Pick<Refund, 'id'>,
  end: { status: 'succeeded' | 'failed'; failure: RefundFailure | null; providerRefundId: string | null; at: Date },
): Promise<boolean> {
  const { rowCount } = await trx.query({ ...finish, values: [id, end.status, end.failure, end.providerRefundId, end.at] });
  return rowCount === 1;
}

const count: Statement = {
  name: 'payment-refunded',
  text: `update gateway.payments set refunded_idr = $2, status = $3, version = version + 1, updated_at = $4 where id = $1`,
};

/** Writes how much of a payment has gone back, and what it is by that. The caller has locked it. */
export function countRefund(
  trx: Queryable,
  { id, refunded, status }: Pick<Payment, 'id' | 'refunded' | 'status'>,
  at: Date,
): Promise<unknown> {
  return trx.query({ ...count, values: [id, refunded, status, at] });
}

const hasten: Statement = {
  name: 'refund-hasten',
  text: `update gateway.refunds set next_try_at = $2 where payment_id = $1 and status = 'pending' and next_try_at > $2`,
};

/** There is news of a refund of this payment: those under way are asked about now. @returns whether there are any */
export async function hastenRefunds(db: Queryable, paymentId: string, at: Date): Promise<boolean> {
  const { rowCount } = await db.query({ ...hasten, values: [paymentId, at] });
  return rowCount !== 0;
}
