import type { HostOrder, HostWrite } from '@gateway/shared/host';
import type { Payment, Refund } from '@gateway/shared/payment';
import { rupiah } from '@gateway/shared/payment';

/** What the host's statement is told. @param payment as it is after the step; `order` as it was read under its lock */
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
    refundedTotal: refund ? rupiah(Math.min(payment.refunded, payment.amount)) : null, // who paid too much may have more back than the bill
    recordAmount: payment.recorded,
    residue: payment.residue,
    now,
    paidAt: payment.paidAt,
    expiresAt: payment.expiresAt,
  };
}
