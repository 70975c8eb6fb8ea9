import type { PaymentStatus } from '../payment/index.ts';
import type { Statement } from './database.ts';
import type { Queryable } from './queryable.ts';

/** A payment that somebody must look at, and what for. */
export interface DuePayment {
  kind: 'payment';
  host: string;
  id: string;
  claim: number;
  status: PaymentStatus;
  isCancelRequested: boolean;
  isExpired: boolean;
}
export interface DueAttempt {
  kind: 'attempt';
  host: string;
  paymentId: string;
  no: number;
  claim: number;
}
export interface DueWebhook {
  kind: 'webhook';
  host: string;
  id: number;
  claim: number;
}
export interface DueRefund {
  kind: 'refund';
  host: string;
  id: string;
  claim: number;
}
export interface DueHostWrite {
  kind: 'host-write';
  host: string;
  id: number;
  claim: number;
}
export type Due = DuePayment | DueAttempt | DueWebhook | DueRefund | DueHostWrite;

/** Postgres hands each due row to one claimer; whoever comes second skips it. Until `$2` nobody else is given it. */
const claims: readonly Statement[] = [
  {
    name: 'due-payments',
    text: `update gateway.payments p set check_at = case status when 'created' then $3::timestamptz else $2::timestamptz end, claims = claims + 1
      where id in (select id from gateway.payments where check_at <= $1 order by check_at limit $4 for update skip locked)
      returning 'payment' as kind, host, id, claims as claim, status, cancel_requested_at is not null as "isCancelRequested",
        expires_at <= $1 and review_since is null as "isExpired"`,
  },
  {
    name: 'due-attempts',
    text: `update gateway.attempts a set resolve_at = $2, resolves = resolves + 1
      from (select a.payment_id, a.no, p.host from gateway.attempts a join gateway.payments p on p.id = a.payment_id
        where a.resolve_at <= $1 order by a.resolve_at limit $4 for update of a skip locked) due
      where a.payment_id = due.payment_id and a.no = due.no and $3::timestamptz is not null
      returning 'attempt' as kind, due.host, a.payment_id as "paymentId", a.no, a.resolves as claim`,
  },
  {
    name: 'due-webhooks',
    text: `update gateway.webhook_inbox w set next_try_at = $2, claims_taken = claims_taken + 1
      where (id, received_at) in (select id, received_at from gateway.webhook_inbox where next_try_at <= $1 order by next_try_at limit $4 for update skip locked)
        and $3::timestamptz is not null
      returning 'webhook' as kind, split_part(reference, '-', 1) as host, id, claims_taken as claim`,
  },
  {
    name: 'due-refunds',
    text: `update gateway.refunds r set next_try_at = $2, claims = claims + 1
      from (select r.id, p.host from gateway.refunds r join gateway.payments p on p.id = r.payment_id
        where r.next_try_at <= $1 order by r.next_try_at limit $4 for update of r skip locked) due
      where r.id = due.id and $3::timestamptz is not null
      returning 'refund' as kind, due.host, r.id, r.claims as claim`,
  },
  {
    name: 'due-host-writes',
    text: `update gateway.host_writes w set next_try_at = $2, tries = tries + 1
      from (select w.id, p.host from gateway.host_writes w join gateway.payments p on p.id = w.payment_id
        where w.next_try_at <= $1 order by w.next_try_at limit $4 for update of w skip locked) due
      where w.id = due.id and $3::timestamptz is not null
      returning 'host-write' as kind, due.host, w.id, w.tries as claim`,
  },
];

export interface Claim {
  now: Date;
  /** Until when nobody else is given these rows. */
  until: Date;
  /** The same for a payment whose QR is being made: a till waits, so a worker that died is missed sooner. */
  chargeUntil: Date;
  /** At most so many of each kind. */
  limit: number;
}

/** Claims what is due, a bounded batch of each kind, in one round trip. A claim that is lost is due again when it runs out. */
export async function claimDue(db: Queryable, { now, until, chargeUntil, limit }: Claim): Promise<Due[]> {
  const answers = await Promise.all(claims.map((claim) => db.query<Due>({ ...claim, values: [now, until, chargeUntil, limit] })));
  return answers.flatMap(({ rows }) => rows);
}
