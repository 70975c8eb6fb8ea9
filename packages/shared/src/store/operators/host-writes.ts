import type { Database } from '../../postgres/index.ts';
import { inTransaction } from '../../postgres/index.ts';
import * as auditLog from '../control/audit.ts';

interface HostWriteKey {
  id: number;
  host: string;
}

/** Makes a deferred host write due at once. May run twice. @returns the payment id; null when this host has no such open host write */
export async function retry(db: Database, { id, host }: HostWriteKey, by: auditLog.ActedBy): Promise<string | null> {
  return inTransaction(db, async (trx) => {
    const { rows } = await trx.query<{ paymentId: string }>({
      text: `update gateway.host_writes w set next_try_at = $3 from gateway.payments p
        where w.id = $1 and p.id = w.payment_id and p.host = $2 and w.done_at is null returning w.payment_id as "paymentId"`,
      values: [id, host, by.at],
    });
    if (!rows[0]) return null;
    await auditLog.append(trx, { action: 'retry-host-write', subject: `${host}-${id}` }, by);
    return rows[0].paymentId;
  });
}

/**
 * Closes a host write that the operator has carried out, or that is not needed: it is not retried, and the gateway does not append
 * `order.paid`. A closed discrepancy `host_not_told` records that host and gateway differ. May run twice.
 * @returns the payment id; null when this host has no such open host write
 */
export async function close(
  db: Database,
  { id, host, at, by, because }: HostWriteKey & { at: Date; by: string; because: string },
): Promise<string | null> {
  return inTransaction(db, async (trx) => {
    const { rows } = await trx.query<{ paymentId: string; step: string; error: string | null }>({
      text: `update gateway.host_writes w set done_at = $3, next_try_at = null, closed_by = $4 from gateway.payments p
        where w.id = $1 and p.id = w.payment_id and p.host = $2 and w.done_at is null
        returning w.payment_id as "paymentId", w.step, w.last_error as error`,
      values: [id, host, at, by],
    });
    const closed = rows[0];
    if (!closed) return null;
    // A write that has failed for long has an open discrepancy already.
    await trx.query({
      text: `with ended as (
          update gateway.discrepancies set closed_at = $4, closed_by = $5, closed_reason = $6
          where payment_id = $1 and reason = 'host_not_told' and closed_at is null returning id)
        insert into gateway.discrepancies (payment_id, reason, ours, theirs, opened_at, closed_at, closed_by, closed_reason)
        select $1, 'host_not_told', $2, $3, $4, $4, $5, $6 where not exists (select from ended)`,
      values: [closed.paymentId, closed.step, closed.error, at, by, because],
    });
    await auditLog.append(trx, { action: 'close-host-write', subject: `${host}-${id}` }, { actor: by, at, reason: because });
    return closed.paymentId;
  });
}
