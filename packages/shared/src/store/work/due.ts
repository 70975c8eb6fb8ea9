import type { HostWriteId, InboxId, PaymentId, PaymentStatus, RefundId } from '../../payment/index.ts';
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
  /** When the work is to start. It lies in the future for a question that was claimed ahead of its poll slot. */
  dueAt: Date;
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
/** A row whose work may start in a poll slot, at its exact `dueAt`. */
export type DueInSlot = leases.DuePayment | DueWebhook;
export type Due = DueInSlot | DueAttempt | DueRefund | DueHostWrite;

/** Longer than all calls of one run take, so that two runs of one refund do not overlap: the provider may be asked for it only once. */
const refundLeaseMs = 30_000;

/** How long the lease of a row of each kind lasts, milliseconds. A running job renews it. `charge`: a payment whose QR is being made. */
export const leaseMs = {
  charge: leases.chargeLeaseMs,
  payment: leases.callLeaseMs,
  attempt: leases.callLeaseMs,
  webhook: leases.callLeaseMs,
  refund: refundLeaseMs,
  'host-write': leases.callLeaseMs,
} as const;

/** The row that a running job works on, and the number of the lease under which it does. */
export type LeasedRow =
  | { kind: 'charge' | 'payment' | 'webhook' | 'refund' | 'host-write'; id: string | number; leaseNo: number }
  | { kind: 'attempt'; id: string; no: number; leaseNo: number };

// `num_nulls`, not `is not null`: the index of due rows must not be considered, whose size when the plan is made says nothing about later.
const renewal = (kind: string, table: string, deadline: string, key = 'id = $1'): Statement => ({
  name: `lease-renew-${kind}`,
  text: `update gateway.${table} set ${deadline} = greatest(${deadline}, $3::timestamptz) where ${key} and lease_no = $2 and num_nulls(${deadline}) = 0`,
});
const renewals: { readonly [Kind in LeasedRow['kind']]: Statement } = {
  charge: renewal('charge', 'payments', 'check_at', 'id = $1 and status = $4'), // the first poll of a QR on display stays on time
  payment: renewal('payment', 'payments', 'check_at'),
  attempt: renewal('attempt', 'attempts', 'resolve_at', 'payment_id = $1 and no = $4'),
  webhook: renewal('webhook', 'webhook_inbox', 'next_try_at'),
  refund: renewal('refund', 'refunds', 'next_try_at'),
  'host-write': renewal('host-write', 'host_writes', 'next_try_at'),
};

/**
 * Extends the lease of a row by its length, from `now` on. Never shortens it: a job may have set a later deadline already.
 * @returns false when the row has a newer lease number, or no deadline any more: the caller's work is superseded, or it is done
 */
export async function renew(db: Queryable, row: LeasedRow, now: Date): Promise<boolean> {
  const until = plusMs(now, leaseMs[row.kind]);
  const further = row.kind === 'attempt' ? [row.no] : row.kind === 'charge' ? ['created' satisfies PaymentStatus] : [];
  const { rowCount } = await db.query({ ...renewals[row.kind], values: [row.id, row.leaseNo, until, ...further] });
  return rowCount === 1;
}

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
// $5 is how far ahead a webhook is claimed whose question has a poll slot.
const webhooks: Statement = {
  name: 'due-webhooks',
  text: `update gateway.webhook_inbox w set next_try_at = $4, lease_no = lease_no + 1
    from (select id, received_at, next_try_at from gateway.webhook_inbox
      where next_try_at > $3 and next_try_at <= $5 and (next_try_at <= $1 or question_at is not null) order by next_try_at limit $2 for update skip locked) due
    where w.id = due.id and w.received_at = due.received_at
    returning 'webhook' as kind, split_part(w.reference, '-', 1) as host, w.id, w.lease_no as "leaseNo", due.next_try_at as "dueAt"`,
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
  /** Of payments for which a till waits; absent: they count as payments within `limit`. Then `limit` may be 0. */
  tillLimit?: number | undefined;
  /** A lower limit for attempts. */
  attemptLimit?: number;
  /** The watermark: rows due at or before it are claimed. Starting above it skips dead rows, which a long report keeps from vacuum. */
  after?: Date;
  /** Polls, and questions about webhooks, that are due within this time are claimed too, so that each can start at its exact `dueAt`. */
  aheadMs?: number;
}

const fromStart = new Date(0);

/**
 * Claims due rows of all five kinds: sets each deadline to the end of a lease and raises the lease number. A row whose job is lost is
 * due again at the end of its lease; a job that then arrives with the older number is superseded.
 */
export async function claim(db: Queryable, options: ClaimOptions): Promise<Due[]> {
  const { now, limit, tillLimit, attemptLimit = limit, after = fromStart, aheadMs = 0 } = options;
  if (tillLimit !== undefined) {
    const tills = tillLimit > 0 ? leases.claimDue(db, { now, limit: tillLimit, after, aheadMs, of: 'tills' }) : [];
    const others = limit > 0 ? claimAll(db, { now, limit, attemptLimit, after, aheadMs }, 'others') : [];
    return (await Promise.all([tills, others])).flat();
  }
  return claimAll(db, { now, limit, attemptLimit, after, aheadMs }, 'all');
}

/** @param of which payments are claimed among the other rows */
async function claimAll(
  db: Queryable,
  { now, limit, attemptLimit, after, aheadMs }: Required<Omit<ClaimOptions, 'tillLimit'>>,
  of: 'all' | 'others',
): Promise<Due[]> {
  const claimRows = async <Row extends Due>(
    statement: Statement,
    forMs: number,
    { rowLimit = limit, more = [] as Date[] } = {},
  ): Promise<Row[]> => (await db.query<Row>({ ...statement, values: [now, rowLimit, after, plusMs(now, forMs), ...more] })).rows;
  const dueByKind = await Promise.all([
    leases.claimDue(db, { now, limit, after, aheadMs, of }),
    claimRows<DueAttempt>(attempts, leaseMs.attempt, { rowLimit: Math.min(attemptLimit, limit) }),
    claimRows<DueWebhook>(webhooks, leaseMs.webhook, { more: [plusMs(now, aheadMs)] }),
    claimRows<DueRefund>(refunds, leaseMs.refund),
    claimRows<DueHostWrite>(hostWrites, leaseMs['host-write']),
  ]);
  return dueByKind.flat();
}
