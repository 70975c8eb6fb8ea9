import type { PaymentStatus, RefundCause, RefundFailure, RefundStatus } from '../../payment/index.ts';
import type { Queryable } from '../../postgres/index.ts';
import type { AuditRow } from '../control/audit.ts';

/** A payment as a list shows it. */
export interface ListedPayment extends Record<string, unknown> {
  id: string;
  host: string;
  storeId: string;
  orderNumber: string;
  amount: number;
  status: PaymentStatus;
  createdAt: Date;
  paidAt: Date | null;
  issuer: string | null;
  needsReview: boolean;
}

export interface PaymentListFilter {
  /** An order number, or a part of an id, or an amount in digits. Null: every payment. */
  text: string | null;
  status: PaymentStatus | null;
  storeId: string | null;
  issuer: string | null;
  amount: number | null;
  /** Payments with an id from this one on, and below `before`. A payment id begins with the time of its creation. */
  fromId: string | null;
  beforeId: string | null;
  limit: number;
}

const scannedTo = 20_000; // payments: a filter without an index of its own looks at the newest ones only

/** Newest first. An id is found whatever its age; another text, an issuer and an amount among the newest 20,000 payments of the time. */
export async function payments(db: Queryable, filter: PaymentListFilter): Promise<ListedPayment[]> {
  const { text, status, storeId, issuer, amount, fromId, beforeId, limit } = filter;
  const { rows } = await db.query<ListedPayment>({
    text: `select p.id, p.host, p.store_id as "storeId", p.order_number as "orderNumber", p.amount_idr as amount, p.status, p.created_at as "createdAt", p.paid_at as "paidAt",
        a.issuer, (p.review_since is not null or exists (select from gateway.discrepancies d where d.payment_id = p.id and d.closed_at is null)) as "needsReview"
      from (select * from gateway.payments where id >= coalesce($6, '') and id < coalesce($7, '~') order by id desc limit ${scannedTo}) p
        left join gateway.attempts a on a.payment_id = p.id and a.no = p.settled_attempt
      where ($1::text is null or p.order_number = $1 or p.order_key = $1 or p.amount_idr::text = $1)
        and ($2::text is null or p.status = $2) and ($3::text is null or p.store_id = $3) and ($4::text is null or a.issuer ilike $4)
        and ($5::bigint is null or p.amount_idr = $5)
      order by p.id desc limit $8`,
    values: [text, status, storeId, issuer, amount, fromId, beforeId, limit],
  });
  return rows;
}

/** The payment with this id, or with this transaction id, refund id, receipt or provider's id. Null: this database has none. */
export async function paymentIdOf(db: Queryable, text: string): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>({
    text: `select id from gateway.payments where id = $1 or reference = $1
      union all select payment_id from gateway.attempts where reference = $1 or provider_charge_id = $1
      union all select payment_id from gateway.refunds where id = $1 or reference = $1
      limit 1`,
    values: [text],
  });
  return rows[0]?.id ?? null;
}

/** A refund as a list shows it. */
export interface ListedRefund extends Record<string, unknown> {
  id: string;
  paymentId: string;
  orderNumber: string;
  storeId: string;
  amount: number;
  status: RefundStatus;
  cause: RefundCause;
  failure: RefundFailure | null;
  createdAt: Date;
  nextTryAt: Date | null;
  account: string;
}

/** Newest first. */
export async function refunds(db: Queryable, limit: number): Promise<ListedRefund[]> {
  const { rows } = await db.query<ListedRefund>({
    text: `select r.id, r.payment_id as "paymentId", p.order_number as "orderNumber", p.store_id as "storeId", r.amount_idr as amount, r.status, r.cause, r.failure,
        r.created_at as "createdAt", r.next_try_at as "nextTryAt", a.provider || '/' || a.account as account
      from (select * from gateway.refunds order by id desc limit $1) r
        join gateway.payments p on p.id = r.payment_id join gateway.attempts a on a.payment_id = r.payment_id and a.no = r.attempt_no
      order by r.id desc`,
    values: [limit],
  });
  return rows;
}

/** Where the events of a key are sent, without its secrets. */
export interface ListedEndpoint extends Record<string, unknown> {
  id: string;
  host: string;
  tenant: string;
  url: string;
  events: string[];
  storeIds: string[] | null;
  disabledAt: Date | null;
  disabledReason: string | null;
  waiting: number;
  failingSince: Date | null;
}

/** Oldest first. @param options.id only this one */
export async function endpoints(db: Queryable, { id = null, limit }: { id?: string | null; limit: number }): Promise<ListedEndpoint[]> {
  const { rows } = await db.query<ListedEndpoint>({
    text: `select e.id, e.host, e.tenant, e.url, e.events, e.store_ids as "storeIds", e.disabled_at as "disabledAt", e.disabled_reason as "disabledReason",
        coalesce(c.waiting, 0) as waiting, c."failingSince"
      from (select * from gateway.webhook_endpoints where $2::text is null or id = $2 order by created_at limit $1) e
        left join lateral (select count(*) as waiting, min(failing_since) as "failingSince" from gateway.webhook_cursors where endpoint_id = e.id and due_at is not null) c on true
      order by e.created_at`,
    values: [limit, id],
  });
  return rows;
}

/** Newest first. @param before rows of an earlier time; null: from the newest one on */
export async function auditRows(db: Queryable, before: Date | null, limit: number): Promise<AuditRow[]> {
  const { rows } = await db.query<AuditRow & Record<string, unknown>>({
    text: `select id, at, actor, action, subject, details from gateway.audit where $1::timestamptz is null or at < $1 order by id desc limit $2`,
    values: [before, limit],
  });
  return rows;
}
