import type { PaymentStatus } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';

/** A payment that somebody must look at, and what for. */
export interface DuePayment {
  kind: 'payment';
  host: string;
  id: string;
  leaseNo: number;
  status: PaymentStatus;
  isCancelRequested: boolean;
  isExpired: boolean;
  /** When it is to be looked at: a poll may be claimed ahead of its time. */
  dueAt: Date;
}
export interface DueAttempt {
  kind: 'attempt';
  host: string;
  paymentId: string;
  no: number;
  leaseNo: number;
}
export interface DueWebhook {
  kind: 'webhook';
  host: string;
  id: number;
  leaseNo: number;
}
export interface DueRefund {
  kind: 'refund';
  host: string;
  id: string;
  leaseNo: number;
}
export interface DueHostWrite {
  kind: 'host-write';
  host: string;
  id: number;
  leaseNo: number;
}
export type Due = DuePayment | DueAttempt | DueWebhook | DueRefund | DueHostWrite;

/** For how long a claim on a payment whose QR is being made holds, unless it is renewed: a till waits. */
export const chargeLeaseMs = 3_000;
/** The same for what nobody waits for: one question, and still within the five seconds after which a lost queue is made good. */
const leaseMs = 4_000;
/** Two runs of one refund side by side are the last thing anybody wants: longer than any of its questions takes. */
const refundLeaseMs = 30_000;

interface DueStatement extends Statement {
  /** Its parameters behind `$1` (now), `$2` (at most so many rows) and `$3` (due after that): until when nobody else is given these rows. */
  leasesMs: readonly number[];
  /** Its last parameter: up to when it claims ahead. */
  claimsAhead?: boolean;
  /** `attempts` bounds it too. */
  isBoundedByAttempts?: boolean;
}

/** Postgres hands each due row to one claimer; whoever comes second skips it. */
const claimStatements: readonly DueStatement[] = [
  {
    name: 'due-payments',
    leasesMs: [leaseMs, chargeLeaseMs],
    claimsAhead: true,
    text: `update gateway.payments p set check_at = case status when 'created' then $5::timestamptz else $4::timestamptz end, lease_no = lease_no + 1
      from (select id, check_at from gateway.payments
        where check_at > $3 and check_at <= $6 and (check_at <= $1 or status = 'pending') order by check_at limit $2 for update skip locked) due
      where p.id = due.id
      returning 'payment' as kind, host, p.id, lease_no as "leaseNo", status, cancel_requested_at is not null as "isCancelRequested",
        expires_at <= greatest($1, due.check_at) and review_since is null as "isExpired", due.check_at as "dueAt"`,
  },
  {
    name: 'due-attempts',
    isBoundedByAttempts: true,
    leasesMs: [leaseMs],
    text: `update gateway.attempts a set resolve_at = $4, lease_no = lease_no + 1
      from (select a.payment_id, a.no, p.host from gateway.attempts a join gateway.payments p on p.id = a.payment_id
        where a.resolve_at > $3 and a.resolve_at <= $1 order by a.resolve_at limit $2 for update of a skip locked) due
      where a.payment_id = due.payment_id and a.no = due.no
      returning 'attempt' as kind, due.host, a.payment_id as "paymentId", a.no, a.lease_no as "leaseNo"`,
  },
  {
    name: 'due-webhooks',
    leasesMs: [leaseMs],
    text: `update gateway.webhook_inbox w set next_try_at = $4, lease_no = lease_no + 1
      where (id, received_at) in (select id, received_at from gateway.webhook_inbox 
          where next_try_at > $3 and next_try_at <= $1 order by next_try_at limit $2 for update skip locked)
      returning 'webhook' as kind, split_part(reference, '-', 1) as host, id, lease_no as "leaseNo"`,
  },
  {
    name: 'due-refunds',
    leasesMs: [refundLeaseMs],
    text: `update gateway.refunds r set next_try_at = $4, lease_no = lease_no + 1
      from (select r.id, p.host from gateway.refunds r join gateway.payments p on p.id = r.payment_id
        where r.next_try_at > $3 and r.next_try_at <= $1 order by r.next_try_at limit $2 for update of r skip locked) due
      where r.id = due.id
      returning 'refund' as kind, due.host, r.id, r.lease_no as "leaseNo"`,
  },
  {
    name: 'due-host-writes',
    leasesMs: [leaseMs],
    text: `update gateway.host_writes w set next_try_at = $4, lease_no = lease_no + 1
      from (select w.id, p.host from gateway.host_writes w join gateway.payments p on p.id = w.payment_id
        where w.next_try_at > $3 and w.next_try_at <= $1 order by w.next_try_at limit $2 for update of w skip locked) due
      where w.id = due.id
      returning 'host-write' as kind, due.host, w.id, w.lease_no as "leaseNo"`,
  },
];

export interface ClaimOptions {
  now: Date;
  /** At most so many of each kind. */
  limit: number;
  /** And of unknown attempts at most so many. */
  attempts?: number;
  /** Where to begin: what was due before has been claimed. A database whose vacuum a long report holds up need not be read from its beginning. */
  after?: Date;
  /** Polls have their exact moments, so those of the next milliseconds are claimed too: they are to be started at their `dueAt`. */
  aheadMs?: number;
}

const fromStart = new Date(0);

/** Claims what is due. A claim that is lost is due again when it runs out; whoever then comes with the older number has nothing more to say. */
export async function claim(db: Queryable, { now, limit, attempts = limit, after = fromStart, aheadMs = 0 }: ClaimOptions): Promise<Due[]> {
  const until = (ms: number) => new Date(now.getTime() + ms);
  const results = await Promise.all(
    claimStatements.map(({ name, text, leasesMs, claimsAhead, isBoundedByAttempts }) => {
      const rowLimit = isBoundedByAttempts ? Math.min(attempts, limit) : limit;
      return db.query<Due>({
        name,
        text,
        values: [now, rowLimit, after, ...leasesMs.map(until), ...(claimsAhead ? [until(aheadMs)] : [])],
      });
    }),
  );
  return results.flatMap(({ rows }) => rows);
}
