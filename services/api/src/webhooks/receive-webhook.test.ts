import { createHash, randomUUID } from 'node:crypto';
import type { ProviderAccount } from '@gateway/shared/provider';
import { newReference, plusMs } from '@gateway/shared/runtime';
import { payments } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { ownRedis } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';

const account = (provider: string, id: string, webhookSecrets: string[]): ProviderAccount => ({
  provider,
  id,
  baseUrl: 'http://127.0.0.1:1',
  mode: 'test',
  secretKey: webhookSecrets[0] as string,
  webhookSecrets,
});
const accounts = [
  account('midtrans', 'default', ['key-current', 'key-previous']),
  account('midtrans', 'jkt', ['key-jkt']),
  account('xendit', 'default', ['token-current', 'token-previous']),
];

let redis: Awaited<ReturnType<typeof ownRedis>>;
let api: ApiHarness;
beforeAll(async () => {
  redis = await ownRedis();
  api = await startApiHarness({ accounts, redisUrl: redis.url });
});
afterAll(async () => {
  await api?.close();
  await redis?.kill();
});

const ourReference = () => `${newReference('pos')}-1`;

interface NoticeOptions {
  orderId?: string;
  key?: string;
  id?: string;
}

/** The body of a webhook that reports paid, as Midtrans writes and signs it. */
function paidNotice({ orderId = ourReference(), key = 'key-current', id = orderId }: NoticeOptions = {}): string {
  const signature_key = createHash('sha512').update(`${orderId}20055000.00${key}`).digest('hex');
  const fields = {
    transaction_status: 'settlement',
    fraud_status: 'accept',
    transaction_id: id,
    status_code: '200',
    gross_amount: '55000.00',
  };
  return JSON.stringify({ ...fields, order_id: orderId, signature_key });
}

async function post(
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${api.url}/webhooks/${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'user-agent': 'Veritrans', authorization: 'Basic c2VjcmV0', ...headers },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

interface StoredWebhook {
  raw: Buffer;
  headers: Record<string, string>;
  account: string;
  verdict: string | null;
  next_try_at: Date | null;
}
const storedWebhooks = async (reference: string): Promise<StoredWebhook[]> =>
  (
    await api.db.pool.query<StoredWebhook & Record<string, unknown>>('select * from gateway.webhook_inbox where reference = $1', [
      reference,
    ])
  ).rows;
const countStoredWebhooks = async (): Promise<number> =>
  (await api.db.pool.query<{ count: number }>('select count(*) from gateway.webhook_inbox')).rows[0]?.count ?? 0;

describe('a genuine webhook about a reference of the gateway', () => {
  it('is stored byte for byte without secret headers, and answered 200', async () => {
    const orderId = ourReference();
    const notice = paidNotice({ orderId });
    expect(await post('midtrans', notice, { 'webhook-id': 'w-1' })).toMatchObject({ status: 200, body: { received: true } });
    const [row] = await storedWebhooks(orderId);
    expect(row?.raw.toString()).toBe(notice);
    expect(row?.headers).toEqual({ 'content-type': 'application/json', 'user-agent': 'Veritrans', 'webhook-id': 'w-1' });
    expect(row).toMatchObject({ account: 'default', verdict: null, next_try_at: plusMs(api.clock.now(), 3_000) });
  });

  it('is stored once, however often it is delivered', async () => {
    const orderId = ourReference();
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('midtrans', paidNotice({ orderId }))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await storedWebhooks(orderId)).toHaveLength(1);
  });

  it('may be signed with the previous secret', async () => {
    expect((await post('midtrans', paidNotice({ key: 'key-previous' }))).status).toBe(200);
    const token = { 'x-callback-token': 'token-previous' };
    expect((await post('xendit', JSON.stringify({ event: 'payment.capture', data: { reference_id: ourReference() } }), token)).status).toBe(
      200,
    );
  });

  it('is answered 200 when the queue is unavailable, and its row has a deadline for the sweep', async () => {
    const orderId = ourReference();
    await redis.kill();
    try {
      expect((await post('midtrans', paidNotice({ orderId }))).status).toBe(200);
      expect((await storedWebhooks(orderId))[0]?.next_try_at).not.toBeNull();
    } finally {
      await redis.start();
    }
  });
});

