import { announce, type Payment, type Refund, type RefundCause, type RefundFailure, type Rupiah } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import { newEventId, newRefundId, newUlid } from '../../runtime/index.ts';
import * as events from '../events/events.ts';

const columns = `id, payment_id as "paymentId", attempt_no as "attemptNo", reference, amount_idr as amount, status, cause, reason,
  provider_refund_id as "providerRefundId", failure, asked_at as "askedAt", next_try_at as "nextTryAt", lease_no as "leaseNo", created_at as "createdAt", updated_at as "updatedAt",
  (select jsonb_build_object('requestedBy', v.requested_by, 'decision', v.decision, 'decidedBy', v.decided_by, 'decidedAt', v.decided_at)
    from gateway.refund_approvals v where v.refund_id = id) as approval`;

const reserveAndInsert: Statement = {
  name: 'refund-open',
  text: `with reserved as (
      update gateway.attempts set refund_reserved_idr = refund_reserved_idr + $10
      where payment_id = $3 and no = $9 and refund_reserved_idr + $10 <= paid_idr
      returning payment_id, no),
    opened as (
      insert into gateway.refunds (id, payment_id, attempt_no, reference, amount_idr, cause, reason, client_id, next_try_at, created_at, updated_at)
      select $8, payment_id, no, $11 || (select count(*) + 1 from gateway.refunds r where r.payment_id = $3), $10, $12, $13, $14, case when $15::boolean then null else $2::timestamptz end, $2, $2 from reserved
      returning *),
    ${events.insertEvent('from opened')}
    select ${columns} from opened`,
};

interface RefundToOpen {
  payment: Payment;
  attemptNo: number;
  amount: Rupiah;
  cause: RefundCause;
  reason: string;
  clientId?: string;
  /** It waits for a second person: it is not due. */
  needsApproval?: boolean;
  at: Date;
}

/**
 * Reserves the amount on the attempt, opens the refund and appends `refund.pending`, in one statement. The reservation is an update of
 * the attempt: an insert guarded by a sum of earlier refunds would refund too much under concurrency.
 * @returns null when less than the amount is left on the attempt
 */
export async function open(
  trx: Queryable,
  { payment, attemptNo, amount, cause, reason, clientId, needsApproval = false, at }: RefundToOpen,
): Promise<Refund | null> {
  const id = newRefundId();
  const stem = `${payment.host}-${newUlid()}-r`;
  const event = announce(payment, 'refund.pending', { id: newEventId(), now: at, data: { refund_id: id, refund_amount: amount, cause } });
  const { rows } = await trx.query<Refund>({
    ...reserveAndInsert,
    values: [...events.eventValues(event, payment.orderKey), id, attemptNo, amount, stem, cause, reason, clientId ?? null, needsApproval],
  });
  return rows[0] ?? null;
}

const byId: Statement = { name: 'refund-find', text: `select ${columns} from gateway.refunds where id = $1` };

/** Null: no such refund. */
export async function find(db: Queryable, id: string): Promise<Refund | null> {
  const { rows } = await db.query<Refund>({ ...byId, values: [id] });
  return rows[0] ?? null;
}

const byPayment: Statement = {
  name: 'refunds-of-payment',
  text: `select ${columns} from gateway.refunds where payment_id = $1 order by id`,
};

/** All refunds of a payment, oldest first, with those that the gateway opened for duplicate and late payments. */
export async function ofPayment(db: Queryable, paymentId: string): Promise<Refund[]> {
  const { rows } = await db.query<Refund>({ ...byPayment, values: [paymentId] });
  return rows;
}

const askedForByPayment: Statement = {
  name: 'refunds-asked-for',
  text: `select coalesce(sum(amount_idr), 0)::bigint as amount from gateway.refunds
    where payment_id = $1 and status <> 'failed' and cause in ('client', 'operator')`,
};

/** What keys and operators have asked to refund of a payment, together, in whole rupiah: what is refunded, is pending, or waits for approval. */
export async function askedFor(trx: Queryable, paymentId: string): Promise<number> {
  const { rows } = await trx.query<{ amount: number }>({ ...askedForByPayment, values: [paymentId] });
  return rows[0]?.amount ?? 0;
}

/** The money of one paid attempt, in whole rupiah. */
export interface RefundableMoney {
  attemptNo: number;
  provider: string;
  account: string;
  issuer: string | null;
  paid: Rupiah;
  paidAt: Date;
  /** Not refunded yet, and not reserved by a pending refund. */
  left: Rupiah;
  /** The order was paid with this money, and the host has not recorded it yet. */
  awaitsHostWrite: boolean;
}

const refundableOfPayment: Statement = {
  name: 'refundable-money',
  text: `select no as "attemptNo", provider, account, issuer, paid_idr as paid, paid_at as "paidAt", paid_idr - refund_reserved_idr as left,
      accepted and exists (select from gateway.host_writes w where w.payment_id = a.payment_id and w.step = 'paid' and w.done_at is null) as "awaitsHostWrite"
    from gateway.attempts a where payment_id = $1 and status = 'paid' order by accepted desc, no`,
};

