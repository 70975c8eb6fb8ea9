import fc from 'fast-check';
import { mutated } from '#test/provider/contract/mutated-json.ts';
import { type WebhookNotice, WebhookRefused, WebhookUnreadable } from '../qris-provider.ts';
import { midtransSignature } from './midtrans-signature.ts';
import { midtransWebhookReader } from './midtrans-webhook-reader.ts';

const key = 'SB-Mid-server-DOCSONLY-0000000000000001'; // invented, like all values here: docs/providers.md 2.1
const account = { webhookSecrets: [key] };

/** Source: Midtrans, "HTTP notification / webhooks", settlement (docs/providers.md 2.9). The signature is the one of the document. */
const settlement = {
  transaction_type: 'off-us',
  transaction_time: '2026-03-02 10:00:01',
  transaction_status: 'settlement',
  transaction_id: '6f9b1f2c-0c4a-4a51-9a0d-1f6a7a6f4d10',
  status_message: 'midtrans payment notification',
  status_code: '200',
  signature_key:
    '28f3b8d6af1b6e9cf4c844eff37371bcc56228e2204f64a535cb817431de99dfc7f8875726a1cb8a0705bd2afc16edd548d4d3b659090c8a68dbb40ff0c18a57',
  settlement_time: '2026-03-02 10:03:22',
  payment_type: 'qris',
  order_id: 'ORD-2026-000123-m1',
  gross_amount: '150000.00',
  fraud_status: 'accept',
  issuer: 'dana',
};
const pending = {
  ...settlement,
  transaction_status: 'pending',
  status_code: '201',
  signature_key:
    '9e7a2b562d122905fd8677f5490601c8150ccafcc296f94d2cfdd80a8dd3579d4de82c7c45fbff87885db2cc9a440f7b7af16c8a747eb4f1d685501269e74206',
};
const expired = {
  ...settlement,
  transaction_status: 'expire',
  status_code: '202',
  signature_key:
    '1a174654d80ddcf2389d04ef53f22632d83d8716bd6f8dfc5061f6edf02c78a528181e9dd5424c2444174e7dbb7e6d736611996ecf93660682a56b800f80ebfb',
};
const refund = (id: number, confirmed: boolean) => ({
  refund_chargeback_id: id,
  refund_amount: '50000.00',
  ...(confirmed ? { bank_confirmed_at: '2026-03-03 09:00:12' } : {}),
});
const refunded = (...refunds: unknown[]) => ({ ...settlement, transaction_status: 'partial_refund', refunds });

const bytes = (body: unknown): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const read = (body: unknown, secrets = account): WebhookNotice => midtransWebhookReader.read(bytes(body), {}, secrets);
const keyOf = (body: unknown): string => read(body).deliveryKey;
const signed = (changes: object): object => {
  const body = { ...settlement, ...changes };
  return { ...body, signature_key: midtransSignature(body, key) };
};

