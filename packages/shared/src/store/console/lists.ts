import type { RefundCause, RefundFailure, RefundStatus } from '../../payment/index.ts';
import type { Queryable } from '../../postgres/index.ts';
import type { AuditRow } from '../control/audit.ts';

/** A refund as a list shows it. */
export interface ListedRefund extends Record<string, unknown> {
  id: string;
  paymentId: string;
  orderNumber: string;
  host: string;
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
    text: `select r.id, r.payment_id as "paymentId", p.order_number as "orderNumber", p.host, p.store_id as "storeId", r.amount_idr as amount, r.status, r.cause, r.failure,
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
  clientId: string;
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
    text: `select e.id, e.client_id as "clientId", e.host, e.tenant, e.url, e.events, e.store_ids as "storeIds", e.disabled_at as "disabledAt", e.disabled_reason as "disabledReason",
        coalesce(c.waiting, 0) as waiting, c."failingSince"
      from (select * from gateway.webhook_endpoints where $2::text is null or id = $2 order by created_at limit $1) e
        left join lateral (select count(*) as waiting, min(failing_since) as "failingSince" from gateway.webhook_cursors where endpoint_id = e.id and due_at is not null) c on true
      order by e.created_at`,
    values: [limit, id],
  });
  return rows;
}

/** What of the audit log a page shows; null or empty: without that limit. */
export interface AuditQuery {
  since: Date | null;
  /** Rows of an earlier time. */
  before: Date | null;
  actor: string;
  /** A part of what the action was about. */
  about: string;
}

/** Newest first. */
export async function auditRows(db: Queryable, { since, before, actor, about }: AuditQuery, limit: number): Promise<AuditRow[]> {
  const { rows } = await db.query<AuditRow & Record<string, unknown>>({
    text: `select id, at, actor, action, subject, details from gateway.audit
      where ($1::timestamptz is null or at < $1) and ($3::timestamptz is null or at >= $3) and ($4 = '' or actor = $4)
        and ($5 = '' or strpos(lower(subject), lower($5)) > 0)
      order by id desc limit $2`,
    values: [before, limit, since, actor, about],
  });
  return rows;
}
