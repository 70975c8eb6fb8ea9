import { type BreakerUpdate, breakerKey, openQueues } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { clients, payments, webhookEndpoints } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { testRedisUrl } from '@gateway/testing/database/servers';
import { anOperatorBrowser, type OperatorBrowser } from '@gateway/testing/operator/operator-browser';
import { aPayment } from '@gateway/testing/worker/payment-fixture';

const account = {
  provider: 'midtrans',
  id: 'default',
  baseUrl: 'http://127.0.0.1:1',
  mode: 'test',
  secretKey: 'k',
  webhookSecrets: [],
} as const;
const hold = { provider: 'midtrans', reason: 'they are down' };

let api: ApiHarness;
let queues: ReturnType<typeof openQueues>;
let admin: OperatorBrowser;
let viewer: OperatorBrowser;

beforeAll(async () => {
  api = await startApiHarness({ console: {}, accounts: [account] });
  queues = openQueues(testRedisUrl(), { withinMs: 5_000 });
  [admin, viewer] = [anOperatorBrowser(api.url), anOperatorBrowser(api.url)];
  await Promise.all([admin.signIn('budi', 'right'), viewer.signIn('siti', 'right')]);
});
afterAll(async () => {
  await queues?.close();
  await api?.close();
});

describe('a form', () => {
  it('is refused without the token of the session, from another origin, and without a role that may act', async () => {
    await admin.get('/operator');
    expect((await admin.post('/operator/actions/hold', { ...hold, csrf: 'x' })).status).toBe(403);
    for (const site of ['cross-site', 'same-site', 'none'])
      expect((await admin.post('/operator/actions/hold', hold, { 'sec-fetch-site': site })).status).toBe(403);
    await viewer.get('/operator');
    const refused = await viewer.post('/operator/actions/hold', hold, { accept: 'text/html' });
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('This needs the role operator. Your role is viewer.')]);
    expect((await viewer.get('/operator/accounts')).text).toContain('No holds.');
  });
});

describe('an action', () => {
  it('takes effect once, however often it is sent, and leaves its person and reason in the audit log', async () => {
    const form = await admin.get('/operator/actions/hold?provider=midtrans');
    expect(form.text).toContain('value="midtrans"');
    for (let n = 0; n < 2; n++) {
      const done = await admin.post('/operator/actions/hold', { ...hold, back: '/accounts' });
      expect([done.status, done.headers.get('location')]).toEqual([303, '/operator/accounts']);
    }
    const page = await admin.get('/operator/accounts');
    expect(page.text).toContain('Already held: midtrans, all accounts, all stores.');
    expect((await admin.get('/operator/accounts')).text).not.toContain('Already held');
    await admin.post('/operator/actions/release', { provider: 'midtrans', reason: 'they answer again', back: '/accounts' });
    const log = await viewer.get('/operator/actions');
    for (const text of ['budi', 'midtrans/* store *', 'they are down', 'they answer again']) expect(log.text).toContain(text);
    const rows = await api.db.knex('gateway.audit').select('actor', 'action').whereIn('action', ['hold', 'release']).orderBy('id');
    expect(rows).toEqual([
      { actor: 'budi', action: 'hold' },
      { actor: 'budi', action: 'release' },
    ]);
  });

  it('needs a reason, and shows what is wrong beside what was entered', async () => {
    await admin.get('/operator');
    const answer = await admin.post('/operator/actions/hold', { provider: 'midtrans', account: '<b>', reason: 'they are down' });
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('value="&lt;b&gt;"')]);
    expect((await admin.post('/operator/actions/hold', { provider: 'midtrans' })).status).toBe(422);
    expect(await api.db.knex('gateway.holds').select()).toEqual([]);
  });

  it('is answered, and refused, in the language of the page', async () => {
    await admin.get('/operator?lang=id');
    await admin.post('/operator/actions/hold', { ...hold, back: '/accounts' });
    expect((await admin.get('/operator/accounts')).text).toContain('Ditahan: midtrans, semua akun, semua gerai.');
    const list = await admin.get('/operator/actions/holds-list');
    for (const text of ['>Penyedia<', '>Sejak<', '>semua<', ' <small>WIB</small>']) expect(list.text).toContain(text);
    await admin.post('/operator/actions/release', { ...hold, back: '/accounts' });
    expect((await admin.post('/operator/actions/discrepancies-close', { id: 'pos-99', reason: 'x' })).text).toContain(
      'selisih pos-99 tidak dikenal',
    );
    await admin.get('/operator?lang=en');
  });

  it('never leads to another site afterwards', async () => {
    await admin.get('/operator');
    const done = await admin.post('/operator/actions/release', { ...hold, back: 'https://evil.example' });
    expect(done.headers.get('location')).toBe('/operator');
  });
});

