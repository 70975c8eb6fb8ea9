import type { HostWriteId, InboxId, PaymentId, RefundId } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as leases from '../payments/leases.ts';

interface DueAttempt {
  kind: 'attempt';
  host: string;
  paymentId: PaymentId;
  no: number;
  leaseNo: number;
}
interface DueWebhook {
  kind: 'webhook';
  host: string;
  id: InboxId;
  leaseNo: number;
}
interface DueRefund {
  kind: 'refund';
  host: string;
  id: RefundId;
  leaseNo: number;
}
interface DueHostWrite {
  kind: 'host-write';
  host: string;
  id: HostWriteId;
  leaseNo: number;
}
export type Due = leases.DuePayment | DueAttempt | DueWebhook | DueRefund | DueHostWrite;

/** Longer than all calls of one run take, so that two runs of one refund do not overlap: the provider may be asked for it only once. */
const refundLeaseMs = 30_000;

// The parameters of each statement: $1 now, $2 the largest number of rows, $3 the watermark (rows that are due after it), $4 the end of
// the lease. `for update skip locked` gives each due row to one worker.
const attempts: Statement = {
  name: 'due-attempts',
  text: `update gateway.attempts a set resolve_at = $4, lease_no = lease_no + 1
    from (select a.payment_id, a.no, p.host from gateway.attempts a join gateway.payments p on p.id = a.payment_id
      where a.resolve_at > $3 and a.resolve_at <= $1 order by a.resolve_at limit $2 for update of a skip locked) due
    where a.payment_id = due.payment_id and a.no = due.no
    returning 'attempt' as kind, due.host, a.payment_id as "paymentId", a.no, a.lease_no as "leaseNo"`,
};
const webhooks: Statement = {
  name: 'due-webhooks',
  text: `update gateway.webhook_inbox w set next_try_at = $4, lease_no = lease_no + 1
    where (id, received_at) in (select id, received_at from gateway.webhook_inbox
        where next_try_at > $3 and next_try_at <= $1 order by next_try_at limit $2 for update skip locked)
    returning 'webhook' as kind, split_part(reference, '-', 1) as host, id, lease_no as "leaseNo"`,
};
const refunds: Statement = {
  name: 'due-refunds',
  text: `update gateway.refunds r set next_try_at = $4, lease_no = lease_no + 1
    from (select r.id, p.host from gateway.refunds r join gateway.payments p on p.id = r.payment_id
      where r.next_try_at > $3 and r.next_try_at <= $1 order by r.next_try_at limit $2 for update of r skip locked) due
    where r.id = due.id
    returning 'refund' as kind, due.host, r.id, r.lease_no as "leaseNo"`,
};
const hostWrites: Statement = {
  name: 'due-host-writes',
  text: `update gateway.host_writes w set next_try_at = $4, lease_no = lease_no + 1
    from (select w.id, p.host from gateway.host_writes w join gateway.payments p on p.id = w.payment_id
      where w.next_try_at > $3 and w.next_try_at <= $1 order by w.next_try_at limit $2 for update of w skip locked) due
    where w.id = due.id
    returning 'host-write' as kind, due.host, w.id, w.lease_no as "leaseNo"`,
};

interface ClaimOptions {
  now: Date;
  /** The largest number of rows of each kind. */
  limit: number;
  /** A lower limit for attempts. */
  attemptLimit?: number;
  /** The watermark: rows due at or before it are claimed. Starting above it skips dead rows, which a long report keeps from vacuum. */
  after?: Date;
  /** Polls that are due within this time are claimed too, so that each can start at its exact `dueAt`. */
  aheadMs?: number;
}

const fromStart = new Date(0);

/**
 * Claims due rows of all five kinds: sets each deadline to the end of a lease and raises the lease number. A row whose job is lost is
 * due again at the end of its lease; a job that then arrives with the older number is superseded.
 */
export async function claim(db: Queryable, options: ClaimOptions): Promise<Due[]> {
  const { now, limit, attemptLimit = limit, after = fromStart, aheadMs = 0 } = options;
  const claimRows = async <Row extends Due>(statement: Statement, leaseMs: number, rowLimit = limit): Promise<Row[]> =>
    (await db.query<Row>({ ...statement, values: [now, rowLimit, after, plusMs(now, leaseMs)] })).rows;
  const dueByKind = await Promise.all([
    leases.claimDue(db, { now, limit, after, aheadMs }),
    claimRows<DueAttempt>(attempts, leases.callLeaseMs, Math.min(attemptLimit, limit)),
    claimRows<DueWebhook>(webhooks, leases.callLeaseMs),
    claimRows<DueRefund>(refunds, refundLeaseMs),
    claimRows<DueHostWrite>(hostWrites, leases.callLeaseMs),
  ]);
  return dueByKind.flat();
}
