import { midtrans } from '../midtrans/midtrans.ts';
import { xendit } from '../xendit/xendit.ts';
import { allowedText } from './allowed-text.ts';
import { evidenceOf, type ProviderCall } from './call-evidence.ts';
import { allowed } from './evidence-rules.ts';

const reference = 'pos-01jd0000000000000000000000-1';
const create: ProviderCall = {
  provider: 'midtrans',
  account: 'default',
  operation: 'create',
  method: 'POST',
  route: '/v2/charge',
  path: '/v2/charge',
  reference,
  durationMs: 12,
  body: {
    payment_type: 'qris',
    transaction_details: { order_id: reference, gross_amount: 55_000 },
    item_details: [{ name: 'CANARY-dish for Ibu Wati', price: 55_000, quantity: 1 }],
    custom_field1: 'CANARY-field',
  },
  outcome: {
    status: 201,
    headers: { 'content-type': 'application/json', 'retry-after': '3', 'set-cookie': 'CANARY-cookie', authorization: 'CANARY-key' },
    body: Buffer.from(
      JSON.stringify({
        status_code: '201',
        transaction_id: '6f9b1f2c-0c4a-4a51-9a0d-1f6a7a6f4d10',
        order_id: reference,
        signature_key: 'CANARY-signature',
        qr_string: 'CANARY-qr',
        customer_details: { first_name: 'CANARY-name', phone: 628_123_456_789 },
        refunds: [{ refund_key: 'r1', refund_amount: '5000.00', reason: 'CANARY-reason' }],
        metadata: { note: 'CANARY-note', extra_info: { gross_amount_info: { original_amount: 55_000 } } },
        new_field: ['CANARY-new', { status_code: 'CANARY-nested' }],
        'CANARY name': 1,
      }),
    ),
  },
};

describe('the evidence of a call', () => {
  it('shows what states the money, and the value of no field that is not listed for this provider and call', () => {
    const evidence = evidenceOf(create, midtrans.evidence);
    expect(JSON.stringify(evidence)).not.toMatch(/CANARY|Wati|628123/);
    expect(evidence).toMatchObject({ path: '/v2/charge', status: 201, failure: null, headers: { 'retry-after': '3' } });
    expect(JSON.parse(evidence.request as string)).toEqual({
      payment_type: 'qris',
      transaction_details: { order_id: reference, gross_amount: 55_000 },
      item_details: [{ name: '[hidden]', price: 55_000, quantity: 1 }],
      custom_field1: '[hidden]',
    });
    expect(JSON.parse(evidence.answer as string)).toMatchObject({
      status_code: '201',
      order_id: reference,
      qr_string: '[hidden]',
      refunds: [{ refund_key: 'r1', refund_amount: '5000.00', reason: '[hidden]' }],
      metadata: { note: '[hidden]', extra_info: { gross_amount_info: { original_amount: 55_000 } } },
    });
  });

  it('keeps the issuer and the receipt of a payment, and neither the name nor the account of its payer', () => {
    const details = {
      issuer_name: 'DANA',
      receipt_id: '606112345678',
      payer_name: 'CANARY-name',
      payer_account_number: '0812',
      remark: 'CANARY',
    };
    const body = Buffer.from(JSON.stringify({ payment_id: 'py-1', status: 'SUCCEEDED', payment_details: details }));
    const call = {
      ...create,
      method: 'GET' as const,
      route: '/v3/payments/{id}',
      body: undefined,
      outcome: { status: 200, headers: {}, body },
    };
    const evidence = evidenceOf(call, xendit.evidence);
    expect(evidence.request).toBeNull();
    expect(JSON.parse(evidence.answer as string).payment_details).toEqual({
      issuer_name: 'DANA',
      receipt_id: '606112345678',
      payer_name: '[hidden]',
      payer_account_number: '[hidden]',
      remark: '[hidden]',
    });
  });

  it('of a call that is not listed, and of an answer that is no JSON, shows nothing of the bodies', () => {
    const unlisted = evidenceOf({ ...create, route: '/v2/other' }, midtrans.evidence);
    expect(`${unlisted.request}${unlisted.answer}`).not.toMatch(/pos-01jd|201/);
    const html = { status: 502, headers: {}, body: Buffer.from('<html>CANARY</html>') };
    expect(evidenceOf({ ...create, outcome: html }, midtrans.evidence)).toMatchObject({
      status: 502,
      answer: '[hidden] (19 characters, not JSON)',
    });
  });

  it('says why no answer came', () => {
    expect(evidenceOf({ ...create, outcome: { failure: 'timeout' } }, midtrans.evidence)).toMatchObject({
      status: null,
      answer: null,
      failure: 'timeout',
    });
  });

  it('is ASCII and bounded, whatever was answered', () => {
    const message = { status_message: 'カード\u0000', refunds: Array.from({ length: 500 }, () => ({ refund_key: 'x'.repeat(60) })) };
    const body = Buffer.from(JSON.stringify(message));
    const { answer } = evidenceOf({ ...create, outcome: { status: 200, headers: {}, body } }, midtrans.evidence);
    expect(answer).toMatch(/^\{"status_message":"\\u30ab/);
    expect(answer).toMatch(/^[\n -~]{1,4100}$/);
  });
});

describe('a message as it was received', () => {
  it('keeps its blanks and its order, and hides a field that is listed under another path', () => {
    const raw = '{ "order_id" : "a-1",\n  "data":{"order_id":"CANARY","list":[1, "x", true, null]},\n  "list":[2] }';
    const text = allowedText(raw, allowed('order_id', 'data.list'));
    expect(text).toBe('{ "order_id" : "a-1",\n  "data":{"order_id":"[hidden]","list":[1, "x", true, null]},\n  "list":["[hidden]"] }');
  });

  it('hides the values of a field that is sent twice, and every secret inside a field that is shown', () => {
    expect(allowedText('{"a":"x","b":"CANARY","b":"CANARY","a":"y"}', allowed('a'))).toBe(
      '{"a":"x","b":"[hidden]","b":"[hidden]","a":"y"}',
    );
    expect(allowedText('{"a":"key SB-Mid-server-abcdef123456"}', allowed('a'))).toBe('{"a":"key [redacted]"}');
  });
});
