import { statusGroups, statusIn } from '../../payment/index.ts';
import type { Database, Queryable } from '../../postgres/index.ts';
import { inTransaction } from '../../postgres/index.ts';
import * as auditLog from '../control/audit.ts';
import * as payments from '../payments/payments.ts';

/** An open discrepancy, with what an operator needs to find the payment at the host or the provider. */
export interface OpenDiscrepancy {
  id: number;
  host: string;
  storeId: string;
  orderNumber: string;
  paymentId: string;
  status: string;
  /** Of the payment, in whole rupiah. */
  amount: number;
  reason: string;
  ours: string | null;
  theirs: string | null;
  openedAt: Date;
}

/** Oldest first. */
export async function listOpen(db: Queryable, limit: number): Promise<OpenDiscrepancy[]> {
  const { rows } = await db.query<OpenDiscrepancy>({
    text: `select d.id, p.host, p.store_id as "storeId", p.order_number as "orderNumber", d.payment_id as "paymentId", p.status, p.amount_idr as amount,
        d.reason, d.ours, d.theirs, d.opened_at as "openedAt"
      from gateway.discrepancies d join gateway.payments p on p.id = d.payment_id where d.closed_at is null order by d.opened_at, d.id limit $1`,
    values: [limit],
  });
  return rows;
}

/** A payment with an open discrepancy for one of these reasons does not expire until an operator decides. */
const reasonsThatKeepOpen = ['paid_unconfirmed', 'underpaid'];

interface ClosedDiscrepancy {
  host: string;
  paymentId: string;
  reason: string;
  /** When it had been closed before; null when this call closed it. */
  closedBefore: Date | null;
}

/**
 * Closes a discrepancy with the operator's reason. A payment that it kept open is checked once more and then cancelled; money that
 * arrives after that is a late payment. May run twice: the first closing stays. Null: this host has no such discrepancy.
 */
export async function close(
  db: Database,
  { id, host, by, because, at }: { id: number; host: string; by: string; because: string; at: Date },
): Promise<ClosedDiscrepancy | null> {
  return inTransaction(db, async (trx) => {
    const { rows } = await trx.query<{ paymentId: string; reason: string; closedAt: Date | null }>({
      text: `select d.payment_id as "paymentId", d.reason, d.closed_at as "closedAt" from gateway.discrepancies d
        join gateway.payments p on p.id = d.payment_id where d.id = $1 and p.host = $2 for update of d`,
      values: [id, host],
    });
    const found = rows[0];
    if (!found) return null;
    const { paymentId, reason, closedAt } = found;
    if (closedAt) return { host, paymentId, reason, closedBefore: closedAt };
    await trx.query({
      text: 'update gateway.discrepancies set closed_at = $2, closed_by = $3, closed_reason = $4 where id = $1',
      values: [id, at, by, because],
    });
    await endInHost(trx, paymentId, at);
    if (reasonsThatKeepOpen.includes(reason)) await payments.endReview(trx, paymentId, { unlessOpen: reasonsThatKeepOpen, at });
    await auditLog.append(trx, { action: 'close-discrepancy', subject: `${host}-${id}` }, { actor: by, at, reason: because });
    return { host, paymentId, reason, closedBefore: null };
  });
}

/**
 * Money that the order was not paid with stays with the merchant, or was returned outside the gateway. Once an operator has settled
 * that, the host's row of the payment ends too: its `cancelled.sql` runs as a deferred host write.
 */
async function endInHost(trx: Queryable, paymentId: string, at: Date): Promise<void> {
  await trx.query({
    text: `insert into gateway.host_writes (payment_id, step, next_try_at, last_error, created_at)
      select p.id, 'cancelled', $2, 'an operator closed the discrepancy', $2 from gateway.payments p
      where p.id = $1 and p.status ${statusIn(statusGroups.settled)}
        and not exists (select from gateway.attempts a where a.payment_id = p.id and a.accepted)
        and not exists (select from gateway.discrepancies d where d.payment_id = p.id and d.closed_at is null)
      on conflict do nothing`,
    values: [paymentId, at],
  });
}
