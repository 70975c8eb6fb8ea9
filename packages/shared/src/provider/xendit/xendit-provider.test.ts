import { inventedKeys, type SimulatorOptions, startSimulator, stateOf } from '@gateway/simulator';
import { describeLifecycle, describeProvider, type ProviderFake, type ProviderHarness } from '#test/provider/contract/provider-contract.ts';
import { contractKey, contractRefund } from '#test/provider/contract/requests.ts';
import { json, type Script } from '#test/provider/scripted-server.ts';
import { manualClock } from '../../runtime/index.ts';
import { ProviderMisconfigured, ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from '../provider-error.ts';
import type { ProviderAccount } from '../qris-provider.ts';
import { XenditProvider } from './xendit-provider.ts';

const clock = manualClock(new Date('2026-03-02T03:00:00Z'));
const paymentId = 'py-8e7d6c5b-4a39-4281-9f0e-1d2c3b4a5968';
const refundId = 'rfd-69e77490-d2cc-4bf3-8319-e064e121db93';

/** A complete payment request in Xendit's own form. */
const request = (changes: object = {}) => ({
  business_id: '5f27a14a9bf05c73dd040bc8',
  reference_id: contractKey.reference,
  payment_request_id: contractKey.providerChargeId,
  type: 'PAY',
  country: 'ID',
  currency: 'IDR',
  request_amount: 150_000,
  capture_method: 'AUTOMATIC',
  channel_code: 'QRIS',
  channel_properties: {},
  actions: [
    { type: 'REDIRECT_CUSTOMER', descriptor: 'WEB_URL', value: 'https://CANARY' },
    { type: 'PRESENT_TO_CUSTOMER', descriptor: 'QR_STRING', value: '00020101CANARY' },
  ],
  status: 'REQUIRES_ACTION',
  description: 'CANARY',
  metadata: { merchant_order_id: 'CANARY' },
  created: '2026-03-02T03:00:01.123Z',
  updated: '2026-03-02T03:00:01.123Z',
  ...changes,
});
const paidRequest = (changes: object = {}) => request({ status: 'SUCCEEDED', latest_payment_id: paymentId, ...changes });
const payment = (changes: object = {}) => ({
  payment_id: paymentId,
  reference_id: contractKey.reference,
  payment_request_id: contractKey.providerChargeId,
  request_amount: 150_000,
  currency: 'IDR',
  captures: [{ capture_id: 'cptr-0a1b', capture_amount: 150_000, capture_timestamp: '2026-03-02T03:03:22.400Z' }],
  status: 'SUCCEEDED',
  payment_details: { issuer_name: 'DANA', receipt_id: '606112345678', network: 'QRIS', payer_name: 'CANARY' },
  created: '2026-03-02T03:03:22.000Z',
  updated: '2026-03-02T03:03:23.000Z',
  ...changes,
});
const refund = (changes: object = {}) => ({
  id: refundId,
  payment_request_id: contractKey.providerChargeId,
  payment_id: paymentId,
  reference_id: contractRefund.reference,
  currency: 'IDR',
  amount: 50_000,
  status: 'PENDING',
  reason: 'OTHERS',
  failure_code: null,
  metadata: { charge_reference: contractKey.reference, reason: 'Barang kosong' },
  ...changes,
});
const noTransactions: Script = json(200, { has_more: false, data: [], links: [] });

const paidFields = {
  status: 'paid',
  paidAmount: 150_000,
  paidAt: new Date('2026-03-02T03:03:22.400Z'),
  issuer: 'dana',
  receipt: '606112345678',
};
const state = (what: string, charge: object | null, ...answers: object[]) => ({
  what,
  charge,
  answers: answers.map((answer) => json(200, answer)),
});
const error = (code: string) => ({ error_code: code, message: 'CANARY', errors: [{ field: 'CANARY' }] });
type To = ProviderHarness['responses']['refusals'][number]['to'];
const everywhere = <Expected>(expected: Expected) => ({
  createCharge: expected,
  findCharge: expected,
  cancelCharge: expected,
  expireCharge: expected,
  refundCharge: expected,
  findRefund: expected,
});
const refusal = (status: number, code: string, to: To) => ({ what: `${status} ${code}`, answer: json(status, error(code)), to });
const toRefund = (status: number, code: string, reason: string) => refusal(status, code, { refundCharge: [ProviderRejected, reason] });

// Read a second time from the table of docs/providers.md 3.10: status and code, and the error that they become.
const refusals: ProviderHarness['responses']['refusals'] = [
  refusal(400, 'API_VALIDATION_ERROR', everywhere([ProviderRejected, 'validation'] as const)),
  refusal(400, 'INVALID_VALUE_ERROR', { createCharge: [ProviderRejected, 'validation'] }),
  refusal(400, 'INVALID_JSON_FORMAT', { createCharge: [ProviderRejected, 'validation'] }),
  refusal(400, 'AN_UNKNOWN_CODE', everywhere([ProviderRejected, 'validation'] as const)),
  refusal(400, 'PAYMENT_REQUEST_RATE_LIMITED', everywhere([ProviderUnavailable, 'rate_limited'] as const)),
  refusal(400, 'TEMPORARILY_UNAVAILABLE', everywhere([ProviderUnavailable, 'temporarily_unavailable'] as const)),
  refusal(401, 'INVALID_API_KEY', everywhere([ProviderMisconfigured, 'unauthorized'] as const)),
  refusal(403, 'INVALID_MERCHANT_SETTINGS', everywhere([ProviderMisconfigured, 'merchant_settings'] as const)),
  refusal(403, 'ACCOUNT_ACCESS_BLOCKED', everywhere([ProviderMisconfigured, 'account_blocked'] as const)),
  refusal(403, 'CHANNEL_NOT_ACTIVATED', { createCharge: [ProviderMisconfigured, 'channel_not_activated'] }),
  refusal(403, 'UNAUTHORIZED', { createCharge: [ProviderMisconfigured, 'unauthorized'] }),
  refusal(403, 'REQUEST_FORBIDDEN_ERROR', everywhere([ProviderMisconfigured, 'forbidden'] as const)),
  refusal(403, 'UNAUTHORIZED_SENDER_IP', everywhere([ProviderMisconfigured, 'sender_address'] as const)),
  refusal(403, 'AN_UNKNOWN_CODE', everywhere([ProviderMisconfigured, 'forbidden'] as const)),
  refusal(404, 'DATA_NOT_FOUND', {
    createCharge: [ProviderRejected, 'not_found'],
    findCharge: null,
    cancelCharge: null,
    expireCharge: null,
    refundCharge: [ProviderRejected, 'not_found'],
    findRefund: null,
  }),
  refusal(409, 'DUPLICATE_ERROR', everywhere([ProviderOutcomeUnknown, 'duplicate'] as const)),
  refusal(409, 'DATA_NOT_FOUND', everywhere([ProviderOutcomeUnknown, 'duplicate'] as const)), // a mistake in the document
  refusal(409, 'IDEMPOTENCY_ERROR', everywhere([ProviderOutcomeUnknown, 'duplicate'] as const)),
  refusal(429, 'RATE_LIMIT_EXCEEDED', everywhere([ProviderUnavailable, 'rate_limited'] as const)),
  refusal(500, 'SERVER_ERROR', everywhere([ProviderOutcomeUnknown, 'http_500'] as const)),
  refusal(500, 'API_VALIDATION_ERROR', everywhere([ProviderOutcomeUnknown, 'http_500'] as const)),
  refusal(503, 'CHANNEL_UNAVAILABLE', everywhere([ProviderOutcomeUnknown, 'channel_unavailable'] as const)),
  refusal(503, 'ISSUER_UNAVAILABLE', everywhere([ProviderOutcomeUnknown, 'issuer_unavailable'] as const)),
  refusal(418, 'AN_UNKNOWN_CODE', everywhere([ProviderOutcomeUnknown, 'http_418'] as const)),
  refusal(400, 'REFUND_IN_PROGRESS', { refundCharge: [ProviderOutcomeUnknown, 'refund_in_progress'] }),
  toRefund(400, 'REFUND_AMOUNT_EXCEEDED', 'refund_amount_exceeded'),
  toRefund(400, 'MAXIMUM_REFUND_AMOUNT_REACHED', 'refund_amount_exceeded'),
  toRefund(400, 'INELIGIBLE_TRANSACTION_STATUS', 'not_refundable'),
  toRefund(403, 'INELIGIBLE_TRANSACTION', 'not_refundable'),
  toRefund(400, 'INSUFFICIENT_BALANCE', 'insufficient_balance'),
  toRefund(400, 'PARTIAL_REFUND_COUNTS_EXCEEDED', 'partial_refund_counts_exceeded'),
  toRefund(400, 'TRANSACTION_NOT_FOUND', 'not_found'),
  toRefund(403, 'REFUND_NOT_SUPPORTED', 'refund_not_supported'),
  toRefund(400, 'REFUND_NOT_SUPPORTED', 'refund_not_supported'),
  toRefund(403, 'PARTIAL_REFUND_NOT_SUPPORTED', 'partial_refund_not_supported'),
  {
    what: 'a charge that failed at once',
    answer: json(201, request({ status: 'FAILED' })),
    to: { createCharge: [ProviderRejected, 'failed'] },
  },
  {
    what: 'a charge without its amount',
    answer: json(201, request({ request_amount: null })),
    to: { createCharge: [ProviderOutcomeUnknown, 'unreadable'] },
  },
  {
    what: 'a charge of another amount',
    answer: json(201, request({ request_amount: 150_001 })),
    to: { createCharge: [ProviderOutcomeUnknown, 'wrong_charge'] },
  },
  { what: 'a charge without a QR', answer: json(201, request({ actions: [] })), to: { createCharge: [ProviderOutcomeUnknown, 'no_qr'] } },
  {
    what: 'another order’s charge',
    answer: json(200, request({ reference_id: 'pos-2-1', payment_request_id: 'pr-another' })),
    to: {
      ...everywhere([ProviderOutcomeUnknown, 'wrong_charge'] as const),
      refundCharge: [ProviderOutcomeUnknown, 'unreadable'],
      findRefund: [ProviderOutcomeUnknown, 'unreadable'],
    },
  },
];

const harness: ProviderHarness = {
  provider: 'xendit',
  create: (account, log) => new XenditProvider(account, { log, clock }),
  account: (baseUrl): ProviderAccount => ({
    provider: 'xendit',
    id: 'default',
    baseUrl,
    mode: 'test',
    secretKey: 'xnd_development_CANARY',
    webhookSecrets: ['CANARY'],
  }),
  startFake: () => startFake(),
  responses: {
    before: { refundCharge: [noTransactions] },
    samples: {
      createCharge: [request(), error('API_VALIDATION_ERROR')],
      findCharge: [paidRequest(), request(), payment()],
      cancelCharge: [request({ status: 'CANCELED' }), paidRequest(), payment()],
      expireCharge: [request({ status: 'CANCELED' })],
      refundCharge: [refund()],
      findRefund: [refund({ status: 'SUCCEEDED' })],
    },
    states: [
      state(
        'REQUIRES_ACTION',
        { status: 'open', paidAmount: null, qrString: '00020101CANARY', expiresAt: new Date('2026-03-04T03:00:01.123Z') },
        request(),
      ),
      state('ACCEPTING_PAYMENTS', { status: 'open' }, request({ status: 'ACCEPTING_PAYMENTS' })),
      state('AUTHORIZED', { status: 'open' }, request({ status: 'AUTHORIZED' })),
      state('PENDING, from a text-only page', { status: 'open' }, request({ status: 'PENDING' })),
      state('an unknown status: not final', { status: 'open' }, request({ status: 'SETTLING' })),
      state('a status named like a method of every object', { status: 'open' }, request({ status: 'toString' })),
      state('SUCCEEDED', paidFields, paidRequest(), payment()),
      state('SUCCEEDED without a payment id', { status: 'paid', paidAmount: 150_000, paidAt: null }, request({ status: 'SUCCEEDED' })),
      state('FAILED', { status: 'failed' }, request({ status: 'FAILED' })),
      state('CANCELED', { status: 'cancelled' }, request({ status: 'CANCELED' })),
      state('CANCELLED, with two Ls', { status: 'cancelled' }, request({ status: 'CANCELLED' })),
      state('EXPIRED', { status: 'expired' }, request({ status: 'EXPIRED' })),
      state('EXPIRED, but paid', paidFields, paidRequest({ status: 'EXPIRED' }), payment()),
      state('CANCELED, but paid', paidFields, paidRequest({ status: 'CANCELED' }), payment()),
      state('REQUIRES_ACTION, but paid', paidFields, paidRequest({ status: 'REQUIRES_ACTION' }), payment()),
      state(
        'EXPIRED, the payment failed',
        { status: 'expired', paidAmount: null },
        paidRequest({ status: 'EXPIRED' }),
        payment({ status: 'FAILED' }),
      ),
      state('amounts as strings', paidFields, paidRequest({ request_amount: '150000' }), payment({ request_amount: '150000.00' })),
      state(
        'a tip',
        { ...paidFields, paidAmount: 155_000 },
        paidRequest(),
        payment({ captures: [{ capture_amount: '155000', capture_timestamp: '2026-03-02T03:03:22.400Z' }] }),
      ),
      state(
        'a payment without captures',
        { ...paidFields, paidAt: new Date('2026-03-02T03:03:23Z') },
        paidRequest(),
        payment({ captures: undefined }),
      ),
      state('a payment without details', { status: 'paid', issuer: null, receipt: null }, paidRequest(), payment({ payment_details: {} })),
      state(
        'an expiry time in the answer',
        { expiresAt: new Date('2026-03-02T03:15:00Z') },
        request({ channel_properties: { expires_at: '2026-03-02T03:15:00Z' } }),
      ),
      {
        what: 'SUCCEEDED, and 404 for its payment',
        answers: [json(200, paidRequest()), json(404, error('DATA_NOT_FOUND'))],
        charge: { status: 'paid', paidAmount: 150_000 },
      },
      { what: '404 DATA_NOT_FOUND', answers: [json(404, error('DATA_NOT_FOUND'))], charge: null },
    ],
    refusals,
  },
};

async function startFake(switches: SimulatorOptions['switches'] = {}): Promise<ProviderFake> {
  const simulator = await startSimulator({ switches });
  return {
    account: { ...harness.account(simulator.urls.xendit), secretKey: inventedKeys.xenditSecretKey },
    pay: (reference, by = {}) => void simulator.controls.pay(reference, by),
    expire: (reference) => void simulator.controls.expire(reference),
    fault: (operation, fault, times = 1) => void simulator.controls.addFault('xendit', { operation, fault: fault as 'slow', times }),
    advance: (ms) => simulator.clock.advance(ms),
    refundedOf: (reference) =>
      stateOf(simulator.controls.charge(reference))
        .refunds.filter(({ status }) => status !== 'failed')
        .reduce((sum, { amount }) => sum + amount, 0),
    close: () => simulator.stop(),
  };
}

describeProvider(harness);
describeLifecycle(
  {
    ...harness,
    startFake: () =>
      startFake({
        xendit_string_amounts: true,
        xendit_requires_channel_properties: true,
        xendit_honours_idempotency_key: true,
        xendit_throttle_answer: 'http_400',
        xendit_duplicate_error_code: 'DATA_NOT_FOUND',
      }),
  },
  'with amounts as strings, a rate limit on 400, and an idempotency key that counts',
);
