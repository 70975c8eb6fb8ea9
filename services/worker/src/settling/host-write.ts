import type { Host, HostOrder, HostWrite } from '@gateway/shared/host';
import { type Attempt, type Payment, type Refund, type Rupiah, rupiah } from '@gateway/shared/payment';

/** How long after a deferred host write was stored the host is tried for the first time, milliseconds. */
export const hostWriteRetryMs = 5_000;

/**
 * The parameters of a host statement. `fee` is null: no provider reports its fee with the charge.
 * @param payment as it is after the step; `order` as it was read under its lock; `attempt` is the one whose money is booked
 */
export function hostWriteValues(
  payment: Payment,
  order: Pick<HostOrder, 'version'> | null,
  now: Date,
  { refund = null, attempt = null }: { refund?: Refund | null; attempt?: Attempt | null } = {},
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
    refundAmount: refund && refundOfBill(payment, refund).amount,
    refundedTotal: refund && refundOfBill(payment, refund).total,
    recordAmount: payment.recorded,
    residue: payment.residue,
    now,
    paidAt: payment.paidAt,
    expiresAt: payment.expiresAt,
    issuer: attempt?.issuer ?? null,
    receipt: attempt?.receipt ?? null,
    provider: attempt?.provider ?? null,
    providerChargeId: attempt?.providerChargeId ?? null,
    fee: null,
  };
}

/** Whether `refunded.sql` runs for this refund. @param payment with this refund in `refunded` */
export function isHostsBusiness(host: Pick<Host, 'folder'>, payment: Payment, refund: Refund): boolean {
  const { amount, total } = refundOfBill(payment, refund);
  return amount > 0 && (total === payment.amount || !host.folder.ignoresPartialRefunds);
}

/**
 * The part of a refund that is a refund of the bill. What was paid above the bill is returned first, and that is change.
 * @param payment with this refund in `refunded`
 * @returns `amount` of this refund, and `total` of all refunds up to this one, in whole rupiah
 */
export function refundOfBill(
  { amount, received, refunded }: Pick<Payment, 'amount' | 'received' | 'refunded'>,
  refund: Pick<Refund, 'amount'>,
): { amount: Rupiah; total: Rupiah } {
  const change = Math.max(received - amount, 0);
  const ofBill = (sum: number): number => Math.min(Math.max(sum - change, 0), amount);
  return { amount: rupiah(ofBill(refunded) - ofBill(refunded - refund.amount)), total: rupiah(ofBill(refunded)) };
}
