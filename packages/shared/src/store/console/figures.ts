import type { Database, Statement } from '../../postgres/index.ts';
import { readFigure } from '../maintenance/read-figure.ts';

const countedTo = 1_000; // what is more is shown as "1,000 or more"

const counted = (rows: string): string => `(select count(*) from (select from ${rows} limit ${countedTo}) counted)`;

/** What waits in one database. Counts end at 1,000. */
export interface WaitingFigures extends Record<string, unknown> {
  openQrs: number;
  webhooks: number;
  oldestWebhook: Date | null;
  parkedWebhooks: number;
  refunds: number;
  oldestRefund: Date | null;
  approvals: number;
  oldestApproval: Date | null;
  hostWrites: number;
  oldestHostWrite: Date | null;
  unpublished: number;
  oldestUnpublished: Date | null;
  deliveries: number;
  failingSince: Date | null;
  discrepancies: number;
  discrepanciesOfDay: number;
  discrepanciesOfWeek: number;
  oldestDiscrepancy: Date | null;
}

// An endpoint that is disabled waits for its owner, and is not tried. One that fails for 72 h is disabled: a failure that is older belongs
// to a key that was revoked.
const triedCursors =
  'gateway.webhook_cursors c join gateway.webhook_endpoints e on e.id = c.endpoint_id and e.disabled_at is null where c.due_at is not null';
const failingCursors = `${triedCursors} and c.failing_since > now() - interval '73 hours'`;

// Each part is read from a partial index that has the waiting rows only.
const waitingRows: Statement = {
  name: 'console-waiting',
  text: `select
    ${counted(`gateway.payments where status in ('created', 'pending') and hidden_at is null`)} as "openQrs",
    ${counted('gateway.webhook_inbox where next_try_at is not null')} as webhooks,
    (select min(received_at) from (select received_at from gateway.webhook_inbox where next_try_at is not null order by next_try_at limit ${countedTo}) w) as "oldestWebhook",
    ${counted(`gateway.webhook_inbox where verdict = 'parked'`)} as "parkedWebhooks",
    ${counted('gateway.refunds where next_try_at is not null')} as refunds,
    (select min(created_at) from (select created_at from gateway.refunds where next_try_at is not null limit ${countedTo}) r) as "oldestRefund",
    ${counted('gateway.refund_approvals where decision is null')} as approvals,
    (select min(requested_at) from (select requested_at from gateway.refund_approvals where decision is null limit ${countedTo}) v) as "oldestApproval",
    ${counted('gateway.host_writes where done_at is null')} as "hostWrites",
    (select min(created_at) from (select created_at from gateway.host_writes where done_at is null limit ${countedTo}) h) as "oldestHostWrite",
    ${counted('gateway.outbox where published_at is null')} as unpublished,
    (select min(occurred_at) from (select occurred_at from gateway.outbox where published_at is null order by position, id limit ${countedTo}) o) as "oldestUnpublished",
    ${counted(triedCursors)} as deliveries,
    (select min(failing_since) from (select failing_since from ${failingCursors} limit ${countedTo}) f) as "failingSince",
    d.*
    from (select count(*) as discrepancies, count(*) filter (where opened_at > now() - interval '1 day') as "discrepanciesOfDay",
        count(*) filter (where opened_at <= now() - interval '1 day' and opened_at > now() - interval '7 days') as "discrepanciesOfWeek",
        min(opened_at) as "oldestDiscrepancy"
      from (select opened_at from gateway.discrepancies where closed_at is null limit ${countedTo}) open) d`,
};

/** Gives up after 0.9 s: a page must not add load to a busy database. */
export async function waiting(db: Database): Promise<WaitingFigures> {
  const [row] = await readFigure<WaitingFigures>(db, waitingRows);
  return row as WaitingFigures;
}

/** How long the calls to one account took that were made in one minute. */
export interface MinuteOfAccount extends Record<string, unknown> {
  provider: string;
  account: string;
  minute: Date;
  calls: number;
  failed: number;
  p50Ms: number;
  p95Ms: number;
}

const scannedTo = 20_000; // payments: more than a busy chain makes in a quarter of an hour

const routeSteps = `jsonb_to_recordset(p.route) as s (provider text, account text, at timestamptz, outcome text, "durationMs" float8)`;

// By the primary key: a payment id begins with the time of its creation. The route has the duration of each call.
const minutesOfAccounts: Statement = {
  name: 'console-minutes',
  text: `select s.provider, s.account, date_trunc('minute', s.at) as minute, count(*) as calls, count(*) filter (where s.outcome in ('refused', 'unknown')) as failed,
      percentile_cont(0.5) within group (order by s."durationMs") as "p50Ms", percentile_cont(0.95) within group (order by s."durationMs") as "p95Ms"
    from (select route from gateway.payments where id >= $1 order by id desc limit ${scannedTo}) p cross join lateral ${routeSteps}
    where s."durationMs" is not null and s.outcome <> 'skipped' group by 1, 2, 3 order by 1, 2, 3`,
};

/** By account and minute, oldest first. @param sincePaymentId payments with this id or a later one, at most the newest 20,000 */
export const minutes = (db: Database, sincePaymentId: string): Promise<MinuteOfAccount[]> =>
  readFigure<MinuteOfAccount>(db, minutesOfAccounts, [sincePaymentId]);

/** A payment of the last hour that failed, or whose till waited long for its QR. */
export interface TroubledPayment extends Record<string, unknown> {
  id: string;
  host: string;
  storeId: string;
  orderNumber: string;
  amount: number;
  status: string;
  createdAt: Date;
  /** How long the till waited for the QR; null: it got none. */
  waitedMs: number | null;
}

const troubledPayments: Statement = {
  name: 'console-troubled',
  text: `select p.id, p.host, p.store_id as "storeId", p.order_number as "orderNumber", p.amount_idr as amount, p.status, p.created_at as "createdAt", w.ms as "waitedMs"
    from (select * from gateway.payments where id >= $1 order by id desc limit ${scannedTo}) p
      left join lateral (select extract(epoch from s.at - p.created_at)::float8 * 1000 + s."durationMs" as ms from ${routeSteps} where s.outcome = 'chosen' limit 1) w on true
    where p.status = 'failed' or w.ms > $2 order by p.id desc limit $3`,
};

/** Newest first. @param sincePaymentId payments with this id or a later one, at most the newest 20,000 */
export const troubled = (db: Database, sincePaymentId: string, slowMs: number, limit: number): Promise<TroubledPayment[]> =>
  readFigure<TroubledPayment>(db, troubledPayments, [sincePaymentId, slowMs, limit]);
