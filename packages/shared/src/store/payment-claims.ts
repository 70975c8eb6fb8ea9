import type { Statement } from './database.ts';
import type { Payment } from './payments.ts';
import type { Queryable } from './queryable.ts';

const lease: Statement = {
  name: 'payment-keep-lease',
  text: `update gateway.payments set check_at = $3 where id = $1 and claims = $2 and status = 'created'`,
};

/** Says that this claim is still alive. False when another claim has taken over, or the payment is no longer being made. */
export async function keepLease(db: Queryable, id: string, claim: number, until: Date): Promise<boolean> {
  const { rowCount } = await db.query({ ...lease, values: [id, claim, until] });
  return rowCount === 1;
}

const postpone: Statement = {
  name: 'payment-postpone',
  text: `update gateway.payments set check_at = case when claims = $2 and check_at is not null then $3 else check_at end,
      checked_at = coalesce($4, checked_at)
    where id = $1`,
};

/**
 * Says when to look again (null: never), and when the provider answered, if it did.
 * @param payment as the caller read it before it asked: whoever has claimed it meanwhile knows better when
 */
export function lookAgain(
  db: Queryable,
  { id, claims }: Pick<Payment, 'id' | 'claims'>,
  at: Date | null,
  checkedAt: Date | null = null,
): Promise<unknown> {
  return db.query({ ...postpone, values: [id, claims, at, checkedAt] });
}

const claim: Statement = {
  name: 'payment-claim',
  text: `update gateway.payments set claims = claims + 1, check_at = $2, reply_to = $3, asked_at = $4
    where id = $1 and ($5::timestamptz is null or asked_at is null or asked_at < $5 or checked_at >= asked_at)
    returning claims`,
};

/**
 * Claims a payment for a caller who wants to know now, unless such a question, asked since `unlessAskedSince`, is still unanswered:
 * ten impatient presses are one. @returns the number of the claim; null when an earlier one is under way.
 */
export async function claimForCaller(
  db: Queryable,
  id: string,
  { replyTo, now, leaseMs, unlessAskedSince }: { replyTo: string; now: Date; leaseMs: number; unlessAskedSince: Date | null },
): Promise<number | null> {
  const leaseUntil = new Date(now.getTime() + leaseMs);
  const { rows } = await db.query<{ claims: number }>({ ...claim, values: [id, leaseUntil, replyTo, now, unlessAskedSince] });
  return rows[0]?.claims ?? null;
}
