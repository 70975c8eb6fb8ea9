import { inventedKeys, startSimulator } from '@gateway/simulator';
import { contractKey, contractRefund, contractRequest, never, outcomeOf } from '#test/provider/contract/requests.ts';
import { logLines } from '#test/provider/log-lines.ts';
import { inSequence, json, type ScriptedServer, startScriptedServer } from '#test/provider/scripted-server.ts';
import { manualClock } from '../../runtime/index.ts';
import { ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from '../provider-error.ts';
import type { ProviderAccount } from '../qris-provider.ts';
import { XenditClient } from './xendit-client.ts';
import { XenditProvider } from './xendit-provider.ts';
import { parseUtc, refundBody } from './xendit-wire.ts';

const clock = manualClock(new Date('2026-03-02T03:00:00Z'));
const request = {
  reference_id: contractKey.reference,
  payment_request_id: contractKey.providerChargeId,
  request_amount: 150_000,
  status: 'REQUIRES_ACTION',
  actions: [{ descriptor: 'QR_STRING', value: '000201' }],
  created: '2026-03-02T03:00:01.123Z',
};
const transaction = (changes: object = {}) => ({
  product_id: 'py-1',
  type: 'PAYMENT',
  status: 'SUCCESS',
  reference_id: contractKey.reference,
  product_data: { payment_request_id: contractKey.providerChargeId },
  ...changes,
});
const list = (...data: object[]) => json(200, { has_more: false, data, links: [] });
const unknownId = { ...contractKey, providerChargeId: null };

let server: ScriptedServer;
let provider: XenditProvider;
const account = (): ProviderAccount => ({
  provider: 'xendit',
  id: 'default',
  baseUrl: `${server.url}/xendit`,
  mode: 'test',
  secretKey: 'xnd_development_DOCSONLY0000000001',
  webhookSecrets: [],
  forUserId: '5f27a14a9bf05c73dd040bc9',
});
beforeEach(async () => {
  server = await startScriptedServer();
  provider = new XenditProvider(account(), { log: logLines().log, clock });
});
afterEach(async () => {
  await provider.close();
  await server.close();
});
const requests = () => server.received.map(({ method, path }) => `${method} ${path.replace('/xendit', '')}`);

describe('a request to Xendit', () => {
  it('creates a charge', async () => {
    server.script = json(201, request);
    await provider.createCharge(contractRequest, never);
    expect(server.received).toMatchObject([
      {
        method: 'POST',
        path: '/xendit/v3/payment_requests',
        headers: {
          authorization: 'Basic eG5kX2RldmVsb3BtZW50X0RPQ1NPTkxZMDAwMDAwMDAwMTo=', // the example of the document
          'api-version': '2024-11-11',
          'for-user-id': '5f27a14a9bf05c73dd040bc9',
          'idempotency-key': contractKey.reference,
          'content-type': 'application/json',
        },
      },
    ]);
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({
      reference_id: contractKey.reference,
      type: 'PAY',
      country: 'ID',
      currency: 'IDR',
      request_amount: 150000,
      capture_method: 'AUTOMATIC',
      channel_code: 'QRIS',
      channel_properties: {},
      description: 'A-0042',
      metadata: { reference: contractKey.reference },
    });
  });

  it('looks up a charge with its payment, cancels it, looks for a refund and requests it', async () => {
    server.script = inSequence(
      json(200, { ...request, status: 'EXPIRED', latest_payment_id: 'py-1' }),
      json(200, { payment_id: 'py-1', payment_request_id: contractKey.providerChargeId, request_amount: '150000', status: 'SUCCEEDED' }),
      json(200, { ...request, status: 'CANCELED' }),
      list(),
      json(200, { id: 'rfd-1', reference_id: contractRefund.reference, amount: '50000', status: 'PENDING' }),
      json(200, { id: 'rfd-1', reference_id: contractRefund.reference, amount: 50000, status: 'SUCCEEDED' }),
    );
    expect(await provider.findCharge(contractKey, never)).toMatchObject({ status: 'paid' });
    expect(await provider.cancelCharge(contractKey, never)).toMatchObject({ status: 'cancelled' });
    expect(await provider.refundCharge(contractRefund, never)).toMatchObject({ providerRefundId: 'rfd-1', status: 'pending' });
    expect(await provider.findRefund({ ...contractRefund, providerRefundId: 'rfd-1' }, never)).toMatchObject({ status: 'succeeded' });
    expect(requests()).toEqual([
      `GET /v3/payment_requests/${contractKey.providerChargeId}`,
      'GET /v3/payments/py-1',
      `POST /v3/payment_requests/${contractKey.providerChargeId}/cancel`,
      `GET /transactions?reference_id=${contractRefund.reference}`,
      'POST /refunds',
      'GET /refunds/rfd-1',
    ]);
    expect(JSON.parse(server.received[4]?.body ?? '')).toEqual({
      reference_id: contractRefund.reference,
      payment_request_id: contractKey.providerChargeId,
      currency: 'IDR',
      amount: 50000,
      reason: 'OTHERS',
      metadata: { charge_reference: contractKey.reference, reason: 'Barang kosong' },
    });
  });

  it.each([
    ['Pelanggan membatalkan', 'CANCELLATION'],
    ['paid twice', 'DUPLICATE'],
    ['customer asked for it', 'REQUESTED_BY_CUSTOMER'],
    ['penipuan', 'FRAUDULENT'],
    ['', 'OTHERS'],
  ])('with the refund reason "%s" has %s, and the text in its metadata', (reason, expected) => {
    const { reason: sent, metadata } = refundBody({ ...contractRefund, reason }, 'pr-1');
    expect(sent).toBe(expected);
    expect(metadata).toEqual({ charge_reference: contractKey.reference, ...(reason ? { reason } : {}) });
  });

  it('pays a charge in test mode', async () => {
    const simulator = await startSimulator();
    const simulatedAccount = { ...account(), baseUrl: simulator.urls.xendit, secretKey: inventedKeys.xenditSecretKey };
    const client = new XenditClient(simulatedAccount, { log: logLines().log });
    const simulated = new XenditProvider(simulatedAccount, { log: logLines().log, clock });
    const charge = await simulated.createCharge(contractRequest, never);
    expect(await client.simulatePayment(charge.providerChargeId, charge.reference, charge.amount, never)).toMatchObject({
      body: { status: 'PENDING' },
    });
    expect(await simulated.findCharge(charge, never)).toMatchObject({ status: 'paid', paidAmount: 150_000 });
    await Promise.all([client.close(), simulated.close()]);
    await simulator.stop();
  });
});

describe('a charge whose id is not known', () => {
  it('is found among the transactions of its reference', async () => {
    server.script = inSequence(list(transaction({ status: 'FAILED' }), transaction()), json(200, { ...request, status: 'SUCCEEDED' }));
    expect(await provider.findCharge(unknownId, never)).toMatchObject({ providerChargeId: contractKey.providerChargeId, status: 'paid' });
    expect(requests()).toEqual([
      `GET /transactions?reference_id=${contractKey.reference}&types=PAYMENT&channel_categories=QR_CODE`,
      `GET /v3/payment_requests/${contractKey.providerChargeId}`,
    ]);
  });

  it.each([
    ['there is no transaction', list()],
    ['there are other transactions only', list(transaction({ reference_id: 'another' }), transaction({ type: 'REFUND' }))],
  ])('is not found, cancelled or refunded when %s', async (_what, answer) => {
    server.script = answer;
    expect(await provider.findCharge(unknownId, never)).toBeNull();
    expect(await provider.cancelCharge(unknownId, never)).toBeNull();
    expect(await outcomeOf(provider.refundCharge({ ...contractRefund, charge: unknownId }, never))).toMatchObject({
      constructor: ProviderRejected,
      reason: 'not_found',
    });
  });

  it('has an unknown outcome when its transaction names no charge', async () => {
    server.script = list(transaction({ product_data: null }));
    expect(await outcomeOf(provider.findCharge(unknownId, never))).toBeInstanceOf(ProviderOutcomeUnknown);
  });
});

describe('a refund', () => {
  it('that was carried out is found, not requested again', async () => {
    server.script = inSequence(
      list(transaction({ type: 'REFUND', reference_id: contractRefund.reference, product_id: 'rfd-1' })),
      json(200, { id: 'rfd-1', reference_id: contractRefund.reference, amount: 50000, status: 'SUCCEEDED' }),
    );
    expect(await provider.refundCharge(contractRefund, never)).toMatchObject({ providerRefundId: 'rfd-1', status: 'succeeded' });
    expect(requests()).not.toContain('POST /refunds');
  });

  it.each([
    ['PENDING', 'pending'],
    ['SUCCEEDED', 'succeeded'],
    ['FAILED', 'failed'],
    ['CANCELLED', 'failed'],
    ['AN_UNKNOWN_STATUS', 'pending'],
  ])('with the status %s is %s', async (status, expected) => {
    server.script = json(200, { id: 'rfd-1', reference_id: contractRefund.reference, amount: 50000, status });
    expect(await provider.findRefund({ ...contractRefund, providerRefundId: 'rfd-1' }, never)).toMatchObject({ status: expected });
  });
});

it.each([
  [429, 'RATE_LIMIT_EXCEEDED', { 'rate-limit-reset': '12.5' }, 12_500],
  [400, 'PAYMENT_REQUEST_RATE_LIMITED', { 'rate-limit-reset': '0.25', 'retry-after': '60' }, 250],
  [429, 'RATE_LIMIT_EXCEEDED', { 'retry-after': '3' }, 3_000],
  [429, 'RATE_LIMIT_EXCEEDED', { 'retry-after': 'Mon, 02 Mar 2026 03:00:30 GMT', date: 'Mon, 02 Mar 2026 03:00:00 GMT' }, 30_000],
  [429, 'RATE_LIMIT_EXCEEDED', { 'retry-after': 'Mon, 02 Mar 2026 02:00:00 GMT', date: 'Mon, 02 Mar 2026 03:00:00 GMT' }, 0],
  [429, 'RATE_LIMIT_EXCEEDED', { 'rate-limit-reset': '999999' }, 600_000],
  [429, 'RATE_LIMIT_EXCEEDED', { 'rate-limit-reset': 'soon' }, null],
  [429, 'RATE_LIMIT_EXCEEDED', {}, null],
])('%d %s with %j asks us to wait for %s ms', async (status, code, headers, retryAfterMs) => {
  server.script = json(status, { error_code: code }, headers);
  expect(await outcomeOf(provider.createCharge(contractRequest, never))).toMatchObject({
    constructor: ProviderUnavailable,
    reason: 'rate_limited',
    retryAfterMs,
  });
});

it.each(['2026-03-02T03:00:01.123Z', '2026-03-02T10:00:01.123+07:00', '2026-03-02T03:00:01.123456Z'])('%s is a time', (text) => {
  expect(parseUtc(text)).toEqual(new Date('2026-03-02T03:00:01.123Z'));
});
it.each(['2026-03-02T03:00:01', '2026-03-02 03:00:01Z', '2026-99-02T03:00:01Z', '1772420401', 1772420401, null, ['2026-03-02T03:00:01Z']])(
  '%j is not a time',
  (text) => {
    expect(parseUtc(text)).toBeNull();
  },
);
