import fc from 'fast-check';
import { mutated } from '#test/provider/contract/mutated-json.ts';
import { type WebhookNotice, WebhookRefused, WebhookUnreadable } from '../qris-provider.ts';
import { xenditWebhookReader } from './xendit-webhook-reader.ts';

const token = 'callback-token-CANARY-0001';
const account = { webhookSecrets: [token] };
const headers = { 'x-callback-token': token };

/** Source: Xendit, "Payment webhook notification", payment.capture (docs/providers.md 3.8), shortened. */
const capture = {
  event: 'payment.capture',
  business_id: '5f27a14a9bf05c73dd040bc8',
  created: '2026-03-02T03:03:23.512Z',
  api_version: 'v3',
  data: {
    payment_id: 'py-8e7d6c5b-4a39-4281-9f0e-1d2c3b4a5968',
    reference_id: 'ORD-2026-000123-x1',
    payment_request_id: 'pr-1f3c2a90-7b64-4e0b-9a51-0c2d4e6f8a10',
    type: 'SINGLE_PAYMENT',
    request_amount: '150000',
    status: 'SUCCEEDED',
    payment_details: {},
  },
};
const expiry = {
  event: 'payment_request.expiry',
  created: '2026-03-04T03:00:05.000Z',
  data: { ...capture.data, payment_id: undefined, status: 'EXPIRED' },
};
const refund = {
  event: 'refund.succeeded',
  created: '2026-03-03T02:00:20.000Z',
  data: {
    id: 'rfd-69e77490-d2cc-4bf3-8319-e064e121db93',
    payment_request_id: 'pr-1f3c2a90-7b64-4e0b-9a51-0c2d4e6f8a10',
    amount: 50000,
    status: 'SUCCEEDED',
    reference_id: 'RF-2026-000045',
    metadata: { charge_reference: 'ORD-2026-000123-x1' },
  },
};

const bytes = (body: unknown): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const read = (body: unknown): WebhookNotice => xenditWebhookReader.read(bytes(body), headers, account);

describe('a Xendit callback token', () => {
  it('is the current one or the previous one', () => {
    for (const webhookSecrets of [[token], ['new', token], [token, 'old']])
      expect(xenditWebhookReader.read(bytes(capture), headers, { webhookSecrets }).reportedStatus).toBe('paid');
  });

  it.each([
    ['another', { 'x-callback-token': 'another' }, account],
    ['missing', {}, account],
    ['empty, and so is the secret', { 'x-callback-token': '' }, { webhookSecrets: [''] }],
    ['missing, and so is the secret', {}, { webhookSecrets: [] }],
    ['sent twice', { 'x-callback-token': [token, token] }, account],
    ['truncated', { 'x-callback-token': token.slice(0, -1) }, account],
    ['longer', { 'x-callback-token': `${token}0` }, account],
    ['in capitals', { 'x-callback-token': token.toUpperCase() }, account],
    ['another account’s', headers, { webhookSecrets: ['theirs'] }],
    ['in a prototype', Object.create(headers) as object, { webhookSecrets: ['theirs'] }],
  ])('is refused when it is %s', (_what, sentHeaders, secrets) => {
    expect(() => xenditWebhookReader.read(bytes(capture), sentHeaders, secrets)).toThrow(WebhookRefused);
  });

  it('is checked before the body, so that a sender without a token learns nothing about readable bodies', () => {
    expect(() => xenditWebhookReader.read(bytes('<html>'), {}, account)).toThrow(WebhookRefused);
    expect(() => read('<html>')).toThrow(WebhookUnreadable);
    expect(() => read('[]')).toThrow(WebhookUnreadable);
  });
});

