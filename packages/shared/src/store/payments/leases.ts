import type { Queryable, Statement } from '../../postgres/index.ts';

const renewLease: Statement = {
  name: 'lease-renew',
  text: `update gateway.payments set check_at = $3 where id = $1 and lease_no = $2 and status = 'created'`,
};

/** Says that this claim is still alive. False when another claim has taken over, or the payment is no longer being made. */
export async function renew(db: Queryable, id: string, leaseNo: number, until: Date): Promise<boolean> {
  const { rowCount } = await db.query({ ...renewLease, values: [id, leaseNo, until] });
  return rowCount === 1;
}

const claimUnlessAsked: Statement = {
  name: 'payment-claim',
  text: `update gateway.payments set lease_no = lease_no + 1, check_at = $2, reply_to = $3, asked_at = $4
    where id = $1 and ($5::timestamptz is null or asked_at is null or asked_at < $5 or checked_at >= asked_at)
    returning lease_no as "leaseNo"`,
};

/**
 * Claims a payment for a caller who wants to know now, unless such a question, asked since `unlessAskedSince`, is still unanswered:
 * ten impatient presses are one. @returns the number of the claim; null when an earlier one is under way.
 */
export async function claimForCaller(
  db: Queryable,
  id: string,
  { replyTo, now, leaseMs, unlessRequestedSince }: { replyTo: string; now: Date; leaseMs: number; unlessRequestedSince: Date | null },
): Promise<number | null> {
  const leaseUntil = new Date(now.getTime() + leaseMs);
  const { rows } = await db.query<{ leaseNo: number }>({
    ...claimUnlessAsked,
    values: [id, leaseUntil, replyTo, now, unlessRequestedSince],
  });
  return rows[0]?.leaseNo ?? null;
}
