import type { DiscrepancyReason, PaymentEvent } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import * as events from '../events/events.ts';

interface Discrepancy {
  paymentId: string;
  attemptNo: number | null;
  reason: DiscrepancyReason;
  /** What it is about within the attempt, such as the id of a refund. Default: the attempt itself. */
  subject?: string;
  /** What our record says. */
  ours: string | null;
  /** What the record of the provider or the host says. */
  theirs: string | null;
  at: Date;
}

const insertOnce: Statement = {
  name: 'discrepancy-open',
  text: `insert into gateway.discrepancies (payment_id, attempt_no, reason, ours, theirs, opened_at, subject) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict do nothing returning id`,
};

/** Opens a discrepancy, which an operator closes. May run twice: an open one is not opened again. @returns whether it is new */
export async function open(trx: Queryable, discrepancy: Discrepancy): Promise<boolean> {
  const { rowCount } = await trx.query({ ...insertOnce, values: valuesOf(discrepancy) });
  return rowCount === 1;
}

const insertWithEvent: Statement = {
  name: 'discrepancy-announce',
  text: `with opened as (
      insert into gateway.discrepancies (payment_id, attempt_no, reason, ours, theirs, opened_at) values ($3, $8, $9, $10, $11, $2)
      on conflict do nothing returning id),
    ${events.insertEvent('from opened')}
    select id from opened`,
};

/**
 * Opens a discrepancy and appends the event that announces it, in one statement. May run twice: an open one is not opened again, and
 * not announced again. @returns whether it is new
 */
export async function openAndAnnounce(
  trx: Queryable,
  { attemptNo, reason, ours, theirs }: Omit<Discrepancy, 'paymentId' | 'at'>,
  event: PaymentEvent,
  orderKey: string,
): Promise<boolean> {
  const values = [...events.eventValues(event, orderKey), attemptNo, reason, ours, theirs];
  const { rowCount } = await trx.query({ ...insertWithEvent, values });
  return rowCount === 1;
}

const insertUnlessEver: Statement = {
  name: 'discrepancy-open-ever',
  text: `insert into gateway.discrepancies (payment_id, attempt_no, reason, ours, theirs, opened_at, subject)
    select $1::text, $2::integer, $3::text, $4::text, $5::text, $6::timestamptz, $7::text
    where not exists (select from gateway.discrepancies where payment_id = $1 and attempt_no is not distinct from $2 and reason = $3 and subject = $7)
    on conflict do nothing returning id`,
};

/** As `open`, for a subject that is reported once for ever: one that an operator closed is not opened again. */
export async function openOnceEver(trx: Queryable, discrepancy: Discrepancy): Promise<boolean> {
  const { rowCount } = await trx.query({ ...insertUnlessEver, values: valuesOf(discrepancy) });
  return rowCount === 1;
}

const valuesOf = ({ paymentId, attemptNo, reason, ours, theirs, at, subject = '' }: Discrepancy): unknown[] => [
  paymentId,
  attemptNo,
  reason,
  ours,
  theirs,
  at,
  subject,
];

const closeOfAttempt: Statement = {
  name: 'discrepancy-resolve',
  text: `update gateway.discrepancies set closed_at = $4, closed_by = 'gateway', closed_reason = $5
    where payment_id = $1 and attempt_no is not distinct from $2 and reason = $3 and subject = $6 and closed_at is null`,
};

/**
 * Closes a discrepancy of this attempt and subject in the name of the gateway: what could not be confirmed is confirmed now. May run
 * twice. @param no null: a discrepancy of the payment as a whole
 */
export function resolve(
  trx: Queryable,
  { paymentId, no }: { paymentId: string; no: number | null },
  reason: DiscrepancyReason,
  at: Date,
  because: string,
  subject = '',
): Promise<unknown> {
  return trx.query({ ...closeOfAttempt, values: [paymentId, no, reason, at, because, subject] });
}