describe('a Xendit webhook', () => {
  it('names the charge', () => {
    expect(read(capture)).toMatchObject({
      reference: 'ORD-2026-000123-x1',
      providerChargeId: 'pr-1f3c2a90-7b64-4e0b-9a51-0c2d4e6f8a10',
      reportedStatus: 'paid',
      refund: null,
    });
  });

  it.each([
    [refund, 'in the form of the schema'],
    [{ ...refund, data: { data: refund.data } }, 'wrapped twice, as in an example'],
  ] as [object, string][])('about a refund names the charge and the refund', (body) => {
    expect(read(body)).toMatchObject({
      reference: 'ORD-2026-000123-x1',
      providerChargeId: 'pr-1f3c2a90-7b64-4e0b-9a51-0c2d4e6f8a10',
      reportedStatus: 'refunded',
      refund: { reference: 'RF-2026-000045', providerRefundId: 'rfd-69e77490-d2cc-4bf3-8319-e064e121db93' },
    });
    expect(read(body).deliveryKey).toBe(read(refund).deliveryKey);
  });

  it('about a refund from the dashboard names the charge by its id only', () => {
    expect(read({ ...refund, data: { ...refund.data, metadata: null } })).toMatchObject({
      reference: null,
      providerChargeId: expect.any(String),
    });
  });

  it.each([
    ['payment.capture', 'paid'],
    ['payment.failure', 'failed'],
    ['payment_request.expiry', 'expired'],
    ['payment.authorization', null],
    ['payment.expiry', null],
    ['something.new', null],
    ['constructor', null],
  ])('%s reports the status %s', (event, reportedStatus) => {
    expect(read({ ...capture, event }).reportedStatus).toBe(reportedStatus);
  });

  it('has the same delivery key at every delivery, although it contains the time of delivery', () => {
    expect(read({ ...capture, created: '2026-03-02T04:00:00.000Z' }).deliveryKey).toBe(read(capture).deliveryKey);
  });

  it('has another delivery key for another event, payment or refund', () => {
    const webhooks = [
      capture,
      { ...capture, event: 'payment.failure' },
      { ...capture, data: { ...capture.data, payment_id: 'py-another' } },
      expiry,
      { ...expiry, data: { ...expiry.data, payment_request_id: 'pr-another' } },
      refund,
      { ...refund, event: 'refund.failed' },
      { ...refund, data: { ...refund.data, id: 'rfd-another' } },
    ];
    expect(new Set(webhooks.map((each) => read(each).deliveryKey)).size).toBe(webhooks.length);
  });

  it.each([
    ['no event', { ...capture, event: undefined }],
    ['a list as the event', { ...capture, event: ['payment.capture'] }],
    ['no data', { event: 'payment.capture' }],
    ['a list as data', { ...capture, data: [capture.data] }],
    ['a list as the reference', { ...capture, data: { reference_id: ['ORD-2026-000123-x1'] } }],
    ['a reference of 60,000 characters', { ...capture, data: { reference_id: 'x'.repeat(60_000) } }],
    ['the fields in a prototype', `{"event":"payment.capture","data":{"__proto__":{"reference_id":"ORD-2026-000123-x1"}}}`],
    ['the old flat form', { event: 'qr.payment', id: 'qrpy_1', qr_code: { external_id: 'x' }, status: 'COMPLETED' }],
  ])('with %s names no charge of ours, and still has a delivery key', (_what, body) => {
    expect(read(body)).toMatchObject({ deliveryKey: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(read(body).reference === null || read(body).reportedStatus === null).toBe(true);
  });
});

it('10000 mutated webhooks are read, refused or unreadable', () => {
  fc.assert(
    fc.property(mutated([capture, expiry, refund]), (raw) => {
      try {
        const notice = xenditWebhookReader.read(raw, headers, account);
        for (const text of [notice.reference, notice.providerChargeId])
          expect(text === null || (typeof text === 'string' && text.length <= 255)).toBe(true);
        expect(notice.deliveryKey).toMatch(/^[0-9a-f]{64}$/);
      } catch (error) {
        expect(error).toBeInstanceOf(WebhookUnreadable);
        expect(String(error)).not.toContain('CANARY');
      }
    }),
    { numRuns: 10_000, seed: 1 },
  );
});
