import { scryptSync } from 'node:crypto';
import { connectDatabase } from '@gateway/shared/postgres';
import { fixedAccounts } from '@gateway/shared/provider';
import { type BreakerUpdate, breakerKey, connectRedis, openQueues } from '@gateway/shared/queue';
import { createLogger, createMetrics, manualClock, type OperatorUser } from '@gateway/shared/runtime';
import { settings } from '@gateway/shared/store';
import { flushTestRedis, freshDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import express from 'express';
import supertest from 'supertest';
import { createApiMetrics } from '../http/api-metrics.ts';
import { handleErrors } from '../http/handle-errors.ts';
import { createAddressLimit } from '../http/limit-address.ts';
import { createSecurityLog } from '../http/security-log.ts';
import { operatorRoutes } from './operator-routes.ts';

const clock = manualClock();
const log = createLogger('test', 'silent');
const securityLines: Record<string, unknown>[] = [];
const securityLogger = createLogger('test', 'info', { write: (line) => void securityLines.push(JSON.parse(line)) });
const security = createSecurityLog(securityLogger, createApiMetrics(createMetrics('test')).securityCounter);
const account = {
  provider: 'midtrans',
  id: 'default',
  baseUrl: 'http://127.0.0.1:1',
  mode: 'test',
  secretKey: 'k',
  webhookSecrets: [],
} as const;
/** An operator whose password is hashed in no time: a real hash takes 0.2 s of a free processor. */
function withPassword(name: string, role: OperatorUser['role'], password: string): OperatorUser {
  const cost = { N: 16, r: 1, p: 1 };
  const salt = Buffer.from('salt of the tests');
  return { name, role, hash: { cost, salt, key: scryptSync(password, salt, 32, cost) } };
}
const admin = { authorization: `Basic ${btoa('budi:right')}` };
const viewer = { authorization: `Basic ${btoa('siti:right')}` };
const sameOrigin = { 'sec-fetch-site': 'same-origin' };
const hold = { provider: 'midtrans', account: '*', store_id: '*' };

let closing: (() => unknown)[];
let queues: ReturnType<typeof openQueues>;
let redis: ReturnType<typeof connectRedis>;
let db: ReturnType<typeof connectDatabase>;
let agent: ReturnType<typeof supertest.agent>;

beforeAll(async () => {
  await flushTestRedis();
  const database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
  queues = openQueues(testRedisUrl(), { withinMs: 5_000 });
  redis = connectRedis(testRedisUrl(), { name: 'test' });
  const control = await settings.createControlCache(db.knex);
  const users = [withPassword('budi', 'admin', 'right'), withPassword('siti', 'viewer', 'right')];
  const routes = operatorRoutes({
    users,
    queues: queues.all,
    accounts: fixedAccounts([account]),
    control,
    controlDb: db,
    redis,
    publicUrl: 'https://pay.example.id',
    clock,
    log,
  });
  const app = express().disable('x-powered-by').set('trust proxy', 1);
  if (routes) app.use('/operator', routes);
  app.use(
    handleErrors({
      log,
      security,
      addresses: createAddressLimit(clock),
      publicUrl: 'https://pay.example.id',
      hosts: { suspect: () => {} },
    }),
  );
  const server = app.listen(0);
  agent = supertest.agent(server);
  closing = [() => server.close(), () => control.stop(), () => redis.disconnect(), () => queues.close(), () => db.close(), database.drop];
});

afterAll(async () => {
  for (const close of closing) await close();
});

describe('authentication of operators', () => {
  it('asks for a password, and admits only the right one', async () => {
    const response = await agent.get('/operator');
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toMatch(/^Basic /);
    for (const wrong of ['budi:wrong', 'unknown:right', 'budi:', ':right', 'budi'])
      expect(
        (await agent.get('/operator/queues').set({ authorization: `Basic ${btoa(wrong)}`, 'x-forwarded-for': '192.0.2.1' })).status,
      ).toBe(401);
    expect((await agent.get('/operator').set(admin)).status).toBe(200);
  });

  it('locks out a name at an address for a minute after ten wrong passwords, and neither another name there nor another address', async () => {
    const tryPassword = (address: string, credentials = 'budi:wrong') =>
      agent.get('/operator').set({ authorization: `Basic ${btoa(credentials)}`, 'x-forwarded-for': address });
    const thirtyAtOnce = await Promise.all(Array.from({ length: 30 }, (_, n) => tryPassword('192.0.2.7', `budi:wrong ${n}`)));
    expect(thirtyAtOnce.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(thirtyAtOnce.filter(({ status }) => status === 429)).toHaveLength(20);

    clock.advance(59_000);
    const locked = await tryPassword('192.0.2.7', 'budi:right');
    expect(locked.status).toBe(429);
    expect(locked.headers['retry-after']).toBe('1');
    expect((await tryPassword('192.0.2.8', 'budi:right')).status).toBe(200);
    expect((await tryPassword('192.0.2.7', 'siti:right')).status).toBe(200);
    clock.advance(1_000);
    expect((await tryPassword('192.0.2.7', 'budi:right')).status).toBe(200);
  });

  it('admits every correct login while names are guessed from many addresses', async () => {
    const tryPassword = (address: string, credentials: string) =>
      agent.get('/operator').set({ authorization: `Basic ${btoa(credentials)}`, 'x-forwarded-for': address });
    const guesses = Promise.all(Array.from({ length: 24 }, (_, n) => tryPassword(`198.51.100.${n}`, `admin${n}:guess`)));
    const correct = await Promise.all(
      Array.from({ length: 16 }, (_, n) => tryPassword(`203.0.113.${n}`, n % 2 ? 'siti:right' : 'budi:right')),
    );
    expect(correct.map(({ status }) => status)).toEqual(Array(16).fill(200));
    expect((await guesses).map(({ status }) => status)).not.toContain(200);
  }, 120_000);

  it('every refused login and every lock-out is in the security log, with address and name, and no password is', async () => {
    const tryPassword = (credentials: string) =>
      agent.get('/operator').set({ authorization: `Basic ${btoa(credentials)}`, 'x-forwarded-for': '192.0.2.9' });
    for (let n = 0; n < 12; n++) await tryPassword(`budi:s3cret-guess ${n}`);
    await tryPassword('s3cret in the name:');
    security.flush();
    const own = securityLines.filter(({ address }) => address === '192.0.2.9');
    expect(own.map(({ event_type, principal, count = 1 }) => [event_type, principal, count])).toEqual([
      ...Array(5).fill(['login_refused', 'budi', 1]),
      ['locked_out', 'budi', 1],
      ['locked_out', 'budi', 1],
      ['login_refused', 'no valid name', 1],
      ['login_refused', 'budi', 5],
    ]);
    expect(JSON.stringify(own)).not.toContain('s3cret');
  });

  it('counts an IPv6 network as one address', async () => {
    const tryPassword = (n: number) =>
      agent.get('/operator').set({ authorization: `Basic ${btoa('budi:wrong')}`, 'x-forwarded-for': `2001:db8::${n}` });
    for (let n = 1; n <= 10; n++) expect((await tryPassword(n)).status).toBe(401);
    expect((await tryPassword(11)).status).toBe(429);
  });

  it('mounts no route without users', () => {
    expect(operatorRoutes({ users: [] } as unknown as Parameters<typeof operatorRoutes>[0])).toBeNull();
  });
});

describe('a request that changes something', () => {
  it('must come from the same origin', async () => {
    const post = (from: Record<string, string>) => agent.post('/operator/release').type('form').set(admin).set(from).send(hold);
    for (const from of [
      {},
      { 'sec-fetch-site': 'cross-site', origin: 'https://pay.example.id' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ])
      expect((await post(from)).status).toBe(403);
    for (const from of [sameOrigin, { origin: 'https://pay.example.id' }]) expect((await post(from)).status).toBe(303);
  });

  it('is refused to a viewer', async () => {
    expect((await agent.post('/operator/hold').type('form').set(viewer).set(sameOrigin).send(hold)).status).toBe(403);
  });

  it('places a hold once, however often it is sent, and names the operator in the audit log', async () => {
    for (let n = 0; n < 2; n++)
      expect((await agent.post('/operator/hold').type('form').set(admin).set(sameOrigin).send(hold)).status).toBe(303);
    expect((await agent.get('/operator').set(viewer)).text).toContain('<td>midtrans</td><td>all</td><td>all</td>');
    await agent.post('/operator/release').type('form').set(admin).set(sameOrigin).send(hold);
    expect((await agent.get('/operator').set(viewer)).text).toContain('No holds.');
    expect(await db.knex('gateway.audit').select('actor', 'action', 'subject').orderBy('id')).toEqual([
      { actor: 'budi', action: 'hold', subject: 'midtrans/* store *' },
      { actor: 'budi', action: 'release', subject: 'midtrans/* store *' },
    ]);
  });

  it('is refused with an invalid provider, account or store', async () => {
    for (const wrong of [{ provider: 'paypal' }, { account: '<b>' }, { store_id: 'a b' }])
      expect(
        (
          await agent
            .post('/operator/hold')
            .type('form')
            .set(admin)
            .set(sameOrigin)
            .send({ ...hold, ...wrong })
        ).status,
      ).toBe(400);
  });
});

describe('the operator page', () => {
  it('shows an open circuit breaker, and has no script', async () => {
    const since = new Date('2026-03-02T03:00:00.000Z');
    const update: BreakerUpdate = { account: 'midtrans/default', kind: 'create', opened: true, since, by: 'one' };
    await redis.set(breakerKey(update), JSON.stringify(update));
    const { text, headers } = await agent.get('/operator').set(viewer);
    expect(text).toContain('circuit breaker open since 2026-03-02T03:00:00.000Z');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|style=/);
  });
});

describe('the queue board', () => {
  it('loads files from the api only', async () => {
    const page = await agent.get('/operator/queues').set(viewer);
    expect(page.headers['x-powered-by']).toBeUndefined();
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/(src|href)="https?:/);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    const script = /src="(static\/js\/main[^"]+)"/.exec(page.text)?.[1];
    expect((await agent.get(`/operator/queues/${script}`).set(viewer)).status).toBe(200);
  });

  it('is read-only', async () => {
    for (const path of ['pause', 'charge/pause', 'charge/retry/failed', 'charge/obliterate'])
      expect((await agent.put(`/operator/queues/api/queues/${path}`).set(admin).set(sameOrigin)).status).toBe(405);
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
    const responses = await Promise.all(paths.map((path) => agent.get(`/operator/queues/api/${path}`).set(viewer)));
    for (const { status, text } of responses) {
      expect(status).toBe(200);
      expect(text).not.toMatch(/Mid-server|Wati/);
    }
    expect(responses[1]?.body.job).toMatchObject({
      data: { host: 'pos', paymentId: 'pay_1', leaseNo: 0, customer: '[redacted]' },
      failedReason: '401 for [redacted]',
      stacktrace: ['Error: 401 for [redacted]'],
    });
    expect(responses[2]?.body).toEqual(['asked with [redacted]']);
  });
});
