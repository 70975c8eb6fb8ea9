import { type HostOrder, orderDetails } from '@gateway/shared/host';
import { asPaymentId, type Bill, type Payment, rupiah } from '@gateway/shared/payment';
import { newPaymentId, newReference, plusMs } from '@gateway/shared/runtime';
import type { clients } from '@gateway/shared/store';

const chargeWithinMs = 3_000; // when no worker has started the charge by then, the sweep adds its job again

/** A payment in status `created`. It is not stored yet. @param replyTo the api process that waits for the QR */
export function newPayment(
  hostId: string,
  client: clients.Client,
  order: HostOrder,
  bill: Bill,
  { now, expiresInMs, replyTo }: { now: Date; expiresInMs: number; replyTo: string },
): Payment {
  return {
    id: asPaymentId(newPaymentId()),
    host: hostId,
    tenant: order.tenant,
    storeId: order.storeId,
    orderKey: order.orderKey,
    orderNumber: order.orderNumber,
    reference: newReference(hostId),
    hostPaymentKey: null,
    clientId: client.id,
    status: 'created',
    version: 1,
    amount: bill.amount,
    received: rupiah(0),
    refunded: rupiah(0),
    settledAttempt: null,
    recorded: bill.recordAmount,
    residue: bill.residue,
    bill: { ...bill, details: orderDetails(order) },
    qrString: null,
    shownAttempt: null,
    hiddenAt: null,
    cancelRequestedAt: null,
    cancelReason: null,
    reviewSince: null,
    expiresAt: plusMs(now, expiresInMs),
    paidAt: null,
    checkAt: plusMs(now, chargeWithinMs),
    checkedAt: null,
    leaseNo: 0,
    watchUntil: null,
    replyTo,
    route: [],
    createdAt: now,
    updatedAt: now,
    needsReview: false,
    issuer: null,
    receipt: null,
  };
}
