import type { Payment, PaymentId, PaymentStatus } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';

/** The lease of a payment whose QR is being made, milliseconds. Short, because a till waits: a dead worker's payment is taken over after 3 s. */
export const chargeLeaseMs = 3_000;
/** The lease of other work, milliseconds. No till waits, but after Redis was lost every open payment must move again within 5 s. */
export const callLeaseMs = 4_000;

/** A payment that was claimed for work, with what decides which job it needs. */
export interface DuePayment {
  kind: 'payment';
  host: string;
  id: PaymentId;
  leaseNo: number;
  status: PaymentStatus;
  isCancelRequested: boolean;
  /** Its `expires_at` has passed, and no report of payment waits for confirmation. */
  isExpired: boolean;
  /** When the work is to start. It lies in the future for a poll that was claimed ahead of its time. */
  dueAt: Date;
}

/** Whether the status is `created`: the values that the claim accepts. */
const isCreated = { all: [true, false], tills: [true], others: [false] };

const claimDueRows: Statement = {
  name: 'due-payments',
  text: `update gateway.payments p set check_at = case status when 'created' then $5::timestamptz else $4::timestamptz end, lease_no = lease_no + 1
    from (select id, check_at from gateway.payments
      where check_at > $3 and check_at <= $6 and (check_at <= $1 or status = 'pending') and (status = 'created') = any ($7)
      order by check_at limit $2 for update skip locked) due
    where p.id = due.id
    returning 'payment' as kind, host, p.id, lease_no as "leaseNo", status, cancel_requested_at is not null as "isCancelRequested",
      expires_at <= greatest($1, due.check_at) and review_since is null as "isExpired", due.check_at as "dueAt"`,
};

/**
 * Claims at most `limit` due payments whose `check_at` lies after `after`. A row that another worker is claiming is skipped.
 * @param options.aheadMs polls that are due within this time are claimed too, so that each can start at its exact `dueAt`
 * @param options.of `tills`: only payments whose QR is being made, because a till waits for each. `others`: all but these
 */
export async function claimDue(
  db: Queryable,
  { now, limit, after, aheadMs, of = 'all' }: { now: Date; limit: number; after: Date; aheadMs: number; of?: 'all' | 'tills' | 'others' },
): Promise<DuePayment[]> {
  const until = (ms: number) => plusMs(now, ms);
  const { rows } = await db.query<DuePayment>({
    ...claimDueRows,
    values: [now, limit, after, until(callLeaseMs), until(chargeLeaseMs), until(aheadMs), isCreated[of]],
  });
  return rows;
}

const claimUnlessRequested: Statement = {
  name: 'payment-claim',
  text: `update gateway.payments set lease_no = lease_no + 1, check_at = $2, reply_to = $3, asked_at = $4
    where id = $1 and ($5::timestamptz is null or asked_at is null or asked_at < $5 or checked_at >= asked_at)
    returning lease_no as "leaseNo"`,
};

/**
 * Claims a payment for a caller who waits for the provider's answer. A caller who repeats the request does not cause a second call:
 * nothing is claimed while a request that was made at or after `unlessRequestedSince` is unanswered.
 * @returns the lease number; null when an earlier request is still running
 */
export async function claimForCaller(
  db: Queryable,
  id: string,
  { replyTo, now, leaseMs, unlessRequestedSince }: { replyTo: string; now: Date; leaseMs: number; unlessRequestedSince: Date | null },
): Promise<number | null> {
  const leaseUntil = plusMs(now, leaseMs);
  const { rows } = await db.query<{ leaseNo: number }>({
    ...claimUnlessRequested,
    values: [id, leaseUntil, replyTo, now, unlessRequestedSince],
  });
  return rows[0]?.leaseNo ?? null;
}

const leaseById: Statement = { name: 'payment-lease', text: `select from gateway.payments where id = $1 and lease_no = $2` };

/** Whether the payment still has this lease number: no other process has claimed or hidden it meanwhile. */
export async function hasLease(db: Queryable, { id, leaseNo }: Pick<Payment, 'id' | 'leaseNo'>): Promise<boolean> {
  const { rowCount } = await db.query({ ...leaseById, values: [id, leaseNo] });
  return rowCount === 1;
}

const rescheduleUnderLease: Statement = {
  name: 'payment-reschedule',
  text: `update gateway.payments set check_at = case when lease_no = $2 and check_at is not null then $3 else check_at end,
      checked_at = coalesce($4, checked_at)
    where id = $1`,
};

/**
 * Sets when a payment is due next (null: no work is left), and when the provider answered.
 * @param payment as it was read before the call to the provider. When its lease number is older than the row's, another process has
 *   claimed or hidden the payment meanwhile, and its deadline stays
 * @param checkedAt null: the provider did not answer, and the stored time stays
 */
export function reschedule(
  db: Queryable,
  { id, leaseNo }: Pick<Payment, 'id' | 'leaseNo'>,
  at: Date | null,
  checkedAt: Date | null = null,
): Promise<unknown> {
  return db.query({ ...rescheduleUnderLease, values: [id, leaseNo, at, checkedAt] });
}
