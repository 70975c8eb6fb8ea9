import type { ProviderAccount } from '@gateway/shared/provider';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { tillAt } from '@gateway/testing/stack/till';

const account: ProviderAccount = {
  provider: 'xendit',
  id: 'default',
  baseUrl: 'http://127.0.0.1:1',
  mode: 'test',
  secretKey: 'key',
  webhookSecrets: ['token'],
};
const securityLines: Record<string, unknown>[] = [];

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness({ accounts: [account], corsOrigins: ['https://kitchen.example.id'], trustProxy: 1, securityLines });
});
afterAll(() => api.close());

interface Call {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

async function send(address: string, { path, method = 'GET', headers = {}, body }: Call): Promise<Response> {
  const answer = await fetch(`${api.url}${path}`, {
    method,
    headers: { ...headers, 'x-forwarded-for': address },
    ...(body === undefined ? {} : { body }),
  });
  await answer.arrayBuffer();
  return answer;
}

const payments = '/transaction/payments';
const preflight = { origin: 'https://kitchen.example.id', 'access-control-request-method': 'POST' };
const forged: Call = { path: '/webhooks/xendit', method: 'POST', headers: { 'x-callback-token': 'wrong' }, body: '{}' };
const genuine: Call = { ...forged, headers: { 'x-callback-token': 'token' } };

describe('what can be reached without a key', () => {
  it.each<[string, number, Call]>([
    ['no key', 401, { path: payments }],
    ['an unknown key', 401, { path: payments, headers: { authorization: 'Bearer sk_live_guessed' } }],
    ['an unknown key for a QR', 401, { path: `${payments}/pay_01jd0000000000000000000000/qr.svg?sig=guessed` }],
    ['an invalid stream token', 401, { path: '/stores/JKT-01/events?token=a.b' }],
    ['an unknown route', 404, { path: '/wp-login.php' }],
    ['a control character', 400, { path: '/%00' }],
    ['a forged webhook', 401, forged],
    ['a webhook for an unknown account', 404, { ...genuine, path: '/webhooks/xendit/other' }],
    ['the docs', 200, { path: '/docs/' }],
    ['the OpenAPI document', 200, { path: '/openapi.json' }],
    ['an error page', 200, { path: '/problems/rate_limited' }],
    ['health', 200, { path: '/health/live' }],
    ['a preflight', 204, { path: payments, method: 'OPTIONS', headers: preflight }],
  ])('is limited by address: %s', async (_what, status, call) => {
    const address = `192.0.2.${1 + Math.floor(Math.random() * 1e6)}`; // any text counts as an address here
    const answers = await Promise.all(Array.from({ length: 110 }, () => send(address, call)));
    expect(answers.filter((answer) => answer.status === status)).toHaveLength(100);
    const limited = answers.filter((answer) => answer.status === 429);
    expect(limited).toHaveLength(10);
    expect(limited[0]?.headers.get('retry-after')).toBe('1');

    expect((await send('198.51.100.1', call)).status).toBe(status); // another address
    expect((await send(address, { path: payments, headers: { authorization: `Bearer ${api.key}` } })).status).toBe(200); // a valid key
    api.clock.advance(1_000);
    expect((await send(address, call)).status).toBe(status); // later
  });

  it('a genuine webhook is never counted, and no flood but one of forged webhooks from its own address keeps it out', async () => {
    for (let n = 0; n < 110; n++) expect((await send('203.0.113.1', genuine)).status).toBe(200);
    for (let n = 0; n < 110; n++) await send('203.0.113.1', { path: '/nothing' });
    expect((await send('203.0.113.1', genuine)).status).toBe(200);
  });
});

describe('the security log', () => {
  const eventsFrom = (address: string) =>
    securityLines.filter((line) => line.address === address).map(({ event_type, principal, route }) => [event_type, principal, route]);

  it('names the address and the principal of refused keys, scopes and stores, and each is counted in a metric', async () => {
    const address = '198.51.100.7';
    const { id: eventsOnly, secret: eventsKey } = await api.keyFor({ scopes: ['events'] });
    const { id: oneStore, secret: storeKey } = await api.keyFor({ stores: ['BDG-01'] });
    const { id: other, secret: otherKey } = await api.keyFor({ tenant: api.otherTenant });
    const created = await tillAt(api.url, api.key).create(await anOrder(api.db.pool), { prefer: 'wait=0' });
    const { payment_id: id, store_id: storeId } = created.body;
    const as = (key: string, path: string) => send(address, { path, headers: { authorization: `Bearer ${key}` } });

    expect((await as('sk_live_guessed', payments)).status).toBe(401);
    expect((await as(eventsKey, payments)).status).toBe(403);
    for (const [key, path] of [
      [otherKey, `${payments}/${id}`],
      [storeKey, `${payments}/${id}`],
      [storeKey, `${payments}?store_id=${storeId}`],
      [storeKey, `/stores/${storeId}/events`],
    ] as const)
      expect((await as(key, path)).status).toBe(404);
    expect((await as(otherKey, `${payments}/pay_01jd0000000000000000000000`)).status).toBe(404); // no such payment: no event
    expect((await send(address, forged)).status).toBe(401);
    expect((await send(address, { path: payments })).status).toBe(401); // shows no key: no event

    expect(eventsFrom(address)).toEqual([
      ['key_refused', expect.stringMatching(/^key sha256 [0-9a-f]{12}$/), payments],
      ['scope_refused', eventsOnly, payments],
      ['store_refused', other, `${payments}/:paymentId`],
      ['store_refused', oneStore, `${payments}/:paymentId`],
      ['store_refused', oneStore, payments],
      ['store_refused', oneStore, '/stores/:storeId/events'],
      ['webhook_forged', 'xendit/default', '/webhooks/:provider'],
    ]);
    expect(JSON.stringify(securityLines)).not.toContain('guessed');
    expect(await api.metric('gateway_security_events_total')).toBeGreaterThan(0);
  });
});
