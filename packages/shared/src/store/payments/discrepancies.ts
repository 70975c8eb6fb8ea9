import type { DiscrepancyReason } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';

export interface Discrepancy {
  paymentId: string;
  attemptNo: number | null;
  reason: DiscrepancyReason;
  ours: string | null;
  theirs: string | null;
  at: Date;
}

const insertOnce: Statement = {
  name: 'discrepancy-open',
  text: `insert into gateway.discrepancies (payment_id, attempt_no, reason, ours, theirs, opened_at) values ($1, $2, $3, $4, $5, $6)
    on conflict do nothing returning id`,
};

/** Two records of money disagree: kept until a person closes it. The same one is opened once. @returns whether it is new. */
export async function open(trx: Queryable, d: Discrepancy): Promise<boolean> {
  const { rowCount } = await trx.query({ ...insertOnce, values: [d.paymentId, d.attemptNo, d.reason, d.ours, d.theirs, d.at] });
  return rowCount === 1;
}

const closeOfAttempt: Statement = {
  name: 'discrepancy-resolve',
  text: `update gateway.discrepancies set closed_at = $4, closed_by = 'gateway', closed_reason = $5
    where payment_id = $1 and attempt_no = $2 and reason = $3 and closed_at is null`,
};

/** Closes one that has answered itself: what could not be confirmed was. */
export function resolve(
  trx: Queryable,
  { paymentId, no }: { paymentId: string; no: number },
  reason: DiscrepancyReason,
  at: Date,
  because: string,
): Promise<unknown> {
  return trx.query({ ...closeOfAttempt, values: [paymentId, no, reason, at, because] });
}
