import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createGatewayClient, GatewayProblem, PaymentNotPaid, verifyWebhook } from '@gateway/client';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { checkoutDir } from '@gateway/testing/checkout';
import { testSecret } from '@gateway/testing/webhooks/test-secrets';
import { Webhook } from 'standardwebhooks';
import { clientTypes } from './client-types.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());

type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | 'lost';

/** A client whose requests are answered by this list, one after the other. */
function scripted(...answers: Answer[]) {
  const requests: Request[] = [];
  const client = createGatewayClient({
    baseUrl: 'https://pay.example.id',
    key: 'sk_test',
    retry: { firstDelayMs: 1 },
    fetch: async (input) => {
      requests.push(input as Request);
      const answer = answers[requests.length - 1] ?? 'lost';
      if (answer === 'lost') throw new TypeError('fetch failed');
      return new Response(JSON.stringify(answer.body ?? {}), {
        status: answer.status,
        headers: { 'content-type': 'application/json', ...answer.headers },
      });
    },
  });
  return { client, requests };
}

describe('the client', () => {
  it('has the types of the OpenAPI document: npm run openapi -- types writes them', async () => {
    expect(readFileSync(path.join(checkoutDir, 'packages/client/src/generated/api.ts'), 'utf8')).toBe(await clientTypes());
  });

  it('talks to a gateway, and throws its refusals as typed problems', async () => {
    const client = createGatewayClient({ baseUrl: api.url, key: api.key });
    expect(await client.payments.list({ limit: '1' as never })).toMatchObject({ payments: [] });
    const endpoint = await client.webhookEndpoints.create({
      url: 'https://hook.example.id/',
      events: ['*'],
      store_ids: null,
      description: null,
    });
    expect(endpoint.secret).toMatch(/^whsec_/);
    await client.webhookEndpoints.remove(endpoint.id);
    const refused = await client.webhookEndpoints.get(endpoint.id).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(GatewayProblem);
    expect(refused).toMatchObject({ status: 404, code: 'not_found', requestId: expect.stringMatching(/^req_/) });
  });

  it('sends an Idempotency-Key by default, the same one when it repeats a request', async () => {
    const { client, requests } = scripted(
      'lost',
      { status: 503, headers: { 'retry-after': '0' } },
      { status: 201, body: { payment_id: 'pay_1' } },
    );
    expect(await client.payments.create({ order_id: '1', expires_in: 900 })).toEqual({ payment_id: 'pay_1' });
    const keys = requests.map(({ headers }) => headers.get('idempotency-key'));
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('does not repeat what is not safe, nor a refusal', async () => {
    const unsafe = scripted('lost');
    await expect(unsafe.client.payments.cancel('pay_1')).rejects.toThrow('fetch failed');
    const refused = scripted({ status: 422, body: { code: 'amount_out_of_range', detail: 'Too large.' } });
    await expect(refused.client.payments.create({ order_id: '1', expires_in: 900 })).rejects.toMatchObject({
      code: 'amount_out_of_range',
      message: 'Too large.',
    });
    expect([unsafe.requests.length, refused.requests.length]).toEqual([1, 1]);
  });

  it('waits until a payment is paid, and says when it ends otherwise', async () => {
    const answer = (status: string) => ({ status: 200, body: { payment_id: 'pay_1', status } });
    const paid = scripted(answer('created'), answer('pending'), answer('paid'));
    expect(await paid.client.payments.waitUntilPaid('pay_1', { everyMs: 1 })).toMatchObject({ status: 'paid' });
    const expired = scripted(answer('pending'), answer('expired'));
    await expect(expired.client.payments.waitUntilPaid('pay_1', { everyMs: 1 })).rejects.toThrow(PaymentNotPaid);
    const endless = scripted(answer('pending'));
    await expect(endless.client.payments.waitUntilPaid('pay_1', { everyMs: 60_000, signal: AbortSignal.timeout(20) })).rejects.toThrow(
      /timeout/,
    );
  });

  it('verifies webhooks from the headers of Node and of fetch', () => {
    const [id, now, body] = ['evt_1', new Date(), '{"event_id":"evt_1","type":"payment.paid","data":{}}'];
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': new Webhook(testSecret).sign(id, now, body),
    };
    for (const form of [headers, new Headers(headers)]) expect(verifyWebhook(Buffer.from(body), form, testSecret).event_id).toBe(id);
    expect(() => verifyWebhook(`${body} `, headers, testSecret)).toThrow();
  });
});
