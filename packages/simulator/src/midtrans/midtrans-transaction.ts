import type { MidtransAccount } from '../accounts.ts';
import { type Charge, type ChargeState, type Refund, refundedOrPending } from '../charge.ts';
import type { SwitchSettings } from '../switches.ts';
import { rupiahText, wibTime } from './midtrans-wire.ts';

interface MidtransStatus {
  transaction_status: string;
  /** `status_code` of an API answer. Source: providers.md 2.5. */
  responseCode: string;
  /** `status_code` of a notification. Source: providers.md 2.9. */
  noticeCode: string;
}

const statuses = {
  pending: { transaction_status: 'pending', responseCode: '201', noticeCode: '201' },
  paid: { transaction_status: 'settlement', responseCode: '200', noticeCode: '200' },
  expired: { transaction_status: 'expire', responseCode: '407', noticeCode: '202' },
  cancelled: { transaction_status: 'cancel', responseCode: '200', noticeCode: '202' },
  failed: { transaction_status: 'deny', responseCode: '202', noticeCode: '202' },
  partially_refunded: { transaction_status: 'partial_refund', responseCode: '200', noticeCode: '200' },
  refunded: { transaction_status: 'refund', responseCode: '200', noticeCode: '200' },
} as const satisfies Record<string, MidtransStatus>;

/** Midtrans' status and codes for this state. */
export function statusFor(state: ChargeState): MidtransStatus {
  const refundedAmount = refundedOrPending(state);
  if (!state.payment || refundedAmount === 0) return statuses[state.lifecycle];
  return refundedAmount < state.payment.amount ? statuses.partially_refunded : statuses.refunded;
}

/** The amount that was paid; the amount of the charge while it is unpaid. */
export const grossAmount = (charge: Charge, state: ChargeState): string => rupiahText(state.payment?.amount ?? charge.amount);

/** The fields that all answers and webhooks about a transaction share. */
export function transaction(charge: Charge, state: ChargeState, account: MidtransAccount): Record<string, unknown> {
  return {
    transaction_id: charge.id,
    order_id: charge.reference,
    merchant_id: account.merchantId,
    gross_amount: grossAmount(charge, state),
    currency: 'IDR',
    payment_type: 'qris',
    transaction_time: wibTime(charge.createdAt),
    transaction_status: statusFor(state).transaction_status,
    fraud_status: 'accept',
    acquirer: charge.echo.acquirer,
  };
}

/** The merchant's own fields, which status answers and webhooks return. */
export function echoed(
  charge: Charge,
  state: ChargeState,
  { midtrans_fee_info: place }: Pick<SwitchSettings, 'midtrans_fee_info'>,
): Record<string, unknown> {
  const { acquirer: _, metadata, ...customFields } = charge.echo;
  const fee = state.payment?.imposedFee ?? 0;
  const own = { ...customFields, ...(metadata === undefined ? {} : { metadata }) };
  if (!state.payment || fee === 0) return own;
  const written = place === 'top_level_numbers' ? Number : String;
  const extraInfo = {
    gross_amount_info: {
      original_amount: written(state.payment.amount - fee),
      gross_amount: written(state.payment.amount),
      customer_imposed_payment_fee: written(fee),
    },
  };
  if (place !== 'metadata') return { ...own, extra_info: extraInfo };
  return { ...customFields, metadata: { ...(metadata as object | undefined), extra_info: extraInfo } };
}

export function expiryTime(charge: Charge, switches: SwitchSettings): Record<string, unknown> {
  return switches.midtrans_omit_expiry_time ? {} : { expiry_time: wibTime(charge.expiresAt) };
}

/** The fields about the payment of a settled transaction. Source: providers.md 2.5, 2.9. */
export function settlement(charge: Charge, state: ChargeState): Record<string, unknown> {
  const { payment } = state;
  if (!payment) return {};
  const crossReference =
    charge.echo.acquirer === 'gopay'
      ? { merchant_cross_reference_id: payment.receipt }
      : { shopeepay_reference_number: payment.receipt, reference_id: payment.id };
  return {
    settlement_time: wibTime(payment.paidAt),
    issuer: payment.issuer,
    transaction_type: isOnUs(charge, payment.issuer) ? 'on-us' : 'off-us',
    ...crossReference,
  };
}

/** True when the payer's app belongs to the acquirer. */
export function isOnUs(charge: Charge, issuer: string): boolean {
  return charge.echo.acquirer === 'gopay' ? issuer === 'gopay' : issuer === 'shopeepay';
}

/** The list of refunds and their sum. Source: providers.md 2.9. */
export function refunds(state: ChargeState): Record<string, unknown> {
  if (state.refunds.length === 0) return {};
  return { refund_amount: rupiahText(refundedOrPending(state)), refunds: state.refunds.map(refundEntry) };
}

const refundEntry = (refund: Refund): Record<string, unknown> => ({
  refund_chargeback_id: refund.no,
  refund_chargeback_uuid: refund.id,
  refund_amount: rupiahText(refund.amount),
  created_at: wibTime(refund.createdAt),
  ...(refund.reason === null ? {} : { reason: refund.reason }),
  ...(refund.reference === null ? {} : { refund_key: refund.reference }),
  refund_method: 'online',
  ...(refund.concludedAt === null ? {} : { bank_confirmed_at: wibTime(refund.concludedAt) }),
});
