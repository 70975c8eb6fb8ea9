import { allowed, type EvidenceRules, within } from '../evidence/evidence-rules.ts';

// Left out everywhere: `payment_details` but issuer, receipt and network (it may name the payer and the account), `description`, `metadata` but our
// own references, `message`, which may quote anything, and the QR.
const common = [
  'reference_id',
  'payment_request_id',
  'business_id',
  'type',
  'country',
  'currency',
  'request_amount',
  'capture_method',
  'channel_code',
  'status',
  'failure_code',
  'created',
  'updated',
  'metadata.reference',
];
const paymentRequest = [...common, 'latest_payment_id', 'channel_properties.expires_at', 'actions.type', 'actions.descriptor'];
const payment = [
  ...common,
  'payment_id',
  ...within('captures', ['capture_id', 'capture_amount', 'capture_timestamp']),
  ...within('payment_details', ['issuer_name', 'receipt_id', 'network']),
];
const refund = [
  'id',
  'payment_request_id',
  'payment_id',
  'reference_id',
  'channel_code',
  'currency',
  'amount',
  'status',
  'reason', // one of five words: our own text is in `metadata`
  'failure_code',
  'refund_fee_amount',
  'created',
  'updated',
  'metadata.charge_reference',
];
const transactions = [
  'has_more',
  ...within('data', [
    'id',
    'product_id',
    'type',
    'status',
    'channel_category',
    'channel_code',
    'reference_id',
    'currency',
    'amount',
    'net_amount',
    'cashflow',
    'settlement_status',
    'business_id',
    'created',
    'updated',
    'product_data.capture_id',
    'product_data.payment_request_id',
  ]),
];

const noBody = allowed();
const answerOf = (fields: readonly string[]) => allowed('error_code', fields);

/** Source of the fields: docs/providers.md 3.3 to 3.9. */
export const xenditEvidence: EvidenceRules = {
  calls: {
    'POST /v3/payment_requests': { request: allowed(common), answer: answerOf(paymentRequest) },
    'GET /v3/payment_requests/{id}': { request: noBody, answer: answerOf(paymentRequest) },
    'GET /v3/payments/{id}': { request: noBody, answer: answerOf(payment) },
    'POST /v3/payment_requests/{id}/cancel': { request: noBody, answer: answerOf(paymentRequest) },
    'POST /v3/payment_requests/{id}/simulate': { request: allowed('amount'), answer: answerOf(['status']) },
    'POST /refunds': { request: allowed(refund), answer: answerOf(refund) },
    'GET /refunds/{id}': { request: noBody, answer: answerOf(refund) },
    'GET /transactions': { request: noBody, answer: answerOf(transactions) },
  },
  // A published example of a refund has its object at `data.data`.
  webhook: allowed(
    'event',
    'business_id',
    'created',
    'api_version',
    ...[paymentRequest, payment, refund].flatMap((fields) => [within('data', fields), within('data.data', fields)]),
  ),
};
