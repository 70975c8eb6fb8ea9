import type { Refund, RefundId } from '../../payment/index.ts';
import type { Database, Queryable } from '../../postgres/index.ts';
import { inTransaction } from '../../postgres/index.ts';
import * as auditLog from '../control/audit.ts';

/** A pending refund, with what an operator needs to find it at the provider's dashboard. */
export interface PendingRefund
  extends Pick<
    Refund,
    'id' | 'paymentId' | 'amount' | 'cause' | 'reason' | 'reference' | 'providerRefundId' | 'askedAt' | 'nextTryAt' | 'createdAt'
  > {
  host: string;
  storeId: string;
  provider: string;
  account: string;
  /** The reference of the charge that was paid. */
  charge: string;
}

/** Oldest first. */
export async function listPending(db: Queryable, limit: number): Promise<PendingRefund[]> {
  const { rows } = await db.query<PendingRefund>({
    text: `select r.id, r.payment_id as "paymentId", r.amount_idr as amount, r.cause, r.reason, r.reference, r.provider_refund_id as "providerRefundId",
        r.asked_at as "askedAt", r.next_try_at as "nextTryAt", r.created_at as "createdAt", p.host, p.store_id as "storeId", a.provider, a.account,
        a.reference as charge
      from gateway.refunds r join gateway.payments p on p.id = r.payment_id
      join gateway.attempts a on a.payment_id = r.payment_id and a.no = r.attempt_no
      where r.next_try_at is not null order by r.created_at, r.id limit $1`,
    values: [limit],
  });
  return rows;
}

/**
 * Records the id under which an operator found a refund at the provider, and makes the refund due: it is looked up by this id, and the
 * provider's answer decides. May run twice. @returns false when no such refund is pending
 */
export async function confirmProviderRefund(db: Database, id: RefundId, providerRefundId: string, by: auditLog.ActedBy): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    const { rowCount } = await trx.query({
      text: `update gateway.refunds set provider_refund_id = $2, next_try_at = $3, updated_at = $3 where id = $1 and next_try_at is not null`,
      values: [id, providerRefundId, by.at],
    });
    if (rowCount === 1) await auditLog.append(trx, { action: 'find-refund', subject: id, details: { as: providerRefundId } }, by);
    return rowCount === 1;
  });
}

/**
 * Lets a refund be requested again, because an operator saw that the provider has none. May run twice.
 * @returns false when no such refund is pending
 */
export async function retryRefund(db: Database, id: string, by: auditLog.ActedBy): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    const { rowCount } = await trx.query({
      text: `update gateway.refunds set asked_at = null, provider_refund_id = null, next_try_at = $2, updated_at = $2 where id = $1 and next_try_at is not null`,
      values: [id, by.at],
    });
    if (rowCount === 1) await auditLog.append(trx, { action: 'repeat-refund', subject: id }, by);
    return rowCount === 1;
  });
}