describe('a Midtrans signature', () => {
  it('is the digest of the example in the documentation', () => {
    const fields = { order_id: '1111', status_code: '200', gross_amount: '100000.00' };
    expect(midtransSignature(fields, 'askvnoibnosifnboseofinbofinfgbiufglnbfg')).toBe(
      'edc076b21793ebe3e17926350f5b8ae67d902fe657b3d0aa31b932d5c127e2375d308a2bc94f3265ac2d80a1f181a79b997ac178a236fcff35af263fc4d4c231',
    );
  });

  it('is valid for the current key and for the previous one, in any order', () => {
    expect(read(settlement, { webhookSecrets: ['new', key] }).reference).toBe('ORD-2026-000123-m1');
    expect(read(settlement, { webhookSecrets: [key, 'old'] }).reference).toBe('ORD-2026-000123-m1');
  });

  it.each([
    ['another account’s key', settlement, { webhookSecrets: ['SB-Mid-server-another'] }],
    ['no key at all', settlement, { webhookSecrets: [] }],
    ['an empty key', { ...settlement, signature_key: midtransSignature(settlement, '') }, { webhookSecrets: [''] }],
    ['the amount formatted again', { ...settlement, gross_amount: '150000' }],
    ['the amount as a number', { ...settlement, gross_amount: 150000 }],
    ['another amount', { ...settlement, gross_amount: '150001.00' }],
    ['another order', { ...settlement, order_id: 'ORD-2026-000124-m1' }],
    ['another code', { ...settlement, status_code: '201' }],
    ['the fields split at another place', { ...settlement, order_id: 'ORD-2026-000123-m', status_code: '1200' }],
    ['no signature', { ...settlement, signature_key: undefined }],
    ['an empty signature', { ...settlement, signature_key: '' }],
    ['null as the signature', { ...settlement, signature_key: null }],
    ['a list with the signature', { ...settlement, signature_key: [settlement.signature_key] }],
    ['an object that turns into the signature', { ...settlement, signature_key: { toString: settlement.signature_key } }],
    ['the signature in capitals', { ...settlement, signature_key: settlement.signature_key.toUpperCase() }],
    ['a longer text that begins with the signature', { ...settlement, signature_key: `${settlement.signature_key}00` }],
    ['half the signature', { ...settlement, signature_key: settlement.signature_key.slice(0, 64) }],
    ['a letter that looks the same', { ...settlement, order_id: 'ОRD-2026-000123-m1' }],
    ['a zero-width character', { ...settlement, order_id: 'ORD-2026-000123-m1\u200b' }],
    ['a missing order', { ...settlement, order_id: undefined }],
    ['a list that turns into the order id', { ...settlement, order_id: [settlement.order_id] }],
    ['an empty object', {}],
    ['the fields in a prototype', '{"__proto__":{"order_id":"ORD-2026-000123-m1","status_code":"200","gross_amount":"150000.00"}}'],
  ] as [string, unknown, typeof account | undefined][])('is invalid for %s', (_what, body, secrets = account) => {
    expect(() => read(body, secrets)).toThrow(WebhookRefused);
  });

  it.each(['', 'null', '[]', '"settlement"', '7', '{"order_id":', '<html>', '\ufeff{}', '\u0000'])(
    'is not checked when the body is %j',
    (body) => {
      expect(() => read(body)).toThrow(WebhookUnreadable);
    },
  );
});

