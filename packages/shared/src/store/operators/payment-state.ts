import type { Payment, Refund } from '../../payment/index.ts';
import type { Queryable } from '../../postgres/index.ts';
import * as payments from '../payments/payments.ts';
import * as refunds from '../payments/refunds.ts';

/** One payment with everything that decides what an operator may do with it. */
export interface PaymentState {
  payment: Payment;
  /** Oldest first. */
  refunds: readonly Refund[];
  /** The money that can still be refunded, by attempt. */
  refundable: readonly refunds.RefundableMoney[];
  /** Open ones, oldest first. */
  discrepancies: readonly { id: number; reason: string; openedAt: Date }[];
  /** Deferred host writes that the host has not accepted. */
  hostWrites: readonly { id: number; step: string; nextTryAt: Date | null }[];
  /** Webhooks about this payment that were retried to the end. */
  parkedWebhooks: readonly { id: number; receivedAt: Date }[];
}

/** Null: the database has no such payment. */
export async function read(db: Queryable, id: string): Promise<PaymentState | null> {
  const payment = await payments.find(db, id);
  if (!payment) return null;
  const [ofPayment, refundable, discrepancies, hostWrites, parkedWebhooks] = await Promise.all([
    refunds.ofPayment(db, id),
    refunds.refundable(db, id),
    db.query<PaymentState['discrepancies'][number]>({
      text: `select id, reason, opened_at as "openedAt" from gateway.discrepancies where payment_id = $1 and closed_at is null order by id`,
      values: [id],
    }),
    db.query<PaymentState['hostWrites'][number]>({
      text: `select id, step, next_try_at as "nextTryAt" from gateway.host_writes where payment_id = $1 and done_at is null order by id`,
      values: [id],
    }),
    db.query<PaymentState['parkedWebhooks'][number]>({
      text: `select w.id, w.received_at as "receivedAt" from gateway.attempts a join gateway.webhook_inbox w on w.reference = a.reference
        where a.payment_id = $1 and w.verdict = 'parked' order by w.id`,
      values: [id],
    }),
  ]);
  return {
    payment,
    refunds: ofPayment,
    refundable,
    discrepancies: discrepancies.rows,
    hostWrites: hostWrites.rows,
    parkedWebhooks: parkedWebhooks.rows,
  };
}

/** Makes the provider asked about a payment at once. May run twice. @returns false when nothing is asked about it any more */
export async function checkNow(db: Queryable, id: string, at: Date): Promise<boolean> {
  const { rowCount } = await db.query({
    text: 'update gateway.payments set check_at = least(check_at, $2) where id = $1 and check_at is not null and shown_attempt is not null',
    values: [id, at],
  });
  return rowCount === 1;
}
