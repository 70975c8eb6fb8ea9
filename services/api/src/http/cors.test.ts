import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';

const kitchen = 'https://kitchen.example.id';
let apiWithOrigins: ApiHarness;
let apiWithoutOrigins: ApiHarness;

beforeAll(async () => {
  [apiWithOrigins, apiWithoutOrigins] = await Promise.all([startApiHarness({ corsOrigins: [kitchen] }), startApiHarness()]);
});
afterAll(() => Promise.all([apiWithOrigins.close(), apiWithoutOrigins.close()]));

const corsOf = ({ headers }: Response) => [...headers].filter(([name]) => name.startsWith('access-control'));
const preflight = (api: ApiHarness, origin: string) =>
  fetch(`${api.url}/transaction/payments`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,idempotency-key' },
  });

describe('a page of a listed origin', () => {
  it('may call the api: its preflight is answered, and cached for two hours', async () => {
    const answer = await preflight(apiWithOrigins, kitchen);
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(corsOf(answer))).toMatchObject({
      'access-control-allow-origin': kitchen,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': expect.stringContaining('Authorization'),
      'access-control-max-age': '7200',
    });
  });

  it('may read every answer, also a problem, and the exposed headers; credentials are never allowed', async () => {
    const answer = await fetch(`${apiWithOrigins.url}/stores/JKT-01/events`, { headers: { origin: kitchen } });
    expect([answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('vary')]).toEqual([
      401,
      kitchen,
      'Origin',
    ]);
    expect(answer.headers.get('access-control-expose-headers')).toContain('Retry-After');
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
  });
});

describe('a page of another origin', () => {
  it.each(['https://kitchen.example.id.evil.example', 'http://kitchen.example.id', 'null'])('gets no CORS header: %s', async (origin) => {
    const answers = [await preflight(apiWithOrigins, origin), await fetch(`${apiWithOrigins.url}/health/live`, { headers: { origin } })];
    expect(answers.flatMap(corsOf)).toEqual([]);
  });
});

describe('without CORS_ORIGINS', () => {
  it('no answer has a CORS header', async () => {
    const answers = [
      await preflight(apiWithoutOrigins, kitchen),
      await fetch(`${apiWithoutOrigins.url}/health/live`, { headers: { origin: kitchen } }),
    ];
    expect(answers.flatMap(corsOf)).toEqual([]);
    expect(answers.map(({ headers }) => headers.has('vary'))).toEqual([false, false]);
  });
});
