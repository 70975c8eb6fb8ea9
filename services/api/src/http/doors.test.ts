import { demoKeys } from '@gateway/shared/runtime';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import supertest from 'supertest';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());

interface Operation {
  security?: Record<string, unknown>[];
}

/** Every operation of the OpenAPI document that takes a key, with example ids in its path, and the QR images, which a key opens too. */
async function operationsWithKey(): Promise<[string, string][]> {
  const { body } = await supertest(api.url).get('/openapi.json');
  const paths = Object.entries(body.paths as Record<string, Record<string, Operation>>);
  return paths.flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security = [] }]) => security.some((each) => 'key' in each))
      .map(([method]): [string, string] => [
        method,
        path.replace('{store_id}', 'JKT-01').replace(/\{\w+\}/, 'pay_01jd0000000000000000000000'),
      ]),
  );
}

describe('the door of the api', () => {
  it('refuses a key without the scope of the route, on every route that takes a key', async () => {
    const { secret } = await api.keyFor({ scopes: [] });
    const operations = await operationsWithKey();
    expect(operations.map(([, path]) => path)).toEqual(
      expect.arrayContaining([expect.stringMatching(/qr\.svg$/), expect.stringMatching(/qr\.png$/)]),
    );
    expect(operations.length).toBeGreaterThan(10);
    for (const [method, path] of operations) {
      const answer = await supertest(api.url)
        [method as 'get' | 'post'](path)
        .set('authorization', `Bearer ${secret}`)
        .send(method === 'post' ? {} : undefined);
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 403, 'forbidden']);
    }
  });

  it('refuses a public demo key at each request outside a local stack, and names it', async () => {
    await api.keyFor({ secret: demoKeys.pos });
    const answer = await supertest(api.url).get('/transaction/payments').set('authorization', `Bearer ${demoKeys.pos}`);
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    expect(answer.body.detail).toContain('sk_test_pos_demo');
  });

  it.each(['/health/live', '/docs/', '/problems', '/openapi.json', '/nothing', '/transaction/payments'])(
    'answers %s without the name of its framework, and not for a frame of another site',
    async (path) => {
      const { headers } = await supertest(api.url).get(path);
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff' });
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    },
  );
});
