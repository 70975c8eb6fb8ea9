import { paymentEventTypes } from '@gateway/shared/payment';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import supertest from 'supertest';
import { problems } from '../http/problem-codes.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());

interface Body {
  content?: { 'application/json'?: { example?: unknown } };
}
interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  security: Record<string, string[]>[];
  requestBody?: Body;
  responses: Record<string, Body>;
}
interface Document {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, Record<string, Operation>>;
}

describe('the OpenAPI document', () => {
  it('describes every operation with a tag, a summary and its success answer first, below PUBLIC_URL', async () => {
    const { body } = await supertest(api.url).get('/openapi.json');
    const { openapi, servers, paths } = body as Document;
    expect([openapi, servers]).toEqual(['3.1.0', [{ url: 'http://gateway.test' }]]);
    for (const [path, operations] of Object.entries(paths))
      for (const [method, { tags, summary, responses }] of Object.entries(operations))
        expect([path, method, tags, summary, Object.keys(responses)[0]]).toEqual([
          path,
          method,
          [expect.stringMatching(/^(Payments|Refunds|Orders|Events|Webhook endpoints|Providers)$/)],
          expect.any(String),
          expect.stringMatching(/^20/),
        ]);
  });

  it('names each operation once, the scope that it needs, and an example of each JSON body', async () => {
    const { paths, webhooks } = (await supertest(api.url).get('/openapi.json')).body as Document;
    const operations = [...Object.values(paths), ...Object.values(webhooks)].flatMap((item) => Object.values(item));
    const names = operations.map(({ operationId }) => operationId);
    expect([...new Set(names)]).toEqual(names);
    expect(names).not.toContain(undefined);
    for (const { operationId, security, requestBody, responses } of operations) {
      const bodies = [requestBody, ...Object.values(responses)].map((body) => body?.content?.['application/json']);
      const scopes = security.flatMap(({ key = [] }) => key);
      const isCalledByOthers = /^(on[A-Z]|receive(Provider|Account)Webhook$)/.test(operationId);
      expect([operationId, bodies.filter((body) => body && body.example === undefined), scopes.length > 0]).toEqual([
        operationId,
        [],
        !isCalledByOthers,
      ]);
    }
  });

  it('has examples of requests that can be sent as they are: none is invalid', async () => {
    const { paths } = (await supertest(api.url).get('/openapi.json')).body as Document;
    const { secret: tillKey } = await api.keyFor({ host: 'till' });
    const refused: unknown[] = [];
    for (const [path, operations] of Object.entries(paths))
      for (const [method, { operationId, tags, requestBody }] of Object.entries(operations)) {
        const example = requestBody?.content?.['application/json']?.example;
        if (example === undefined || tags.includes('Providers')) continue;
        const url = path.replace('{store_id}', 'DPS-01').replace(/\{\w+\}/g, 'A-12');
        const { status, body } = await supertest(api.url)
          [method as 'post' | 'put' | 'patch'](url)
          .set({
            authorization: `Bearer ${tags.includes('Orders') ? tillKey : api.key}`,
            prefer: 'respond-async',
            'idempotency-key': operationId,
          })
          .send(example as object);
        // What is not there is not found. A recovery begins at most 72 hours back.
        if (![200, 201, 202, 404].includes(status) && operationId !== 'recoverWebhookEndpoint') refused.push([operationId, status, body]);
      }
    expect(refused).toEqual([]);
  });

  it('has every answer to a request with something wrong in its path, query, key, headers or body', async () => {
    const { paths } = (await supertest(api.url).get('/openapi.json')).body as Document;
    const [{ secret: tillKey }, { secret: keyWithoutScope }] = await Promise.all([
      api.keyFor({ host: 'till' }),
      api.keyFor({ scopes: [] }),
    ]);
    const failed: unknown[] = [];
    for (const [path, operations] of Object.entries(paths))
      for (const [method, { operationId, tags }] of Object.entries(operations)) {
        const url = path
          .replace('{provider}', 'midtrans')
          .replace('{store_id}', 'DPS-01')
          .replace(/\{\w+\}/g, 'x');
        const key = tags.includes('Orders') ? tillKey : api.key;
        const withId = (id: string) => path.replace(/\{\w+\}/g, id);
        const headers = { 'content-type': 'application/json', 'idempotency-key': operationId, prefer: 'wait=0' };
        const wrong: { at?: string; key?: string; headers?: object; body?: string }[] = [
          {},
          { key: '' },
          { key: 'sk_test_of_no_client' },
          { key: keyWithoutScope },
          { key: tags.includes('Orders') ? api.key : tillKey },
          ...['%00', '%E0%A4%A', 'x'.repeat(201), '..%2F..'].map((id) => ({ at: withId(id) })),
          ...['unknown=1', 'limit=0', 'cursor=x', 'after=x', 'since=x', 'status=x', 'q=%07'].map((query) => ({ at: `${url}?${query}` })),
          { headers: { 'content-type': 'text/plain' } },
          { headers: { 'content-encoding': 'gzip' } },
          { headers: { 'idempotency-key': '' } },
          { headers: { 'idempotency-key': 'x'.repeat(256) } },
          ...['{', '[]', '{"unknown":1}', `{"order_id":"${'x'.repeat(140_000)}"}`].map((body) => ({ body })),
        ];
        const send = async (each: (typeof wrong)[number]) => {
          const answer = await fetch(api.url + (each.at ?? url), {
            method: method.toUpperCase(),
            headers: { ...headers, authorization: `Bearer ${each.key ?? key}`, ...each.headers },
            ...(method !== 'get' && { body: each.body ?? '{}' }),
          });
          await answer.arrayBuffer();
          if (answer.status >= 500) failed.push([operationId, each, answer.status]);
        };
        await Promise.all(wrong.map(send));
      }
    expect(failed).toEqual([]);
    expect([...api.undocumentedAnswers]).toEqual([]);
  });

  it('names every code of a problem at some operation, but for the one of the pages of operators', async () => {
    const { paths } = (await supertest(api.url).get('/openapi.json')).body as Document;
    const text = JSON.stringify(paths);
    expect(Object.keys(problems).filter((code) => !text.includes(`"${code}":`))).toEqual(['method_not_allowed']);
  });

  it('describes the webhook of each event type', async () => {
    const { webhooks } = (await supertest(api.url).get('/openapi.json')).body as Document;
    expect(Object.keys(webhooks).sort()).toEqual([...paymentEventTypes, 'webhook.test'].sort());
  });

  it('describes only operations that exist', async () => {
    const { body } = await supertest(api.url).get('/openapi.json');
    for (const [path, operations] of Object.entries((body as Document).paths)) {
      for (const method of Object.keys(operations)) {
        const url = path.replace('{provider}', 'midtrans').replace(/\{\w+\}/g, 'none');
        const answer = await supertest(api.url)[method as 'get' | 'post'](url).set('authorization', `Bearer ${api.key}`);
        const exists = answer.status < 500 && !String(answer.body.detail ?? '').startsWith('No route ');
        expect([method, path, exists]).toEqual([method, path, true]);
      }
    }
  });
});

describe('the docs page', () => {
  it('loads files from the api only', async () => {
    const page = await supertest(api.url).get('/docs/');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'/);
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset]) => asset as string);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      expect(asset).toMatch(/^\/docs\//);
      expect([asset, (await supertest(api.url).get(asset)).status]).toEqual([asset, 200]);
    }
  });
});
