import type { DiscrepancyReason } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';

interface Discrepancy {
  paymentId: string;
  attemptNo: number | null;
  reason: DiscrepancyReason;
  /** What our record says. */
  ours: string | null;
  /** What the record of the provider or the host says. */
  theirs: string | null;
  at: Date;
}

const insertOnce: Statement = {
  name: 'discrepancy-open',
  text: `insert into gateway.discrepancies (payment_id, attempt_no, reason, ours, theirs, opened_at) values ($1, $2, $3, $4, $5, $6)
    on conflict do nothing returning id`,
};

/** Opens a discrepancy, which an operator closes. May run twice: an open one is not opened again. @returns whether it is new */
export async function open(trx: Queryable, { paymentId, attemptNo, reason, ours, theirs, at }: Discrepancy): Promise<boolean> {
  const { rowCount } = await trx.query({ ...insertOnce, values: [paymentId, attemptNo, reason, ours, theirs, at] });
  return rowCount === 1;
}

const closeOfAttempt: Statement = {
  name: 'discrepancy-resolve',
  text: `update gateway.discrepancies set closed_at = $4, closed_by = 'gateway', closed_reason = $5
    where payment_id = $1 and attempt_no = $2 and reason = $3 and closed_at is null`,
};

/** Closes a discrepancy of this attempt in the name of the gateway: what could not be confirmed is confirmed now. May run twice. */
export function resolve(
  trx: Queryable,
  { paymentId, no }: { paymentId: string; no: number },
  reason: DiscrepancyReason,
  at: Date,
  because: string,
): Promise<unknown> {
  return trx.query({ ...closeOfAttempt, values: [paymentId, no, reason, at, because] });
}
