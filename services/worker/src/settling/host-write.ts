import type { HostOrder, HostWrite } from '@gateway/shared/host';
import { type Payment, type Refund, rupiah } from '@gateway/shared/payment';

/** How long after a deferred host write was stored the host is tried for the first time, milliseconds. */
export const hostWriteRetryMs = 5_000;

/** The parameters of a host statement. @param payment as it is after the step; `order` as it was read under its lock */
export function hostWriteValues(
  payment: Payment,
  order: Pick<HostOrder, 'version'> | null,
  now: Date,
  refund: Refund | null = null,
): HostWrite {
  return {
    orderKey: payment.orderKey,
    orderVersion: order?.version ?? null,
    tenant: payment.tenant,
    storeId: payment.storeId,
    paymentId: payment.id,
    reference: payment.reference,
    hostPaymentKey: payment.hostPaymentKey,
    refundId: refund?.id ?? null,
    amount: payment.amount,
    refundAmount: refund?.amount ?? null,
    // A payer who paid too much may have more refunded than the amount of the bill.
    refundedTotal: refund ? rupiah(Math.min(payment.refunded, payment.amount)) : null,
    recordAmount: payment.recorded,
    residue: payment.residue,
    now,
    paidAt: payment.paidAt,
    expiresAt: payment.expiresAt,
  };
}
