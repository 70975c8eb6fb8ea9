import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { clients } from '@gateway/shared/store';
import { compileCache } from '@gateway/testing/checkout';
import { freshDatabase, type TestDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { startTcpProxy, type TcpProxy } from '@gateway/testing/tcp-proxy';

const root = path.resolve(import.meta.dirname, '../../..');
let databases: TestDatabase[];
let proxies: Record<'erp' | 'control' | 'redis', TcpProxy>;
let pos: Database;
let key: string;
let api: ChildProcess;
let port: number;
let metricsPort: number;

/** The api serves two hosts. From its start on, the database of one of them and Redis are unavailable. */
beforeAll(async () => {
  databases = await Promise.all([freshDatabase(), freshDatabase(), freshDatabase()]);
  const [ofPos, ofErp, ofControl] = databases as [TestDatabase, TestDatabase, TestDatabase];
  const proxyOf = (url: string) => startTcpProxy(Number(new URL(url).port));
  proxies = { erp: await proxyOf(ofErp.url), control: await proxyOf(ofControl.url), redis: await proxyOf(testRedisUrl()) };
  await Promise.all([proxies.erp.disconnect(), proxies.redis.disconnect()]);
  pos = connectDatabase(ofPos.url, { name: 'test' });
  const control = connectDatabase(ofControl.url, { name: 'test', max: 1 });
  const { rows } = await pos.pool.query('select merchant_id as tenant from pos.outlets where code = $1', ['JKT-01']);
  const client = { name: 'till', host: 'pos', tenant: String(rows[0]?.tenant), stores: null, scopes: ['payments' as const] };
  key = (await clients.create(control.knex, client, new Date())).secret;
  await control.close();
  const through = (proxy: TcpProxy, url: string) => Object.assign(new URL(url), { port: String(proxy.port) }).href;
  api = fork(path.join(root, 'services/api/src/main.ts'), {
    cwd: root,
    execArgv: ['--conditions=source'],
    env: {
      ...compileCache,
      POS_DATABASE_URL: ofPos.serveUrl,
      ERP_DATABASE_URL: through(proxies.erp, ofErp.serveUrl),
      CONTROL_DATABASE_URL: through(proxies.control, ofControl.serveUrl),
      REDIS_URL: through(proxies.redis, testRedisUrl()),
      PUBLIC_URL: 'http://gateway.test',
      LINK_SIGNING_KEY: 'a signing key of tests, long enough',
      MIDTRANS_MODE: 'test',
      XENDIT_MODE: 'test',
      DRAIN_MS: '700',
      API_PORT: '0',
      METRICS_PORT: '0',
      LOG_LEVEL: 'silent',
    },
  });
  ({ port, metricsPort } = await new Promise<{ port: number; metricsPort: number }>((ready) => api.once('message', ready as () => void)));
});
afterAll(async () => {
  api?.kill('SIGKILL');
  await pos?.close();
  await Promise.all(Object.values(proxies ?? {}).map((proxy) => proxy.disconnect()));
  await Promise.all((databases ?? []).map((database) => database.drop()));
});

async function read(at: number, where: string, init: RequestInit = {}): Promise<[number, string]> {
  const answer = await fetch(`http://127.0.0.1:${at}${where}`, init);
  return [answer.status, await answer.text()];
}

describe('an api process without Redis, one of its hosts and the control database', () => {
  it('serves, and is not ready: the public port says so in one word, the metrics port with names and errors', async () => {
    await proxies.control.disconnect();
    await eventually(async () => (await read(metricsPort, '/health/ready'))[1].includes('"control":{"ok":false'));
    expect(await read(port, '/health/live')).toEqual([200, 'live']);
    expect(await read(port, '/health/serving')).toEqual([200, 'serving']);
    expect(await read(port, '/health/ready')).toEqual([503, 'unready']);
    expect(await read(metricsPort, '/health/live')).toEqual([200, '{"live":true}']);
    expect(await read(metricsPort, '/health/serving')).toEqual([200, '{"serving":true}']);
    const [status, text] = await read(metricsPort, '/health/ready');
    const { checks } = JSON.parse(text);
    expect([status, checks.hosts.why, checks.redis.ok]).toEqual([503, expect.stringMatching(/^erp: database unavailable/), false]);
    const listed = await read(port, '/transaction/payments', { headers: { authorization: `Bearer ${key}` } });
    expect(listed).toEqual([200, '{"payments":[],"next_cursor":null}']); // from the last good copy of the keys
    await proxies.control.reconnect();
  });
});

describe('an api process that drains', () => {
  it('does not serve any more, still answers what arrives before its port closes, and says so until the last request is done', async () => {
    const order = await anOrder(pos.pool);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'wait=3' };
    const pressed = read(port, '/transaction/payments', { method: 'POST', headers, body: JSON.stringify({ order_id: order }) });
    await eventually(async () => (await pos.pool.query('select from gateway.payments')).rowCount === 1); // the till waits for its QR
    const exited = once(api, 'exit');
    api.kill('SIGTERM');
    await eventually(async () => (await read(port, '/health/serving'))[0] === 503);
    expect(await read(port, '/health/serving')).toEqual([503, 'unavailable']);
    expect((await read(port, '/transaction/payments', { headers }))[0]).toBe(200);
    await eventually(() =>
      fetch(`http://127.0.0.1:${port}/health/live`).then(
        () => false,
        () => true,
      ),
    );
    expect(await read(metricsPort, '/health/serving')).toEqual([503, '{"serving":false,"why":"shutting down"}']);
    expect((await pressed)[0]).toBe(202);
    expect(await exited).toEqual([0, null]);
  });
});
