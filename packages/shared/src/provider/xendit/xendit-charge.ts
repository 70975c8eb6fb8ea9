import { addRupiah, type Charge, type ChargeRefund, type Rupiah } from '../../payment/index.ts';
import { plusMs } from '../../runtime/index.ts';
import { xenditChargeStatus, xenditRefundFailure, xenditRefundStatus } from './xendit-status.ts';
import { lifetimeMs, type WirePayment, type WirePaymentRequest, type WireRefund } from './xendit-wire.ts';

/** A payment request of Xendit, with its latest payment if it has one, as a Charge. `refunds` is empty: neither object lists them. */
export function chargeOf(request: WirePaymentRequest, payment: WirePayment | null): Charge {
  const status = xenditChargeStatus(request.status, payment?.status ?? null);
  const successfulPayment = status === 'paid' && payment?.status === 'SUCCEEDED' ? payment : null;
  return {
    reference: request.reference_id,
    providerChargeId: request.payment_request_id,
    status,
    amount: request.request_amount,
    paidAmount: status === 'paid' ? (successfulPayment ? capturedAmount(successfulPayment) : request.request_amount) : null,
    paidAt: successfulPayment ? (successfulPayment.captures?.[0]?.capture_timestamp ?? successfulPayment.updated) : null,
    qrString: request.actions?.find((action) => action.descriptor === 'QR_STRING')?.value ?? null,
    // An `expires_at` in the answer counts, although the QRIS page documents a lifetime of 48 hours only (docs/providers.md 3.13).
    expiresAt: request.channel_properties?.expires_at ?? (request.created ? plusMs(request.created, lifetimeMs) : null),
    issuer: successfulPayment?.payment_details?.issuer_name?.toLowerCase() ?? null,
    receipt: successfulPayment?.payment_details?.receipt_id ?? null,
    refunds: [],
  };
}

/** The amount that arrived. With a tip it is more than the amount of the charge. */
function capturedAmount(payment: WirePayment): Rupiah {
  const captures = payment.captures ?? [];
  return captures.length === 0 ? payment.request_amount : addRupiah(...captures.map((capture) => capture.capture_amount));
}

export function refundOf(refund: WireRefund): ChargeRefund {
  const status = xenditRefundStatus(refund.status);
  return {
    reference: refund.reference_id ?? null,
    providerRefundId: refund.id,
    amount: refund.amount,
    status,
    reason: refund.metadata?.reason ?? refund.reason ?? null,
    failure: status === 'failed' ? xenditRefundFailure(refund.failure_code ?? null) : null,
  };
}
