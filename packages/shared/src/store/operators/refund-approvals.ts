import { announce, type Payment, type Refund, type RefundDecision } from '../../payment/index.ts';
import { type Database, inTransaction, type Queryable, type Transaction } from '../../postgres/index.ts';
import { newEventId, personOf } from '../../runtime/index.ts';
import * as auditLog from '../control/audit.ts';
import * as events from '../events/events.ts';
import * as payments from '../payments/payments.ts';
import * as refunds from '../payments/refunds.ts';

/** Records, in the transaction that opens a refund, that it waits for a second person. @param requestedBy an actor, or `key cli_…` */
export async function request(trx: Queryable, refundId: string, requestedBy: string, at: Date): Promise<void> {
  await trx.query({
    text: 'insert into gateway.refund_approvals (refund_id, requested_by, requested_at) values ($1, $2, $3)',
    values: [refundId, requestedBy, at],
  });
}

/** A refund that waits for a second person. Amounts in whole rupiah. */
export interface WaitingRefund {
  id: string;
  paymentId: string;
  host: string;
  storeId: string;
  orderNumber: string;
  amount: number;
  reason: string;
  requestedBy: string;
  requestedAt: Date;
}

/** Oldest first. */
export async function listWaiting(db: Queryable, limit: number): Promise<WaitingRefund[]> {
  const { rows } = await db.query<WaitingRefund>({
    text: `select r.id, r.payment_id as "paymentId", p.host, p.store_id as "storeId", p.order_number as "orderNumber", r.amount_idr as amount, r.reason,
        v.requested_by as "requestedBy", v.requested_at as "requestedAt"
      from gateway.refund_approvals v join gateway.refunds r on r.id = v.refund_id join gateway.payments p on p.id = r.payment_id
      where v.decision is null order by v.requested_at, r.id limit $1`,
    values: [limit],
  });
  return rows;
}

/**
 * `decided`: this call decided. `was_decided`: another call did before. `same_person`: who asked may not approve or refuse.
 * `not_asker`: only who asked may withdraw. `unknown`: the refund needs no approval, or does not exist.
 */
export interface Decided {
  kind: 'decided' | 'was_decided' | 'same_person' | 'not_asker' | 'unknown';
  /** The decision that counts; null where there is none. */
  decision: RefundDecision | null;
  decidedBy: string | null;
}

/**
 * Decides about a waiting refund, with its audit row, in one transaction. The row of the refund is locked, so of several decisions at the
 * same time exactly one counts, and an approved refund becomes due once. May run twice. A refund that is not approved ends as failed:
 * its money is free again.
 */
export async function decide(db: Database, refundId: string, decision: RefundDecision, by: auditLog.ActedBy): Promise<Decided> {
  return inTransaction(db, async (trx) => {
    const paymentId = (await refunds.find(trx, refundId))?.paymentId;
    const payment = paymentId ? await payments.lock(trx, paymentId) : null;
    const refund = payment ? await lock(trx, refundId) : null;
    const approval = refund?.approval;
    if (!payment || !refund || !approval) return { kind: 'unknown', decision: null, decidedBy: null };
    const { decision: before, decidedBy, requestedBy } = approval;
    if (before) return { kind: 'was_decided', decision: before, decidedBy };
    const isAsker = personOf(requestedBy) === personOf(by.actor);
    if (isAsker !== (decision === 'withdrawn')) return { kind: isAsker ? 'same_person' : 'not_asker', decision: null, decidedBy: null };
    await trx.query({
      text: 'update gateway.refund_approvals set decision = $2, decided_by = $3, decided_at = $4, reason = $5 where refund_id = $1',
      values: [refundId, decision, by.actor, by.at, by.reason ?? null],
    });
    await (decision === 'approved' ? makeDue(trx, refundId, by.at) : end(trx, payment, refund, by.at));
    const action = { approved: 'approve-refund', refused: 'refuse-refund', withdrawn: 'withdraw-refund' }[decision];
    await auditLog.append(trx, { action, subject: refundId, details: { amount: refund.amount, requested_by: requestedBy } }, by);
    return { kind: 'decided', decision, decidedBy: by.actor };
  });
}

/** The refund after its row was locked: as the decision before left it. */
async function lock(trx: Transaction, refundId: string): Promise<Refund | null> {
  await trx.query({ text: 'select from gateway.refunds where id = $1 for update', values: [refundId] });
  return refunds.find(trx, refundId);
}

const makeDue = (trx: Queryable, refundId: string, at: Date): Promise<unknown> =>
  trx.query({
    text: `update gateway.refunds set next_try_at = $2, updated_at = $2 where id = $1 and status = 'pending'`,
    values: [refundId, at],
  });

async function end(trx: Queryable, payment: Payment, refund: Refund, at: Date): Promise<void> {
  const failure = 'not_approved' as const;
  if (!(await refunds.finish(trx, refund, { status: 'failed', failure, providerRefundId: null, at }))) return;
  const data = { refund_id: refund.id, refund_amount: refund.amount, cause: refund.cause, reason: failure };
  await events.append(trx, announce(payment, 'refund.failed', { id: newEventId(), now: at, data }), payment.orderKey);
}
