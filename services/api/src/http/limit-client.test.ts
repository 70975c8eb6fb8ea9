import supertest from 'supertest';
import { type FrontDesk, openFrontDesk } from '../../test/front-desk.ts';

let desk: FrontDesk;
beforeAll(async () => {
  desk = await openFrontDesk({ clientRequestsPerSecond: 5 });
});
afterAll(() => desk.close());

const ask = (key: string) => supertest(desk.url).get('/transaction/payments/none').set('authorization', `Bearer ${key}`);

describe('a key in a loop', () => {
  it('is stopped, and told for how long; the others are not', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(desk.key)));
    const stopped = answers.filter(({ status }) => status === 429);
    expect(stopped.length).toBeGreaterThanOrEqual(10); // a second may have turned meanwhile
    expect(stopped[0]?.body.code).toBe('rate_limited');
    expect(stopped[0]?.headers['retry-after']).toBe('1');
    const { secret } = await desk.keyFor({});
    expect((await ask(secret)).status).toBe(404);
  });
});
