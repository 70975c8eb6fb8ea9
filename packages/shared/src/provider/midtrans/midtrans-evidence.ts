import { allowed, type EvidenceRules, within } from '../evidence/evidence-rules.ts';

/** What Midtrans states about a transaction. Left out: `customer_details`, `custom_field1` to `3`, `metadata` but the fee, reasons of refunds, the QR. */
const transaction = [
  'status_code',
  'status_message',
  'id',
  'transaction_id',
  'order_id',
  'merchant_id',
  'gross_amount',
  'currency',
  'payment_type',
  'transaction_time',
  'transaction_status',
  'transaction_type',
  'fraud_status',
  'settlement_time',
  'expiry_time',
  'acquirer',
  'issuer',
  'merchant_cross_reference_id',
  'shopeepay_reference_number',
  'reference_id',
  'refund_key',
  'refund_amount',
  'refund_chargeback_id',
  'refund_chargeback_uuid',
  ...within('refunds', [
    'refund_key',
    'refund_amount',
    'refund_chargeback_id',
    'refund_chargeback_uuid',
    'refund_method',
    'created_at',
    'bank_confirmed_at',
  ]),
  ...['extra_info', 'metadata.extra_info'].flatMap((place) =>
    within(`${place}.gross_amount_info`, ['original_amount', 'gross_amount', 'customer_imposed_payment_fee']),
  ),
];

const charge = [
  'payment_type',
  ...within('transaction_details', ['order_id', 'gross_amount']),
  ...within('item_details', ['price', 'quantity']),
  'qris.acquirer',
  ...within('custom_expiry', ['expiry_duration', 'unit']),
];

const answer = allowed(transaction);
const noBody = allowed();

/** Source of the fields: docs/providers.md 2.2 to 2.9. */
export const midtransEvidence: EvidenceRules = {
  calls: {
    'POST /v2/charge': { request: allowed(charge), answer },
    'GET /v2/{id}/status': { request: noBody, answer },
    'POST /v2/{id}/cancel': { request: noBody, answer },
    'POST /v2/{id}/expire': { request: noBody, answer },
    'POST /v2/{id}/refund': { request: allowed('refund_key', 'amount'), answer },
    'GET /v2/qris/{id}/qr-code': { request: noBody, answer: noBody },
  },
  webhook: allowed(transaction),
};
