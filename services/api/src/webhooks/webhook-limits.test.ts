import { createHash } from 'node:crypto';
import type { ProviderAccount } from '@gateway/shared/provider';
import { newReference } from '@gateway/shared/runtime';
import { attempts, payments } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { aPayment } from '@gateway/testing/worker/payment-fixture';

const shared = { baseUrl: 'http://127.0.0.1:1', mode: 'test' } as const;
const accounts: ProviderAccount[] = [
  { provider: 'midtrans', id: 'default', ...shared, secretKey: 'key', webhookSecrets: ['key'] },
  { provider: 'xendit', id: 'default', ...shared, secretKey: 'key', webhookSecrets: ['token'] },
];
let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness({ accounts });
});
afterEach(() => api.clock.advance(120_000)); // the limits are full again
afterAll(() => api?.close());

/** An attempt of ours that a webhook may be about. @returns its reference */
async function anAttempt(): Promise<string> {
  const payment = aPayment({ tenant: api.tenant, createdAt: api.clock.now(), expiresAt: new Date(api.clock.now().getTime() + 900_000) });
  await payments.insert(api.db.pool, payment);
  const now = api.clock.now();
  const start = {
    paymentId: payment.id,
    no: 1,
    provider: 'midtrans',
    account: 'default',
    leaseNo: 0,
    at: now,
    resolveAt: now,
    leaseUntil: now,
  };
  return (await attempts.begin(api.db.pool, start)) as string;
}

const settlement = (orderId: string, unsigned: object = {}) => ({
  transaction_status: 'settlement',
  fraud_status: 'accept',
  transaction_id: 'one',
  ...unsigned,
  order_id: orderId,
  status_code: '200',
  gross_amount: '55000.00',
  signature_key: createHash('sha512').update(`${orderId}20055000.00key`).digest('hex'),
});
const post = async (provider: string, body: object, headers = {}) => {
  const answer = await fetch(`${api.url}/webhooks/${provider}`, { method: 'POST', body: JSON.stringify(body), headers });
  await answer.arrayBuffer();
  return answer;
};
async function twentyAtATime<T, R>(all: readonly T[], call: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += 20) results.push(...(await Promise.all(all.slice(from, from + 20).map(call))));
  return results;
}
const inbox = async (reference: string) =>
  (
    await api.db.pool.query('select sum(octet_length(raw)) as bytes, count(*) as rows from gateway.webhook_inbox where reference = $1', [
      reference,
    ])
  ).rows[0] as { bytes: string; rows: number };

describe('one captured webhook', () => {
  it('keeps few rows and bytes, however its unsigned fields are varied, and is refused at the door after a while', async () => {
    const orderId = await anAttempt();
    const statuses = ['settlement', 'refund', 'partial_refund', 'pending', 'cancel', 'x'];
    const attack = Array.from({ length: 240 }, (_, n) =>
      settlement(orderId, {
        transaction_status: statuses[n % statuses.length],
        transaction_id: `t-${n}`,
        custom_field1: 'x'.repeat(2_000),
      }),
    );
    const answers = await twentyAtATime(attack, (body) => post('midtrans', body));
    expect(await inbox(orderId)).toMatchObject({ rows: 3 }); // paid, refunded, no status
    expect(Number((await inbox(orderId)).bytes)).toBeLessThan(10_000);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(10);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post('midtrans', settlement(await anAttempt()))).status).toBe(200); // the first report of another charge, from there too
  });

  it('costs no statement when it is repeated within seconds', async () => {
    const body = settlement(await anAttempt());
    await post('midtrans', body);
    const before = api.statements.get('inbox-insert') ?? 0;
    for (let n = 0; n < 20; n++) expect((await post('midtrans', body)).status).toBe(200);
    expect(api.statements.get('inbox-insert')).toBe(before);
  });

  it('is not read again for a moment, when the same bytes were refused', async () => {
    const body = settlement(await anAttempt());
    await post('midtrans', body);
    const answers = await twentyAtATime(
      Array.from({ length: 220 }, () => body),
      (copy) => post('midtrans', copy),
    );
    expect(answers.at(-1)?.status).toBe(429);
    api.clock.advance(500); // the rate allows ten more
    expect((await post('midtrans', body)).status).toBe(429);
    expect((await post('midtrans', { ...body, custom_field1: 'other bytes' })).status).toBe(200);
    api.clock.advance(1_000);
    expect((await post('midtrans', body)).status).toBe(200);
  });
});

it('webhooks about unknown charges are kept within a limit, and the first report of a charge of ours has a seat beyond it', async () => {
  const token = { 'x-callback-token': 'token' };
  const paid = (reference_id: string, id: string) => ({
    event: 'payment.capture',
    data: { reference_id, payment_request_id: id, payment_id: id },
  });
  const count = async () => Number((await api.db.pool.query('select count(*) as n from gateway.webhook_inbox')).rows[0].n);
  const before = await count();
  const references = Array.from({ length: 230 }, () => `${newReference('pos')}-1`);
  const answers = await twentyAtATime(references, (reference) => post('xendit', paid(reference, reference), token));
  expect((await count()) - before).toBeLessThanOrEqual(200 + 20); // twenty at a time
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429])); // refused: the provider sends it again
  expect((await post('xendit', paid(await anAttempt(), 'pr-ours'), token)).status).toBe(200);
});
