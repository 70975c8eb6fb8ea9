import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectDatabase } from '@gateway/shared/postgres';
import { clients } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { aScreen } from '@gateway/testing/stack/screen';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { Till } from '@gateway/testing/stack/till';
import { startTcpProxy, type TcpProxy } from '@gateway/testing/tcp-proxy';
import pg from 'pg';
import { opsCommands } from '../../ops/src/commands.ts';
import { runCommand } from '../../ops/test/run-command.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const hostsDir = mkdtempSync(path.join(tmpdir(), 'hosts-'));
let databases: Record<'erp' | 'control' | 'warung', TestDatabase>;
let proxies: Record<'erp' | 'control', TcpProxy>;
let erp: pg.Pool;
let stack: TestStack;

beforeAll(async () => {
  const [ofErp, ofControl, ofWarung] = await Promise.all([freshDatabase(), freshDatabase(), freshDatabase(null)]);
  databases = { erp: ofErp, control: ofControl, warung: ofWarung };
  const port = Number(new URL(ofErp.url).port);
  proxies = { erp: await startTcpProxy(port), control: await startTcpProxy(port) };
  for (const id of ['pos', 'erp']) cpSync(path.join(root, 'hosts', id), path.join(hostsDir, id), { recursive: true });
  erp = new pg.Pool({ connectionString: ofErp.url });
  erp.on('error', () => {}); // its database is dropped at the end
  stack = await startTestStack({
    environment: {
      HOSTS_DIR: hostsDir,
      ERP_DATABASE_URL: through(proxies.erp, ofErp),
      ERP_MIGRATE_URL: ofErp.url,
      CONTROL_DATABASE_URL: through(proxies.control, ofControl),
      CONTROL_MIGRATE_URL: ofControl.url,
    },
  });
});
afterAll(async () => {
  await stack?.stop();
  await erp?.end();
  await Promise.all(Object.values(proxies ?? {}).map((proxy) => proxy.disconnect()));
  await Promise.all(Object.values(databases ?? {}).map((database) => database.drop()));
  rmSync(hostsDir, { recursive: true });
});

function through(proxy: TcpProxy, { serveUrl }: TestDatabase): string {
  const proxied = new URL(serveUrl);
  proxied.port = String(proxy.port);
  return proxied.href;
}

const posTill = () => stack.till();
const erpTill = () => stack.till('sk_test_erp_demo');
const invoice = (n: number) => `INV/JKT/2026/0000${n}`;
const stateOf = async (docNo: string) =>
  (await erp.query<{ payment_status: string }>('select payment_status from erp."Sales Invoice" where doc_no = $1', [docNo])).rows[0]
    ?.payment_status;

async function paid(till: Till, orderId: string): Promise<string> {
  const { status, body } = await till.create(orderId);
  expect([orderId, status]).toEqual([orderId, 201]);
  await stack.simulator.pay(body.transaction_id);
  await eventually(async () => (await till.get(body.payment_id)).body.status === 'paid');
  return body.payment_id;
}

const reloadHosts = () => {
  for (const kind of ['api', 'worker', 'notifier'] as const) for (const pid of stack.pids(kind)) process.kill(pid, 'SIGHUP');
};
const allLog = (text: string, times: number) =>
  eventually(() => ['api', 'worker', 'notifier'].every((name) => stack.log(name).split(text).length > times));

