import { createHash } from 'node:crypto';
import type { ProviderAccount } from '@gateway/shared/provider';
import { newReference } from '@gateway/shared/runtime';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import fc from 'fast-check';

const account = (provider: string, secret: string): ProviderAccount => ({
  provider,
  id: 'default',
  baseUrl: 'http://127.0.0.1:1',
  mode: 'test',
  secretKey: secret,
  webhookSecrets: [secret],
});

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness({ accounts: [account('midtrans', 'key'), account('xendit', 'token')] });
});
afterAll(() => api.close());

/** Zero bytes, other control characters, halves of surrogate pairs, blanks, ids that are nearly right, and texts that are far too long. */
const anyText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.string({ unit: fc.constantFrom('\u0000', '\u0001', '\u007f', '\ud800', '\udfff', ' ', '\n', "'", '%', '7', 'é', '😀') }),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\u0000', 'pay_01jd0000000000000000000000\u0000', 'JKT-01\u0000', '', 'null', '-1', 'x'.repeat(7_000)),
  },
);
const runs = 40;

/** A text as a caller writes it in a path or a query. A half of a surrogate pair is written as the bytes that it would have. */
const escaped = (text: string): string =>
  [...text].map((character) => (character.isWellFormed() ? encodeURIComponent(character) : '%ED%A0%80')).join('');

const call = async (path: string, init: RequestInit = {}): Promise<number> => {
  api.clock.advance(1_000); // no limit of requests a second hides what a text does
  const headers = { authorization: `Bearer ${api.key}`, prefer: 'wait=0', 'content-type': 'application/json', ...init.headers };
  const answer = await fetch(`${api.url}${path}`, { ...init, headers });
  await answer.body?.cancel();
  return answer.status;
};
const neverFails = (send: (text: string) => Promise<number>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      expect(await send(text)).toBeLessThan(500);
    }),
    { numRuns: runs, seed: 1 },
  );
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  call(path, { method: 'POST', body: JSON.stringify(body), headers });

describe('any text in a request', () => {
  it.each([
    ['a payment id', (id: string) => `/transaction/payments/${id}`],
    ['the payment id of a timeline', (id: string) => `/transaction/payments/${id}/timeline`],
    ['the payment id of refunds', (id: string) => `/transaction/payments/${id}/refunds`],
    ['the payment id of a picture', (id: string) => `/transaction/payments/${id}/qr.svg?expires=1&signature=x`],
    ['the link of a picture', (text: string) => `/transaction/payments/pay_01jd0000000000000000000000/qr.png?exp=${text}&sig=${text}`],
    ['a refund id', (id: string) => `/transaction/refunds/${id}`],
    ['an order id', (id: string) => `/transaction/orders/${id}/payment`],
    ['a store id of events', (id: string) => `/stores/${id}/events`],
    ['a store id of a snapshot', (id: string) => `/stores/${id}/snapshot`],
    ['a stream token', (token: string) => `/stores/JKT-01/events?token=${token}`],
    ...['order_id', 'store_id', 'status', 'live', 'from', 'to', 'limit', 'cursor', 'unknown'].map(
      (name) => [`the filter ${name}`, (text: string) => `/transaction/payments?${name}=${text}`] as const,
    ),
    ...['after', 'limit'].map(
      (name) => [`the page of events by ${name}`, (text: string) => `/stores/JKT-01/events?${name}=${text}`] as const,
    ),
    ['an unknown path', (text: string) => `/${text}`],
    ['the account of a webhook', (text: string) => `/webhooks/midtrans/${text}`],
  ] as const)('is never answered 500: %s', async (_, pathWith) => {
    await neverFails((text) => call(pathWith(escaped(text))));
  });

  it('is never answered 500: ids of actions', async () => {
    for (const action of ['check', 'cancel', 'refunds'])
      await neverFails((id) =>
        post(`/transaction/payments/${escaped(id)}/${action}`, { amount: 1, reason: 'x' }, { 'idempotency-key': `k-${action}` }),
      );
    await neverFails((id) => post(`/stores/${escaped(id)}/stream-token`, {}));
  });

  it('is never answered 500: the fields of a body, and their names', async () => {
    await neverFails((text) => post('/transaction/payments', { order_id: text }));
    await neverFails((text) => post('/transaction/payments', { order_id: 'x', [text]: text }));
    await neverFails((text) => post('/transaction/payments', { order_id: 'x', expires_in: text }));
  });

  it('is never answered 500: a header that Node sends', async () => {
    const sendable = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
    const orderId = await anOrder(api.db.pool);
    for (const name of ['idempotency-key', 'last-event-id', 'x-request-id', 'authorization', 'x-forwarded-for'])
      await neverFails((text) => post('/transaction/payments', { order_id: orderId }, { [name]: sendable(text) }));
    await neverFails((text) => post('/transaction/payments', { order_id: orderId }, { prefer: `${sendable(text)};wait=0` }));
  });
});

it('an id in a path has at most 200 characters, also when each of them is written as several bytes', async () => {
  const paths = [
    '/transaction/orders/ID/payment',
    '/transaction/payments/ID/check',
    '/stores/ID/snapshot',
    '/webhooks/midtrans/ID',
    '/docs/ID',
  ];
  for (const path of paths) {
    expect(await call(path.replace('ID', 'é'.repeat(201)))).toBe(400);
    expect(await call(path.replace('ID', 'a-'.repeat(7_700)))).toBe(400);
  }
  expect(await call('/transaction/orders/ID/payment'.replace('ID', 'é'.repeat(200)))).toBe(404);
});

describe('a genuine webhook', () => {
  /** Any fields beside the signed ones, and any text in each of them. */
  const fields = (names: readonly string[]) => fc.record(Object.fromEntries(names.map((name) => [name, fc.option(anyText)])));

  it('of Midtrans is stored whatever its texts hold', async () => {
    const names = ['transaction_id', 'transaction_status', 'fraud_status', 'issuer', 'refund_key', 'merchant_id', 'custom_field1'];
    await fc.assert(
      fc.asyncProperty(fields(names), anyText, fc.boolean(), async (body, text, isOurs) => {
        const order_id = isOurs ? `${newReference('pos')}-1` : `o${text}`;
        const signature_key = createHash('sha512').update(`${order_id}20055000.00key`).digest('hex');
        const notice = { ...body, order_id, status_code: '200', gross_amount: '55000.00', refunds: [body], signature_key };
        expect(await post('/webhooks/midtrans', notice)).toBe(200);
      }),
      { numRuns: runs, seed: 1 },
    );
  });

  it('of Xendit is stored whatever its texts hold', async () => {
    const names = ['id', 'payment_id', 'payment_request_id', 'reference_id', 'status', 'reason', 'failure_code'];
    const events = fc.oneof(anyText, fc.constantFrom('refund.succeeded', 'refund.failed', 'payment.capture'));
    await fc.assert(
      fc.asyncProperty(fields(names), events, anyText, async (data, event, text) => {
        const notice = { event, data: { ...data, metadata: { charge_reference: text } } };
        expect(await post('/webhooks/xendit', notice, { 'x-callback-token': 'token' })).toBe(200);
      }),
      { numRuns: runs, seed: 1 },
    );
  });
});
