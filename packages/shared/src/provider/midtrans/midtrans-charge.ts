import { type Charge, type ChargeRefund, parseRupiah, type Rupiah } from '../../payment/index.ts';
import { isObject } from '../http-response.ts';
import { midtransChargeStatus } from './midtrans-status.ts';
import type { WireRefund, WireTransaction } from './midtrans-wire.ts';

/** A transaction of Midtrans as a Charge. @param code the answer's `status_code`: `settlement` with another code than 200 is not paid */
export function chargeOf(transaction: WireTransaction, code: string): Charge {
  const amount = amountWithoutFee(transaction.gross_amount, transaction.metadata);
  const status = midtransChargeStatus({
    code,
    transactionStatus: transaction.transaction_status,
    fraudStatus: transaction.fraud_status ?? null,
  });
  const isPaid = status === 'paid';
  return {
    reference: transaction.order_id,
    providerChargeId: transaction.transaction_id,
    status,
    amount,
    paidAmount: isPaid ? amount : null,
    paidAt: isPaid ? transaction.settlement_time : null,
    qrString: transaction.qr_string ?? null,
    expiresAt: transaction.expiry_time,
    issuer: transaction.issuer?.toLowerCase() ?? null,
    receipt: transaction.merchant_cross_reference_id ?? transaction.shopeepay_reference_number ?? transaction.reference_id ?? null,
    refunds: (transaction.refunds ?? []).map(refundOf),
  };
}

/**
 * The amount that the order asked for. With "automatic fee imposition" the payer pays a fee on top: `gross_amount` includes it, and
 * `metadata` has the original amount. An original amount above the gross amount is ignored.
 * Source: midtrans-php issue 118 (docs/providers.md 7).
 */
export function amountWithoutFee(gross: Rupiah, metadata: unknown): Rupiah {
  const extra = isObject(metadata) ? metadata.extra_info : null;
  const info = isObject(extra) ? extra.gross_amount_info : null;
  const original = isObject(info) ? parseRupiah(info.original_amount) : null;
  return original !== null && original > 0 && original <= gross ? original : gross;
}

/** `bank_confirmed_at` is set when the wallet has confirmed the refund; until then it is pending (docs/providers.md 2.7). */
function refundOf(refund: WireRefund): ChargeRefund {
  return {
    reference: refund.refund_key ?? null,
    providerRefundId: refundIdOf(refund) ?? refund.refund_key ?? 'unnamed',
    amount: refund.refund_amount,
    status: refund.bank_confirmed_at ? 'succeeded' : 'pending',
    reason: refund.reason ?? null,
    failure: null, // Midtrans does not list a refund that failed
  };
}

export function refundIdOf(refund: Pick<WireRefund, 'refund_chargeback_uuid' | 'refund_chargeback_id'>): string | null {
  const id = refund.refund_chargeback_uuid ?? refund.refund_chargeback_id;
  return id === null || id === undefined ? null : String(id);
}