it('a signed text about a charge of ours is cut into order, code and amount in one way only', () => {
  const genuine = fc.record({
    order_id: fc.integer({ min: 1, max: 999 }).map((no) => `pos-01jd8x2k9f3v5m7q1w4e6r8t0y-${no}`),
    status_code: fc.constantFrom('200', '201', '202'),
    gross_amount: fc
      .oneof(fc.integer({ min: 1, max: 10_000_000 }), fc.constantFrom(20_055_000, 20_155, 202_000, 200))
      .map((idr) => `${idr}.00`),
  });
  const isAccepted = (fields: object) => {
    try {
      return read(fields) !== null;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(genuine, ({ order_id, status_code, gross_amount }) => {
      const joined = `${order_id}${status_code}${gross_amount}`;
      const signature_key = midtransSignature({ order_id, status_code, gross_amount }, key);
      const accepted: string[] = [];
      for (let end = joined.indexOf('-') + 20; end <= joined.length; end++)
        for (let codeEnd = end; codeEnd <= joined.length; codeEnd++) {
          const cut = { order_id: joined.slice(0, end), status_code: joined.slice(end, codeEnd), gross_amount: joined.slice(codeEnd) };
          if (isAccepted({ ...settlement, ...cut, signature_key })) accepted.push(cut.order_id);
        }
      expect(accepted).toEqual([order_id]);
    }),
    { numRuns: 25, seed: 1 },
  );
});

describe('a Midtrans webhook', () => {
  it('names the charge by the signed reference only', () => {
    expect(read(settlement)).toMatchObject({
      reference: 'ORD-2026-000123-m1',
      providerChargeId: null,
      reportedStatus: 'paid',
      refund: null,
    });
  });

  it.each([
    ['pending', pending, 'open'],
    ['settlement', settlement, 'paid'],
    ['SETTLEMENT, fraud ACCEPT', signed({ transaction_status: 'SETTLEMENT', fraud_status: 'ACCEPT' }), 'paid'],
    ['expire', expired, 'expired'],
    ['cancel', { ...expired, transaction_status: 'cancel' }, 'cancelled'],
    ['deny', { ...expired, transaction_status: 'deny' }, 'failed'],
    ['a refund', refunded(refund(183700, false)), 'refunded'],
    ['settlement with the code of an expiry: no status', { ...expired, transaction_status: 'settlement' }, null],
    ['settlement with the code of a pending charge: no status', { ...pending, transaction_status: 'settlement' }, null],
    ['expire with the code of a settlement: no status', { ...settlement, transaction_status: 'expire' }, null],
    ['settlement, fraud deny: no status', { ...settlement, fraud_status: 'deny' }, null],
    ['settlement, fraud status a list: no status', { ...settlement, fraud_status: ['accept'] }, null],
    ['an unknown status', { ...settlement, transaction_status: 'constructor' }, null],
    ['no status', { ...settlement, transaction_status: undefined }, null],
    ['a list of statuses', { ...settlement, transaction_status: ['settlement'] }, null],
  ])('reports its status: %s', (_what, body, reportedStatus) => {
    expect(read(body).reportedStatus).toBe(reportedStatus);
  });

  it('has the same delivery key at every delivery, whatever its other fields are', () => {
    expect(keyOf(settlement)).toBe(keyOf({ ...settlement, status_message: 'again', issuer: 'ovo' }));
  });

  it('has another delivery key for another status, another count of refunds or confirmations, or another order', () => {
    const webhooks = [
      pending,
      settlement,
      expired,
      { ...expired, transaction_status: 'cancel' },
      signed({ order_id: 'another' }),
      refunded(refund(1, false)),
      refunded(refund(1, true)),
      refunded(refund(1, false), refund(2, false)),
      refunded(refund(1, true), refund(2, false)), // the first refund is confirmed, while the second is newer
      refunded(refund(1, true), refund(2, true)),
    ];
    expect(new Set(webhooks.map(keyOf)).size).toBe(webhooks.length);
  });

  it('has one of few delivery keys, however its unsigned fields are varied', () => {
    const variants = fc.record({
      transaction_status: fc.oneof(fc.constantFrom('settlement', 'refund', 'pending', 'expire', 'cancel', 'deny'), fc.string()),
      transaction_id: fc.string(),
      fraud_status: fc.oneof(fc.constantFrom('accept', 'deny'), fc.string()),
      refunds: fc.array(fc.record({ refund_chargeback_id: fc.nat(), bank_confirmed_at: fc.string() })),
      settlement_time: fc.string(),
    });
    const bodies = fc.sample(variants, { numRuns: 3_000, seed: 1 }).map((unsigned) => ({ ...settlement, ...unsigned }));
    const withoutRefunds = new Set(bodies.map(({ refunds: _, ...body }) => keyOf(body)));
    expect(withoutRefunds.size).toBeLessThanOrEqual(3); // paid, refunded, no status
    expect(new Set(bodies.map(keyOf)).size).toBeLessThanOrEqual(3 * 55); // with the counts of refunds and confirmations, each 0 to 9
  });

  it('has a delivery key of fixed length, whatever the unsigned fields are', () => {
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    const text = JSON.stringify(settlement).replace('"6f9b1f2c-0c4a-4a51-9a0d-1f6a7a6f4d10"', deep);
    expect(read(text).deliveryKey).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf({ ...settlement, transaction_id: 'x'.repeat(60_000) })).toMatch(/^[0-9a-f]{64}$/);
  });
});

it('10000 mutated webhooks are read, refused or unreadable, and none names more than its signature covers', () => {
  fc.assert(
    fc.property(mutated([settlement, pending, expired, refunded(refund(1, true))]), (raw) => {
      try {
        const notice = midtransWebhookReader.read(raw, {}, account);
        expect(notice.reference).toBe('ORD-2026-000123-m1');
        expect(notice.deliveryKey).toMatch(/^[0-9a-f]{64}$/);
      } catch (error) {
        expect(error instanceof WebhookRefused || error instanceof WebhookUnreadable).toBe(true);
        expect(String(error)).not.toContain('CANARY');
      }
    }),
    { numRuns: 10_000, seed: 1 },
  );
});