describe('the overview', () => {
  it('shows an open circuit breaker, and has no inline script or style', async () => {
    const since = plusMs(api.clock.now(), -5 * 60_000);
    const update: BreakerUpdate = { account: 'midtrans/default', kind: 'create', opened: true, since, by: 'one' };
    await api.redis.set(breakerKey(update), JSON.stringify(update));
    api.clock.advance(3_000); // readings within two seconds are one
    const { text, headers } = await viewer.get('/operator');
    expect(text).toContain('breaker open 5 min');
    expect(text).toContain('midtrans/default: the circuit breaker is open, new QRs come from another provider.');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(text).not.toMatch(/<script(?![^>]* src=)|\sstyle=|\son\w+=/);
  });
});

describe('a time in a list', () => {
  it('is what the clocks of the store show, else those of its host, with the name of the zone', async () => {
    const createdAt = new Date('2026-03-02T03:00:00Z');
    for (const storeId of ['JYP-01', 'JKT-77']) {
      await payments.insert(api.db.pool, aPayment({ tenant: api.tenant, storeId, createdAt }));
      await api.db.knex('gateway.stores').insert({ store_id: storeId, host: 'pos', tenant: api.tenant, created_at: createdAt });
    }
    const zone = { store: 'JYP-01', timezone: 'Asia/Jayapura', reason: 'moved' };
    expect((await admin.post('/operator/actions/stores-set', zone)).status).toBe(200);
    const list = async (query: string) => (await viewer.get(`/operator/payments?${query}`)).text;
    expect(await list('store=JYP-01')).toContain('12:00:00 <small>WIT</small>');
    expect(await list('store=JKT-77')).toContain('10:00:00 <small>WIB</small>');
    expect(await list('store=JYP-01&from=2026-03-02T11:59&to=2026-03-02T12:01')).toContain('12:00:00');
    expect(await list('store=JYP-01&from=2026-03-02T12:01')).toContain('No payment matches.');
  });
});

describe('the webhook endpoint of a key that was revoked', () => {
  it('is shown as one to which nothing is sent, not as a healthy one', async () => {
    const key = { host: 'pos', tenant: api.tenant, stores: null, scopes: ['webhooks' as const], name: 'cloud till' };
    const client = await clients.create(api.db.knex, key, api.clock.now());
    const endpoint = {
      id: 'we_revoked',
      clientId: client.id,
      url: 'https://hook.example.id/',
      events: ['*'],
      storeIds: null,
      description: null,
    };
    await webhookEndpoints.create(api.db, { ...endpoint, host: 'pos', tenant: api.tenant }, 'sealed', api.clock.now());
    await api.refreshKeys();
    const pages = async () =>
      (await Promise.all([viewer.get('/operator/webhooks'), viewer.get('/operator/webhooks/we_revoked')])).map(({ text }) => text);
    for (const text of await pages()) expect(text).toContain('healthy');
    await clients.revoke(api.db.knex, client.id, api.clock.now());
    await api.refreshKeys();
    for (const text of await pages()) {
      expect(text).toContain('key revoked, nothing is sent');
      expect(text).not.toContain('healthy');
    }
  });
});

describe('the queue board', () => {
  it('loads files from the api only', async () => {
    const page = await viewer.get('/operator/queues');
    expect(page.headers.get('x-powered-by')).toBeNull();
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/(src|href)="https?:/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const script = /src="(static\/js\/main[^"]+)"/.exec(page.text)?.[1];
    expect((await viewer.get(`/operator/queues/${script}`)).status).toBe(200);
  });

  it('is read-only', async () => {
    for (const path of ['pause', 'charge/pause', 'charge/retry/failed', 'charge/obliterate'])
      expect((await admin.put(`/operator/queues/api/queues/${path}`)).status).toBe(405);
  });

  it("shows a job's ids, but no secret in its data, errors or logs", async () => {
    const queue = queues.all.find(({ name }) => name === 'charge');
    const secret = 'SB-Mid-server-abcdef123456';
    const data = { host: 'pos', paymentId: 'pay_1', leaseNo: 0, authorization: secret, customer: 'Ibu Wati', note: [secret] };
    const job = await queue?.add('charge', data, { jobId: 'charge-secret' });
    await job?.log(`asked with ${secret}`);
    const client = await queue?.getBackend().client;
    await client?.hset(queue?.toKey('charge-secret') ?? '', {
      failedReason: `401 for ${secret}`,
      stacktrace: JSON.stringify([`Error: 401 for ${secret}`]),
      returnvalue: JSON.stringify({ key: secret }),
    });
    const paths = [
      'queues?activeQueue=charge&status=latest',
      'queues/charge/charge-secret',
      'queues/charge/charge-secret/logs',
      'queues/charge/charge-secret/flow',
    ];
    const responses = await Promise.all(paths.map((path) => viewer.get(`/operator/queues/api/${path}`)));
    for (const { status, text } of responses) {
      expect(status).toBe(200);
      expect(text).not.toMatch(/Mid-server|Wati/);
    }
    expect(JSON.parse(responses[1]?.text ?? '').job).toMatchObject({
      data: { host: 'pos', paymentId: 'pay_1', leaseNo: 0, customer: '[redacted]' },
      failedReason: '401 for [redacted]',
      stacktrace: ['Error: 401 for [redacted]'],
    });
    expect(JSON.parse(responses[2]?.text ?? '')).toEqual(['asked with [redacted]']);
  });
});
