import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import supertest from 'supertest';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness({ clientRequestsPerSecond: 5 });
});
afterAll(() => api.close());

const get = (key: string) => supertest(api.url).get('/transaction/payments/none').set('authorization', `Bearer ${key}`);

describe('a key in a loop', () => {
  it('is stopped, and told for how long; the others are not', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(api.key)));
    const stopped = answers.filter(({ status }) => status === 429);
    expect(stopped.length).toBeGreaterThanOrEqual(10); // a second may have turned meanwhile
    expect(stopped[0]?.body.code).toBe('rate_limited');
    expect(stopped[0]?.headers['retry-after']).toBe('1');
    const { secret } = await api.keyFor({});
    expect((await get(secret)).status).toBe(404);
  });
});