describe('two host databases', () => {
  it('each keep their own payments: the host is found by the client key and by the reference in the webhook', async () => {
    const order = await anOrder(stack.pos);
    const [atPos, atErp] = await Promise.all([paid(posTill(), order), paid(erpTill(), invoice(1))]);
    expect(await stateOf(invoice(1))).toBe('Paid');
    const contents = async (pool: pg.Pool) => ({
      payments: (await pool.query('select id from gateway.payments')).rows.map(({ id }) => id),
      webhooks: new Set(
        (await pool.query('select split_part(reference, $1, 1) as host from gateway.webhook_inbox', ['-'])).rows.map(({ host }) => host),
      ),
    });
    expect(await contents(stack.pos)).toEqual({ payments: [atPos], webhooks: new Set(['pos']) });
    expect(await contents(erp)).toEqual({ payments: [atErp], webhooks: new Set(['erp']) });
  });

  it('fail alone: one that is down stops its host only, and records later what was paid meanwhile, without a restart', async () => {
    const before = [...stack.pids('api'), ...stack.pids('worker'), ...stack.pids('notifier')];
    const open = await erpTill().create(invoice(2));
    await proxies.erp.disconnect();
    await stack.simulator.pay(open.body.transaction_id);
    expect(await erpTill().create(invoice(3))).toMatchObject({ status: 503, body: { code: 'host_unavailable' } });
    await paid(posTill(), await anOrder(stack.pos));

    await proxies.erp.reconnect();
    await eventually(async () => (await stateOf(invoice(2))) === 'Paid');
    await paid(erpTill(), invoice(3));
    expect([...stack.pids('api'), ...stack.pids('worker'), ...stack.pids('notifier')]).toEqual(before);
  });

  it('work without the control database, with the last known keys and settings', async () => {
    await proxies.control.disconnect();
    try {
      await Promise.all([paid(posTill(), await anOrder(stack.pos)), paid(erpTill(), invoice(4))]);
      expect(await stack.till('sk_test_unknown').create(invoice(5))).toMatchObject({ status: 401 });
    } finally {
      await proxies.control.reconnect(); // also for the tests below
    }
  });
});

describe('SIGHUP', () => {
  it('adds a host of a new database without a restart: migrated, served by all three processes, and known to stack.json and ops', async () => {
    cpSync(path.join(root, 'examples/warung'), path.join(hostsDir, 'warung'), { recursive: true });
    const yaml = readFileSync(path.join(hostsDir, 'warung/host.yaml'), 'utf8').replace(
      /^database: \w+/m,
      'database_url_file: database.url',
    );
    writeFileSync(path.join(hostsDir, 'warung/host.yaml'), yaml);
    writeFileSync(path.join(hostsDir, 'warung/database.url'), `${databases.warung.url}\n`, { mode: 0o600 });
    const warung = new pg.Pool({ connectionString: databases.warung.url });
    warung.on('error', () => {}); // its database is dropped at the end
    for (const file of ['schema', 'demo'])
      await warung.query(readFileSync(path.join(root, `examples/warung/reference/${file}.sql`), 'utf8'));
    const control = connectDatabase(databases.control.url, { name: 'test' });
    const { secret } = await clients.create(
      control.knex,
      { name: 'warung', host: 'warung', tenant: 'warung', stores: null, scopes: ['payments', 'refunds', 'events'] },
      new Date(),
    );
    await control.close();
    reloadHosts();
    await allLog('host folders reloaded', 1);
    await eventually(async () => (await stack.till(secret).create('0')).status === 404); // 404 instead of 401: the api knows the key
    const screen = await aScreen(stack.redisUrl, 'WRG-01');
    const payment_id = await paid(stack.till(secret), '2');
    await screen.waitsFor('order.paid', { payment_id });
    screen.close();
    const stackFile = JSON.parse(readFileSync(path.join(stack.dataDir, 'stack.json'), 'utf8'));
    expect(stackFile.databases).toMatchObject({ pos: expect.any(String), erp: expect.any(String), warung: databases.warung.url });
    const asked = await runCommand(opsCommands, ['discrepancies', 'list'], { DATA_DIR: stack.dataDir });
    expect(asked).toMatchObject({ code: 0, out: 'No open discrepancies.\n' });
    for (const known of ['POS_DATABASE_URL (pos)', 'ERP_DATABASE_URL (erp)', 'warung/database.url (warung)'])
      expect(asked.err).toContain(known);
    expect((await warung.query('select amount_sen::int, state from warung.payment where bill_id = 2')).rows).toEqual([
      { amount_sen: 3_577_250, state: 'P' },
    ]);
    await warung.end();
  });

  it('keeps a host as it was when its folder is invalid, and every host stays in use', async () => {
    writeFileSync(path.join(hostsDir, 'erp/paid.sql'), 'update erp."Payment Entry" set doc_state = :reference returning pay_no');
    writeFileSync(path.join(hostsDir, 'pos/host.yaml'), 'id: pos\n');
    reloadHosts();
    await allLog('host folder invalid, its host stays as it was', 1);
    expect(stack.log('api')).toContain('pos/host.yaml:1:1: flavour must be pos or erp');
    await Promise.all([paid(posTill(), await anOrder(stack.pos)), paid(erpTill(), invoice(5))]);
  });
});
