import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type Cable, layCable } from '../../../testing/cable.ts';
import { eventually } from '../../../testing/eventually.ts';
import { type House, startHouse } from '../../../testing/house.ts';
import { anOrder } from '../../../testing/pos-orders.ts';
import { freshDatabase, type TestDatabase } from '../../../testing/servers.ts';
import type { Till } from '../../../testing/till.ts';
import { connectDatabase, createClient } from '../../shared/src/store/index.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const hostsDir = mkdtempSync(path.join(tmpdir(), 'hosts-'));
let databases: Record<'erp' | 'control' | 'warung', TestDatabase>;
let cables: Record<'erp' | 'control', Cable>;
let erp: pg.Pool;
let house: House;

beforeAll(async () => {
  const [ofErp, ofControl, ofWarung] = await Promise.all([freshDatabase(), freshDatabase(), freshDatabase()]);
  databases = { erp: ofErp, control: ofControl, warung: ofWarung };
  const port = Number(new URL(ofErp.url).port);
  cables = { erp: await layCable(port), control: await layCable(port) };
  for (const id of ['pos', 'erp']) cpSync(path.join(root, 'hosts', id), path.join(hostsDir, id), { recursive: true });
  erp = new pg.Pool({ connectionString: ofErp.url });
  erp.on('error', () => {}); // dropped at the end
  house = await startHouse({
    environment: {
      HOSTS_DIR: hostsDir,
      ERP_DATABASE_URL: over(cables.erp, ofErp),
      CONTROL_DATABASE_URL: over(cables.control, ofControl),
      WARUNG_DATABASE_URL: ofWarung.url,
    },
  });
}, 30_000);
afterAll(async () => {
  await house?.stop();
  await erp?.end();
  await Promise.all(Object.values(cables ?? {}).map((cable) => cable.pull()));
  await Promise.all(Object.values(databases ?? {}).map((database) => database.drop()));
  rmSync(hostsDir, { recursive: true });
});

function over(cable: Cable, { url }: TestDatabase): string {
  const through = new URL(url);
  through.port = String(cable.port);
  return through.href;
}

const posTill = () => house.till();
const erpTill = () => house.till('sk_test_erp_demo');
const invoice = (n: number) => `INV/JKT/2026/0000${n}`;
const stateOf = async (docNo: string) =>
  (await erp.query<{ payment_status: string }>('select payment_status from erp."Sales Invoice" where doc_no = $1', [docNo])).rows[0]
    ?.payment_status;

async function paid(till: Till, orderId: string): Promise<string> {
  const { status, body } = await till.create(orderId);
  expect([orderId, status]).toEqual([orderId, 201]);
  await house.simulator.pay(body.transaction_id);
  await eventually(async () => (await till.get(body.payment_id)).body.status === 'paid', 10_000);
  return body.payment_id;
}

const hangUp = () => {
  for (const role of ['api', 'worker'] as const) for (const pid of house.pids(role)) process.kill(pid, 'SIGHUP');
};
const everybodySays = (sentence: string, times: number) =>
  eventually(() => ['api', 'worker'].every((name) => house.log(name).split(sentence).length > times), 10_000);

describe('two databases at once', () => {
  it('an order of each is paid where it lives: the host is found by the key, and by the reference of the webhook', async () => {
    const order = await anOrder(house.pos);
    const [atPos, atErp] = await Promise.all([paid(posTill(), order), paid(erpTill(), invoice(1))]);
    expect(await stateOf(invoice(1))).toBe('Paid');
    const here = async (pool: pg.Pool) => ({
      payments: (await pool.query('select id from gateway.payments')).rows.map(({ id }) => id),
      webhooks: new Set(
        (await pool.query('select split_part(reference, $1, 1) as host from gateway.webhook_inbox', ['-'])).rows.map(({ host }) => host),
      ),
    });
    expect(await here(house.pos)).toEqual({ payments: [atPos], webhooks: new Set(['pos']) });
    expect(await here(erp)).toEqual({ payments: [atErp], webhooks: new Set(['erp']) });
  });

  it('one that is down takes out its host only; it is back without a restart, with the money that came meanwhile', async () => {
    const before = [...house.pids('api'), ...house.pids('worker'), ...house.pids('notifier')];
    const open = await erpTill().create(invoice(2));
    await cables.erp.pull();
    await house.simulator.pay(open.body.transaction_id);
    expect(await erpTill().create(invoice(3))).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    await paid(posTill(), await anOrder(house.pos));

    await cables.erp.plugIn();
    await eventually(async () => (await stateOf(invoice(2))) === 'Paid', 15_000);
    await paid(erpTill(), invoice(3));
    expect([...house.pids('api'), ...house.pids('worker'), ...house.pids('notifier')]).toEqual(before);
  });

  it('the control database may be away: keys and settings are remembered', async () => {
    await cables.control.pull();
    await Promise.all([paid(posTill(), await anOrder(house.pos)), paid(erpTill(), invoice(4))]);
    expect(await house.till('sk_test_nobody').create(invoice(5))).toMatchObject({ status: 401 });
    await cables.control.plugIn();
  });
});

describe('SIGHUP', () => {
  it('takes in a third host: a third folder, and nothing is started again', async () => {
    cpSync(path.join(root, 'examples/warung'), path.join(hostsDir, 'warung'), { recursive: true });
    const warung = new pg.Pool({ connectionString: databases.warung.url });
    warung.on('error', () => {}); // dropped at the end
    for (const file of ['schema', 'demo'])
      await warung.query(readFileSync(path.join(root, `examples/warung/reference/${file}.sql`), 'utf8'));
    const control = connectDatabase(databases.control.url, { name: 'test' });
    const { secret } = await createClient(
      control.knex,
      { name: 'warung', host: 'warung', tenant: 'warung', stores: null, scopes: ['payments', 'refunds', 'events'] },
      new Date(),
    );
    await control.close();
    hangUp();
    await everybodySays('the hosts were read again', 1);
    await eventually(async () => (await house.till(secret).create('0')).status === 404, 10_000); // by then the key is known
    await paid(house.till(secret), '2');
    expect((await warung.query('select amount_sen::int, state from warung.payment where bill_id = 2')).rows).toEqual([
      { amount_sen: 3_577_250, state: 'P' },
    ]);
    await warung.end();
  });

  it('takes nothing when one folder is wrong, and all serve as before', async () => {
    writeFileSync(path.join(hostsDir, 'erp/paid.sql'), 'update erp."Payment Entry" set doc_state = :reference returning pay_no');
    writeFileSync(path.join(hostsDir, 'pos/host.yaml'), 'id: pos\n');
    hangUp();
    await everybodySays('the hosts were read again, and none was taken', 1);
    expect(house.log('api')).toContain('pos/host.yaml:1:1: flavour must be pos or erp');
    await Promise.all([paid(posTill(), await anOrder(house.pos)), paid(erpTill(), invoice(5))]);
  });
});
