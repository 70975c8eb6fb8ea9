import { type Charge, type ChargeRefund, parseRupiah, type Rupiah, rupiah } from '../../payment/index.ts';
import { isObject } from '../http-response.ts';
import { midtransChargeStatus } from './midtrans-status.ts';
import type { WireRefund, WireTransaction } from './midtrans-wire.ts';

/** A transaction of Midtrans as a Charge. @param code the answer's `status_code`: `settlement` with another code than 200 is not paid */
export function chargeOf(transaction: WireTransaction, code: string): Charge {
  const amount = amountWithoutFee(transaction.gross_amount, transaction);
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
 * The amount that the order asked for. With "automatic fee imposition" the payer pays a fee on top, and `gross_amount` includes it.
 * `gross_amount_info` has the original amount and the fee, as numbers or as texts: the documented notification has it in `extra_info` at
 * the top level, captured ones have it in `metadata.extra_info`. Figures that do not fit the gross amount are ignored.
 * Source: Midtrans, "HTTP notification / webhooks", read 2026-11; midtrans-php issue 118 (docs/providers.md 7).
 */
export function amountWithoutFee(gross: Rupiah, answer: { extra_info?: unknown; metadata?: unknown }): Rupiah {
  const places = [answer.extra_info, isObject(answer.metadata) ? answer.metadata.extra_info : null];
  const originals = places.map((place) => originalAmount(gross, isObject(place) ? place.gross_amount_info : null));
  return originals.find((original) => original !== null) ?? gross;
}

/** Null: the answer states no original amount that fits. */
function originalAmount(gross: Rupiah, info: unknown): Rupiah | null {
  if (!isObject(info)) return null;
  const fee = parseRupiah(info.customer_imposed_payment_fee);
  const stated = parseRupiah(info.original_amount);
  const original = stated ?? (fee !== null && fee < gross ? rupiah(gross - fee) : null);
  return original !== null && original > 0 && original <= gross ? original : null;
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