describe('a genuine webhook about a charge of the gateway that names no reference of ours', () => {
  const aCharge = async () => {
    const payment = aPayment({ tenant: api.tenant, createdAt: api.clock.now() });
    await payments.insert(api.db.pool, payment);
    const attempt = { payment_id: payment.id, no: 1, account: 'default', reference: `${payment.reference}-1`, started_at: api.clock.now() };
    return { payment, attempt };
  };

  it.each([null, 'RF-2026-000045'])(
    'is stored for its host under our reference: a refund of Xendit’s dashboard named %j',
    async (reference_id) => {
      const { attempt } = await aCharge();
      const id = `pr-${attempt.reference}`;
      await api.db.knex('gateway.attempts').insert({ ...attempt, provider: 'xendit', status: 'open', provider_charge_id: id });
      const notice = { event: 'refund.succeeded', data: { id: `rfd-${id}`, payment_request_id: id, reference_id, status: 'SUCCEEDED' } };
      expect((await post('xendit', JSON.stringify(notice), { 'x-callback-token': 'token-current' })).status).toBe(200);
      expect(await storedWebhooks(attempt.reference)).toMatchObject([{ verdict: null, provider_refund_id: `rfd-${id}` }]);
    },
  );

  it('is stored for its host when Midtrans’ order id is the transaction id, which is signed then', async () => {
    const { attempt } = await aCharge();
    const id = randomUUID();
    await api.db.knex('gateway.attempts').insert({ ...attempt, provider: 'midtrans', status: 'open', provider_charge_id: id });
    expect((await post('midtrans', paidNotice({ orderId: id }))).status).toBe(200);
    expect(await storedWebhooks(attempt.reference)).toMatchObject([{ verdict: null }]);
  });

  it('is not ours when the charge is another account’s', async () => {
    const { attempt } = await aCharge();
    const id = randomUUID();
    await api.db
      .knex('gateway.attempts')
      .insert({ ...attempt, provider: 'midtrans', account: 'jkt', status: 'open', provider_charge_id: id });
    expect((await post('midtrans', paidNotice({ orderId: id }))).status).toBe(200);
    expect(await storedWebhooks(id)).toMatchObject([{ verdict: 'not_ours' }]);
  });
});

describe('a genuine webhook about another reference', () => {
  it('is answered 200, stored as not_ours, and not verified', async () => {
    expect((await post('midtrans', paidNotice({ orderId: 'webshop-4711' }))).status).toBe(200);
    expect(await storedWebhooks('webshop-4711')).toMatchObject([{ verdict: 'not_ours', next_try_at: null }]);
  });

  it('is not_ours too when its reference names an unknown host', async () => {
    const orderId = `${newReference('elsewhere')}-1`;
    expect((await post('midtrans', paidNotice({ orderId }))).status).toBe(200);
    expect(await storedWebhooks(orderId)).toMatchObject([{ verdict: 'not_ours' }]);
  });
});

describe('a webhook that is refused', () => {
  it.each([
    ['with an invalid signature', 'midtrans', paidNotice({ key: 'guessed' }), {}, 401],
    ['with another account’s secret', 'midtrans/jkt', paidNotice(), {}, 401],
    ['with an invalid token', 'xendit', '{"event":"payment.capture"}', { 'x-callback-token': 'guessed' }, 401],
    ['without a token', 'xendit', '{"event":"payment.capture"}', {}, 401],
    ['that is not JSON', 'midtrans', 'order_id=1', {}, 400],
    ['that is not a JSON object', 'xendit', '[]', { 'x-callback-token': 'token-current' }, 400],
    ['of 65 KiB', 'midtrans', JSON.stringify({ filler: 'x'.repeat(65 * 1_024) }), {}, 413],
    ['of an account that is not configured', 'midtrans/sby', paidNotice(), {}, 404],
    ['of an unknown provider', 'stripe', paidNotice(), {}, 404],
  ])('is not stored: %s', async (_, path, body, headers, status) => {
    const before = await countStoredWebhooks();
    expect((await post(path, body, headers as Record<string, string>)).status).toBe(status);
    expect(await countStoredWebhooks()).toBe(before);
  });

  it('is accepted on the URL of the account whose secret signed it', async () => {
    const orderId = ourReference();
    expect((await post('midtrans/jkt', paidNotice({ orderId, key: 'key-jkt' }))).status).toBe(200);
    expect(await storedWebhooks(orderId)).toMatchObject([{ account: 'jkt' }]);
  });
});

describe('a provider that delivers many webhooks', () => {
  it('is answered 200 for each of a hundred at once, and each is stored', async () => {
    const before = await countStoredWebhooks();
    const answers = await Promise.all(Array.from({ length: 100 }, () => post('midtrans', paidNotice())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await countStoredWebhooks()).toBe(before + 100);
  });

  it('is answered 503 while the database is unavailable, and delivers again', async () => {
    const orderId = ourReference();
    await api.databaseProxy.disconnect();
    expect(await post('midtrans', paidNotice({ orderId }))).toMatchObject({ status: 503, body: { code: 'host_unavailable' } });
    expect((await post('midtrans', paidNotice({ key: 'guessed' }))).status).toBe(401); // the signature is checked without a database
    await api.databaseProxy.reconnect();
    expect((await post('midtrans', paidNotice({ orderId }))).status).toBe(200);
    expect(await storedWebhooks(orderId)).toHaveLength(1);
  });
});