/** The paid attempts of a payment: the accepted one first, then duplicate payments. */
export async function refundable(db: Queryable, paymentId: string): Promise<RefundableMoney[]> {
  const { rows } = await db.query<RefundableMoney>({ ...refundableOfPayment, values: [paymentId] });
  return rows;
}

const beginUnderLease: Statement = {
  name: 'refund-begin',
  text: `update gateway.refunds set asked_at = $3 where id = $1 and lease_no = $2 and num_nulls(next_try_at) = 0 and asked_at is null`,
};

/**
 * Records, before the call, that the provider may receive the request. After a crash the refund is then looked up first, because not
 * every provider makes a repeat safe.
 * @returns false when the caller must not call: its lease is superseded, the refund was requested before, waits for approval, or is final
 */
export async function begin(db: Queryable, { id, leaseNo }: Pick<Refund, 'id' | 'leaseNo'>, at: Date): Promise<boolean> {
  const { rowCount } = await db.query({ ...beginUnderLease, values: [id, leaseNo, at] });
  return rowCount === 1;
}

const rescheduleById: Statement = {
  name: 'refund-reschedule',
  text: `update gateway.refunds set next_try_at = $2, provider_refund_id = coalesce($3, provider_refund_id), updated_at = $4,
      asked_at = case when $5 then null else asked_at end
    where id = $1 and status = 'pending'`,
};

/**
 * Sets when a pending refund is tried next.
 * @param options.notRequested the provider's answer proves that nothing was carried out, so the refund may be requested again
 */
export function reschedule(
  db: Queryable,
  { id }: Pick<Refund, 'id'>,
  options: { nextTryAt: Date; providerRefundId?: string | null; notRequested?: boolean; at: Date },
): Promise<unknown> {
  const { nextTryAt, providerRefundId = null, notRequested = false, at } = options;
  return db.query({ ...rescheduleById, values: [id, nextTryAt, providerRefundId, at, notRequested] });
}

const setIdByReference: Statement = {
  name: 'refund-set-id',
  text: `update gateway.refunds set provider_refund_id = $2, next_try_at = least(next_try_at, $3) where reference = $1 and num_nulls(next_try_at) = 0 and provider_refund_id is null`,
};

/**
 * Records the provider's id of a pending refund, as a webhook reports it, and makes the refund due. The id only says what to look up:
 * the provider's answer decides. A known id is not replaced.
 */
export function setProviderRefundId(
  db: Queryable,
  { reference, providerRefundId }: { reference: string; providerRefundId: string },
  at: Date,
): Promise<unknown> {
  return db.query({ ...setIdByReference, values: [reference, providerRefundId, at] });
}

const clearIdById: Statement = {
  name: 'refund-clear-id',
  text: `update gateway.refunds set provider_refund_id = null where id = $1 and provider_refund_id = $2 and status = 'pending'`,
};

/** Removes a provider's id under which no refund of ours was found. */
export function clearProviderRefundId(db: Queryable, { id, providerRefundId }: Pick<Refund, 'id' | 'providerRefundId'>): Promise<unknown> {
  return db.query({ ...clearIdById, values: [id, providerRefundId] });
}

const finishById: Statement = {
  name: 'refund-finish',
  text: `with ended as (
      update gateway.refunds set status = $2, failure = $3, provider_refund_id = coalesce($4, provider_refund_id), next_try_at = null, updated_at = $5, finished_at = $5
      where id = $1 and status = 'pending'
      returning payment_id, attempt_no, amount_idr),
    released as (
      update gateway.attempts a set refund_reserved_idr = refund_reserved_idr - e.amount_idr from ended e
      where $2 = 'failed' and a.payment_id = e.payment_id and a.no = e.attempt_no)
    select amount_idr from ended`,
};

/** Ends a refund. A failed one releases its reservation. May run twice. @returns whether this call ended it */
export async function finish(
  trx: Queryable,
  { id }: Pick<Refund, 'id'>,
  result: { status: 'succeeded' | 'failed'; failure: RefundFailure | null; providerRefundId: string | null; at: Date },
): Promise<boolean> {
  const { rowCount } = await trx.query({ ...finishById, values: [id, result.status, result.failure, result.providerRefundId, result.at] });
  return rowCount === 1;
}

const expediteOfPayment: Statement = {
  name: 'refund-expedite',
  text: `update gateway.refunds set next_try_at = $2 where payment_id = $1 and status = 'pending' and next_try_at > $2`,
};

/** Makes the pending refunds of a payment due: a webhook reports a change of one of them. @returns whether one was made due */
export async function expedite(db: Queryable, paymentId: string, at: Date): Promise<boolean> {
  const { rowCount } = await db.query({ ...expediteOfPayment, values: [paymentId, at] });
  return rowCount !== 0;
}
