import type { XenditAccount } from '../accounts.ts';
import type { Charge, ChargeState, Lifecycle, Payment, Refund } from '../charge.ts';
import { utcTime } from './xendit-wire.ts';

const statuses: Record<Lifecycle, string> = {
  pending: 'REQUIRES_ACTION',
  paid: 'SUCCEEDED',
  expired: 'EXPIRED',
  cancelled: 'CANCELED',
  failed: 'FAILED',
};

/** A sub-account has its own business id. */
const businessId = (charge: Charge, account: XenditAccount): unknown => charge.echo.for_user_id ?? account.businessId;

/** The fields that a payment request and its payment share. */
const common = (charge: Charge, account: XenditAccount) => ({
  business_id: businessId(charge, account),
  reference_id: charge.reference,
  payment_request_id: charge.id,
  type: 'PAY',
  country: 'ID',
  currency: 'IDR',
  request_amount: charge.amount,
  capture_method: 'AUTOMATIC',
  channel_code: 'QRIS',
});

/** The payment request object. Source: providers.md 3.3, 3.5. */
export function paymentRequest(charge: Charge, state: ChargeState, account: XenditAccount): Record<string, unknown> {
  const { channel_properties, description, metadata, items } = charge.echo;
  return {
    ...common(charge, account),
    ...(state.payment ? { latest_payment_id: state.payment.id } : {}),
    channel_properties,
    ...(state.lifecycle === 'pending' ? { actions: qrActions(charge) } : {}),
    status: statuses[state.lifecycle],
    ...(state.lifecycle === 'failed' ? { failure_code: failureCode } : {}),
    ...defined({ description, metadata, items }),
    created: utcTime(charge.createdAt),
    updated: utcTime(state.at),
  };
}

/** Xendit's documents list no failure codes for QRIS; this is one of their error codes. */
const failureCode = 'CHANNEL_UNAVAILABLE';

const qrActions = (charge: Charge): object[] => [{ type: 'PRESENT_TO_CUSTOMER', descriptor: 'QR_STRING', value: charge.qrString }];

/** The payment object. Source: providers.md 3.8. */
export function paymentObject(charge: Charge, payment: Payment, account: XenditAccount): Record<string, unknown> {
  const paidAt = utcTime(payment.paidAt);
  return {
    payment_id: payment.id,
    ...common(charge, account),
    captures: [{ capture_id: `cptr-${captureUuid(payment)}`, capture_amount: payment.amount, capture_timestamp: paidAt }],
    status: 'SUCCEEDED',
    payment_details: { issuer_name: payment.issuer.toUpperCase(), receipt_id: payment.receipt, network: 'QRIS' },
    ...defined({ metadata: charge.echo.metadata }),
    created: paidAt,
    updated: paidAt,
  };
}

/** The payment object of a payment that failed. */
export function failedPaymentObject(charge: Charge, paymentId: string, at: number, account: XenditAccount): Record<string, unknown> {
  return {
    payment_id: paymentId,
    ...common(charge, account),
    status: 'FAILED',
    failure_code: failureCode,
    ...defined({ metadata: charge.echo.metadata }),
    created: utcTime(at),
    updated: utcTime(at),
  };
}

/** The refund object. Source: providers.md 3.9. */
export function refundObject(charge: Charge, paymentId: string, refund: Refund): Record<string, unknown> {
  return {
    id: refund.id,
    payment_request_id: charge.id,
    payment_id: paymentId,
    invoice_id: null,
    payment_method_type: null,
    reference_id: refund.reference,
    channel_code: 'QRIS',
    currency: 'IDR',
    amount: refund.amount,
    status: refund.status.toUpperCase(),
    reason: refund.reason,
    failure_code: refund.failureCode,
    refund_fee_amount: null,
    ...defined({ metadata: refund.echo.metadata }),
    created: utcTime(refund.createdAt),
    updated: utcTime(refund.concludedAt ?? refund.createdAt),
  };
}

const feeRate = 0.007; // the MDR of a regular merchant

/** One entry of the list of transactions. Source: providers.md 3.5. */
export function transactionObject(charge: Charge, payment: Payment, account: XenditAccount): object {
  const uuid = captureUuid(payment);
  return {
    id: `txn_${uuid}`,
    product_id: payment.id,
    type: 'PAYMENT',
    status: 'SUCCESS',
    channel_category: 'QR_CODE',
    channel_code: 'QRIS',
    reference_id: charge.reference,
    account_identifier: null,
    currency: 'IDR',
    amount: payment.amount,
    net_amount: payment.amount - Math.round(payment.amount * feeRate),
    cashflow: 'MONEY_IN',
    settlement_status: 'PENDING',
    business_id: businessId(charge, account),
    created: utcTime(payment.paidAt),
    updated: utcTime(payment.paidAt),
    product_data: { capture_id: `cptr-${uuid}`, payment_request_id: charge.id },
  };
}

/** Each payment has one capture, so both ids share a UUID. */
const captureUuid = (payment: Payment): string => payment.id.slice('py-'.length);

const defined = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
