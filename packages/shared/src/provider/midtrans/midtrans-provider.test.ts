import { inventedKeys, type SimulatorOptions, startSimulator, stateOf } from '@gateway/simulator';
import { describeLifecycle, describeProvider, type ProviderFake, type ProviderHarness } from '#test/provider/contract/provider-contract.ts';
import { contractKey, contractRefund } from '#test/provider/contract/requests.ts';
import { json } from '#test/provider/scripted-server.ts';
import { manualClock } from '../../runtime/index.ts';
import { ProviderMisconfigured, ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from '../provider-error.ts';
import type { ProviderAccount } from '../qris-provider.ts';
import { MidtransProvider } from './midtrans-provider.ts';

const clock = manualClock(new Date('2026-03-02T03:00:00Z'));

/** A complete transaction in Midtrans' own form. */
const transaction = (changes: object = {}) => ({
  status_code: '201',
  status_message: 'Success, transaction is found CANARY',
  transaction_id: contractKey.providerChargeId,
  order_id: contractKey.reference,
  merchant_id: 'G000000001',
  gross_amount: '150000.00',
  currency: 'IDR',
  payment_type: 'qris',
  transaction_time: '2026-03-02 10:00:01',
  transaction_status: 'pending',
  fraud_status: 'accept',
  acquirer: 'gopay',
  expiry_time: '2026-03-02 10:15:01',
  custom_field1: 'CANARY',
  ...changes,
});
const settled = (changes: object = {}) =>
  transaction({
    status_code: '200',
    transaction_status: 'settlement',
    settlement_time: '2026-03-02 10:03:22',
    issuer: 'DANA',
    merchant_cross_reference_id: '0197f326-973a-743c-b0a9-77cfc3c95d53',
    ...changes,
  });
const created = (changes: object = {}) =>
  transaction({ status_message: 'QRIS transaction is created', qr_string: '00020101CANARY', ...changes });
const wireRefund = (changes: object = {}) => ({
  refund_chargeback_id: 183700,
  refund_chargeback_uuid: '21a2b0a9-a2a2-4ab1-8758-ae0477458f21',
  refund_amount: '50000.00',
  created_at: '2026-03-03 09:00:10',
  reason: 'Barang kosong',
  refund_key: contractRefund.reference,
  refund_method: 'online',
  ...changes,
});
const refundResponse = settled({
  transaction_status: 'partial_refund',
  refund_chargeback_id: 183700,
  refund_chargeback_uuid: '21a2b0a9-a2a2-4ab1-8758-ae0477458f21',
  refund_amount: '50000.00',
  refund_key: contractRefund.reference,
});
const error = (code: string, changes: object = {}) => ({
  status_code: code,
  status_message: 'CANARY',
  id: '2b3a0d0e-6f8d-4f0a-9f7e-1c2d3e4f5a60',
  ...changes,
});

const settledFields = { status: 'paid', paidAmount: 150_000, paidAt: new Date('2026-03-02T03:03:22Z'), issuer: 'dana' } as const;
const state = (what: string, answer: object, charge: ProviderHarness['responses']['states'][number]['charge']) => ({
  what,
  answers: [json(200, answer)],
  charge,
});
const withRefunds = (status: string, ...refunds: object[]) => settled({ transaction_status: status, refund_amount: '50000.00', refunds });

const everywhere = <Expected>(expected: Expected) => ({
  createCharge: expected,
  findCharge: expected,
  cancelCharge: expected,
  expireCharge: expected,
  refundCharge: expected,
  findRefund: expected,
});

// Read a second time from the table of docs/providers.md 2.4: the code, and the error that it becomes.
const codes: [string, ProviderHarness['responses']['refusals'][number]['to']][] = [
  ['400', everywhere([ProviderRejected, 'validation'] as const)],
  ['401', everywhere([ProviderMisconfigured, 'unauthorized'] as const)],
  ['402', everywhere([ProviderMisconfigured, 'payment_type_not_enabled'] as const)],
  ['403', everywhere([ProviderMisconfigured, 'forbidden'] as const)],
  [
    '404',
    {
      createCharge: [ProviderRejected, 'not_found'],
      findCharge: null,
      cancelCharge: null,
      expireCharge: null,
      refundCharge: [ProviderRejected, 'not_found'],
      findRefund: null,
    },
  ],
  ['405', everywhere([ProviderRejected, 'method_not_allowed'] as const)],
  ['406', { createCharge: [ProviderOutcomeUnknown, 'duplicate'] }],
  ['408', everywhere([ProviderRejected, 'wrong_type'] as const)],
  ['410', everywhere([ProviderMisconfigured, 'account_deactivated'] as const)],
  ['411', everywhere([ProviderRejected, 'token_problem'] as const)],
  ['412', { createCharge: [ProviderOutcomeUnknown, 'state_cannot_change'] }],
  ['413', everywhere([ProviderRejected, 'malformed_request'] as const)],
  ['429', everywhere([ProviderUnavailable, 'rate_limited'] as const)],
  ['500', everywhere([ProviderOutcomeUnknown, 'http_500'] as const)],
  ['501', everywhere([ProviderRejected, 'feature_unavailable'] as const)],
  ['502', everywhere([ProviderOutcomeUnknown, 'http_502'] as const)],
  ['503', everywhere([ProviderOutcomeUnknown, 'http_503'] as const)],
  ['504', everywhere([ProviderOutcomeUnknown, 'http_504'] as const)],
  ['505', everywhere([ProviderRejected, 'no_payment_reference'] as const)],
  ['418', everywhere([ProviderOutcomeUnknown, 'http_418'] as const)],
];

const refusals: ProviderHarness['responses']['refusals'] = [
  // Both forms: the code in the body of an HTTP 200, and the same code as the HTTP status.
  ...codes.map(([code, to]) => ({ what: `${code} on HTTP 200`, answer: json(200, error(code)), to })),
  ...codes.map(([code, to]) => ({ what: `${code} on HTTP ${code}`, answer: json(Number(code), error(code)), to })),
  {
    what: 'a denied charge',
    answer: json(200, transaction({ status_code: '202', transaction_status: 'deny', channel_response_code: '900' })),
    to: { createCharge: [ProviderRejected, 'denied'] },
  },
  {
    what: 'HTTP 202, a call with the same key runs',
    answer: json(202, {}),
    to: everywhere([ProviderOutcomeUnknown, 'in_flight'] as const),
  },
  { what: 'a refund that the bank denied', answer: json(200, error('202')), to: { refundCharge: [ProviderRejected, 'denied_by_bank'] } },
  {
    what: 'a charge without its amount',
    answer: json(200, created({ gross_amount: undefined })),
    to: { createCharge: [ProviderOutcomeUnknown, 'unreadable'] },
  },
  {
    what: 'a charge of another amount',
    answer: json(200, created({ gross_amount: '150001.00' })),
    to: { createCharge: [ProviderOutcomeUnknown, 'wrong_charge'] },
  },
  { what: 'a charge that is paid already', answer: json(200, settled()), to: { createCharge: [ProviderOutcomeUnknown, 'wrong_charge'] } },
  {
    what: 'another order’s charge',
    answer: json(200, created({ order_id: 'pos-2-1', transaction_id: 'id-another' })),
    to: { ...everywhere([ProviderOutcomeUnknown, 'wrong_charge'] as const), refundCharge: [ProviderOutcomeUnknown, 'unreadable'] },
  },
];

const harness: ProviderHarness = {
  provider: 'midtrans',
  create: (account, log) => new MidtransProvider(account, { log, clock }),
  account: (baseUrl): ProviderAccount => ({
    provider: 'midtrans',
    id: 'default',
    baseUrl,
    mode: 'test',
    secretKey: 'SB-Mid-server-CANARY',
    webhookSecrets: ['SB-Mid-server-CANARY'],
    acquirer: 'gopay',
  }),
  startFake: () => startFake(),
  responses: {
    before: { refundCharge: [json(200, settled())] },
    samples: {
      createCharge: [created(), error('400', { validation_messages: ['CANARY'] })],
      findCharge: [settled(), transaction(), withRefunds('partial_refund', wireRefund())],
      cancelCharge: [transaction({ status_code: '200', transaction_status: 'cancel' })],
      expireCharge: [transaction({ status_code: '407', transaction_status: 'expire' })],
      refundCharge: [refundResponse],
      findRefund: [
        withRefunds('partial_refund', wireRefund({ bank_confirmed_at: '2026-03-03 09:00:12' }), wireRefund({ refund_key: 'another' })),
      ],
    },
    states: [
      state('pending', transaction(), { status: 'open', paidAmount: null, paidAt: null, expiresAt: new Date('2026-03-02T03:15:01Z') }),
      state('PENDING on 200, as a sample has it', transaction({ status_code: '200', transaction_status: 'PENDING' }), { status: 'open' }),
      state('settlement', settled(), { ...settledFields, receipt: '0197f326-973a-743c-b0a9-77cfc3c95d53', refunds: [] }),
      state('settlement, fraud ACCEPT', settled({ fraud_status: 'ACCEPT' }), settledFields),
      state('settlement without a fraud status', settled({ fraud_status: undefined }), settledFields),
      state('settlement, fraud deny: not final', settled({ fraud_status: 'deny' }), { status: 'open', paidAmount: null }),
      state('settlement on 201: not final', settled({ status_code: '201' }), { status: 'open', paidAmount: null }),
      state(
        'settlement at the Shopee acquirer',
        settled({ merchant_cross_reference_id: undefined, shopeepay_reference_number: 'SP-1', reference_id: 'R-1' }),
        { receipt: 'SP-1' },
      ),
      state(
        'settlement with a fee on top',
        settled({ gross_amount: '151058.00', metadata: { extra_info: { gross_amount_info: { original_amount: '150000.00' } } } }),
        settledFields,
      ),
      state(
        'settlement with a fee at the top level, as the documented notification has it',
        settled({
          gross_amount: '151058.00',
          extra_info: { gross_amount_info: { original_amount: '150000.00' } },
          metadata: { table: '7' },
        }),
        settledFields,
      ),
      state('settlement whose order id is the transaction id', settled({ order_id: contractKey.providerChargeId }), settledFields),
      state(
        'settlement with a zero byte in issuer and receipt',
        settled({ issuer: 'da\u0000na ', merchant_cross_reference_id: '\u0000' }),
        { issuer: 'da na', receipt: null },
      ),
      state(
        'settlement with a fee, as numbers',
        settled({ gross_amount: 151058, metadata: { extra_info: { gross_amount_info: { original_amount: 150000 } } } }),
        settledFields,
      ),
      state('expire on 407', transaction({ status_code: '407', transaction_status: 'expire' }), { status: 'expired' }),
      {
        what: 'expire on HTTP 407',
        answers: [json(407, transaction({ status_code: '407', transaction_status: 'expire' }))],
        charge: { status: 'expired' },
      },
      state('cancel', transaction({ status_code: '200', transaction_status: 'cancel' }), { status: 'cancelled' }),
      state('deny', transaction({ status_code: '202', transaction_status: 'deny' }), { status: 'failed' }),
      state('failure', transaction({ status_code: '202', transaction_status: 'failure' }), { status: 'failed' }),
      state('a status that QRIS never has: not final', settled({ transaction_status: 'authorize' }), { status: 'open' }),
      state('a status named like a method of every object', settled({ transaction_status: 'toString' }), { status: 'open' }),
      state('refund', withRefunds('refund', wireRefund({ bank_confirmed_at: '2026-03-03 09:00:12' })), {
        ...settledFields,
        refunds: [
          {
            reference: contractRefund.reference,
            providerRefundId: '21a2b0a9-a2a2-4ab1-8758-ae0477458f21',
            amount: 50_000,
            status: 'succeeded',
            reason: 'Barang kosong',
          },
        ],
      }),
      state(
        'partial_refund, not confirmed, from the dashboard',
        withRefunds('partial_refund', wireRefund({ refund_key: null, refund_chargeback_uuid: null })),
        {
          status: 'paid',
          refunds: [{ reference: null, providerRefundId: '183700', amount: 50_000, status: 'pending', reason: 'Barang kosong' }],
        },
      ),
      state('without an expiry time', transaction({ expiry_time: undefined }), { status: 'open', expiresAt: null }),
      { what: '404 on HTTP 404', answers: [json(404, error('404'))], charge: null },
    ],
    refusals,
  },
};

async function startFake(switches: SimulatorOptions['switches'] = {}): Promise<ProviderFake> {
  const simulator = await startSimulator({ switches });
  return {
    account: { ...harness.account(simulator.urls.midtrans), secretKey: inventedKeys.midtransServerKey },
    pay: (reference, by = {}) => void simulator.controls.pay(reference, by),
    expire: (reference) => void simulator.controls.expire(reference),
    fault: (operation, fault, times = 1) => void simulator.controls.addFault('midtrans', { operation, fault: fault as 'refuse', times }),
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
        midtrans_http_status: 'copies_body',
        midtrans_status_of_pending: '200_upper_case',
        midtrans_omit_expiry_time: true,
        midtrans_omit_qr_code_v2: true,
        midtrans_fee_imposition: true,
        midtrans_refund_amount: 'cumulative',
      }),
  },
  'with the HTTP status as the code, no expiry time, and a fee on top',
);
