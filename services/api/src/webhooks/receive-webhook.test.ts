import { createHash } from 'node:crypto';
import type { ProviderAccount } from '@gateway/shared/provider';
import { newReference, plusMs } from '@gateway/shared/runtime';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { ownRedis } from '@gateway/testing/database/servers';

const account = (provider: string, id: string, webhookSecrets: string[]): ProviderAccount => ({
  provider,
  id,
  baseUrl: 'http://127.0.0.1:1',
  mode: 'test',
  secretKey: webhookSecrets[0] as string,
  webhookSecrets,
});
const accounts = [
  account('midtrans', 'default', ['key-present', 'key-previous']),
  account('midtrans', 'jkt', ['key-jkt']),
  account('xendit', 'default', ['token-present', 'token-previous']),
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

/** As Midtrans writes and signs it. */
function paidNotice({ orderId = ourReference(), key = 'key-present', id = orderId }: NoticeOptions = {}): string {
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
): Promise<{ status: number; body: Record<string, unknown>; ms: number }> {
  const started = performance.now();
  const answer = await fetch(`${api.url}/webhooks/${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'user-agent': 'Veritrans', authorization: 'Basic c2VjcmV0', ...headers },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, ms: performance.now() - started };
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

describe('a genuine webhook about a reference of ours', () => {
  it('is kept as it came, with nothing secret, and answered 200', async () => {
    const orderId = ourReference();
    const notice = paidNotice({ orderId });
    expect(await post('midtrans', notice, { 'webhook-id': 'w-1' })).toMatchObject({ status: 200, body: { received: true } });
    const [row] = await storedWebhooks(orderId);
    expect(row?.raw.toString()).toBe(notice);
    expect(row?.headers).toEqual({ 'content-type': 'application/json', 'user-agent': 'Veritrans', 'webhook-id': 'w-1' });
    expect(row).toMatchObject({ account: 'default', verdict: null, next_try_at: plusMs(api.clock.now(), 3_000) });
  });

  it('is kept once, however often it comes', async () => {
    const orderId = ourReference();
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('midtrans', paidNotice({ orderId }))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await storedWebhooks(orderId)).toHaveLength(1);
  });

  it('may be signed with the secret before the last', async () => {
    expect((await post('midtrans', paidNotice({ key: 'key-previous' }))).status).toBe(200);
    const token = { 'x-callback-token': 'token-previous' };
    expect((await post('xendit', JSON.stringify({ event: 'payment.capture', data: { reference_id: ourReference() } }), token)).status).toBe(
      200,
    );
  });

  it('is answered 200 when the queue is away: its row is due, and the sweep will find it', async () => {
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

describe('what is not about us', () => {
  it('is answered 200, counted, and never looked at again', async () => {
    expect((await post('midtrans', paidNotice({ orderId: 'webshop-4711' }))).status).toBe(200);
    expect(await storedWebhooks('webshop-4711')).toMatchObject([{ verdict: 'not_ours', next_try_at: null }]);
  });

  it('nor is a host that nobody serves here', async () => {
    const orderId = `${newReference('elsewhere')}-1`;
    expect((await post('midtrans', paidNotice({ orderId }))).status).toBe(200);
    expect(await storedWebhooks(orderId)).toMatchObject([{ verdict: 'not_ours' }]);
  });
});

describe('what is refused', () => {
  it.each([
    ['signed by nobody', 'midtrans', paidNotice({ key: 'guessed' }), {}, 401],
    ['with another account’s secret', 'midtrans/jkt', paidNotice(), {}, 401],
    ['with a token that is not ours', 'xendit', '{"event":"payment.capture"}', { 'x-callback-token': 'guessed' }, 401],
    ['without a token', 'xendit', '{"event":"payment.capture"}', {}, 401],
    ['that is no JSON', 'midtrans', 'order_id=1', {}, 400],
    ['that is no JSON, with a token', 'xendit', '[]', { 'x-callback-token': 'token-present' }, 400],
    ['of 65 KiB', 'midtrans', JSON.stringify({ filler: 'x'.repeat(65 * 1_024) }), {}, 413],
    ['of an account that is not configured', 'midtrans/sby', paidNotice(), {}, 404],
    ['of no provider', 'stripe', paidNotice(), {}, 404],
  ])('a webhook %s, and nothing of it is kept', async (_, path, body, headers, status) => {
    const before = await countStoredWebhooks();
    expect((await post(path, body, headers as Record<string, string>)).status).toBe(status);
    expect(await countStoredWebhooks()).toBe(before);
  });

  it('an account’s own secret opens its own address', async () => {
    const orderId = ourReference();
    expect((await post('midtrans/jkt', paidNotice({ orderId, key: 'key-jkt' }))).status).toBe(200);
    expect(await storedWebhooks(orderId)).toMatchObject([{ account: 'jkt' }]);
  });
});

describe('a provider in a hurry', () => {
  it('is answered 200 to each of a hundred at a time, within the five seconds that it waits, and each is kept', async () => {
    const before = await countStoredWebhooks();
    const answers = await Promise.all(Array.from({ length: 100 }, () => post('midtrans', paidNotice())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(5_000);
    expect(await countStoredWebhooks()).toBe(before + 100);
  });

  it('is answered 503 while the database is away, and comes again', async () => {
    const orderId = ourReference();
    await api.databaseProxy.disconnect();
    expect(await post('midtrans', paidNotice({ orderId }))).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    expect((await post('midtrans', paidNotice({ key: 'guessed' }))).status).toBe(401); // that much is known without one
    await api.databaseProxy.reconnect();
    expect((await post('midtrans', paidNotice({ orderId }))).status).toBe(200);
    expect(await storedWebhooks(orderId)).toHaveLength(1);
  }, 20_000);
});
