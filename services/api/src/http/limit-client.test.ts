import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import supertest from 'supertest';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness({ clientRequestsPerSecond: 5 });
});
afterAll(() => api.close());

const get = (key: string) => supertest(api.url).get('/transaction/payments/none').set('authorization', `Bearer ${key}`);

describe('a key that sends too many requests', () => {
  it('is answered 429 with Retry-After, and other keys are not limited', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(api.key)));
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThanOrEqual(10); // a new second may have begun
    expect(limited[0]?.body.code).toBe('rate_limited');
    expect(limited[0]?.headers['retry-after']).toBe('1');
    const { secret } = await api.keyFor({});
    expect((await get(secret)).status).toBe(404);
  });
});
