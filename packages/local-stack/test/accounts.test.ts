import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { type ProgramOutput, runProgram } from '@gateway/testing/stack/ops-program';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { startTcpProxy, type TcpProxy } from '@gateway/testing/tcp-proxy';
import pg from 'pg';
import { commandOf } from './stack-process.ts';

// Every secret of this file contains this word, so that a search of all that is stored and logged finds it.
const keys = { first: 'SB-Mid-server-canary-1', second: 'SB-Mid-server-canary-2', other: 'SB-Mid-server-canary-3' };

let stack: TestStack;
let control: TestDatabase;
let proxy: TcpProxy;
beforeAll(async () => {
  control = await freshDatabase(); // it has the demo keys
  proxy = await startTcpProxy(Number(new URL(control.url).port));
  const throughProxy = (url: string) => Object.assign(new URL(url), { port: String(proxy.port) }).href;
  stack = await startTestStack({
    // The second provider is asked only when the first one may not be asked, however slow this machine is.
    environment: {
      HEDGE_AFTER_MS: '10000',
      CREATE_LIMIT_MS: '9500',
      CONTROL_DATABASE_URL: throughProxy(control.serveUrl),
      CONTROL_MIGRATE_URL: throughProxy(control.url),
    },
  });
});
afterAll(async () => {
  await stack?.stop();
  await proxy?.disconnect();
  await control?.drop();
});

async function ops(line: string, input?: unknown): Promise<ProgramOutput> {
  const result = await runProgram('ops', line.split(' '), stack.dataDir, { input });
  expect([line, result.code, result.err]).toEqual([line, 0, result.err]);
  return result;
}
const atSimulator = (id: string, key: string) =>
  stack.simulator.openAccount('midtrans', id, key, { notification_url: `${stack.api}/webhooks/midtrans/${id}` });

/** A new payment of the store, and the account at which its QR was made. */
async function aPayment(): Promise<{ paymentId: string; reference: string; account: string }> {
  const { body, status } = await stack.till().create(await anOrder(stack.pos));
  expect(status).toBe(201);
  const { rows } = await stack.pos.query('select provider, account from gateway.attempts where reference = $1', [body.transaction_id]);
  return { paymentId: body.payment_id, reference: body.transaction_id, account: `${rows[0].provider}/${rows[0].account}` };
}
const isPaid = async (paymentId: string) => (await stack.till().get(paymentId)).body.status === 'paid';

function notice(key: string, orderId: string): string {
  const signature_key = createHash('sha512').update(`${orderId}20055000.00${key}`).digest('hex');
  return JSON.stringify({
    order_id: orderId,
    status_code: '200',
    gross_amount: '55000.00',
    transaction_status: 'settlement',
    transaction_id: 'x',
    signature_key,
  });
}
const post = async (account: string, body: string) =>
  (await fetch(`${stack.api}/webhooks/midtrans/${account}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }))
    .status;

describe('an account that is added while everything serves', () => {
  it('makes the QRs of its store within 2 s, and its webhooks are received, without a restart', async () => {
    await atSimulator('jkt', keys.first);
    await ops('accounts add midtrans/jkt', { server_key: keys.first });
    await ops('stores set JKT-01 --accounts midtrans=jkt');
    await eventually(async () => (await aPayment()).account === 'midtrans/jkt');
    const { paymentId, reference } = await aPayment();
    await stack.simulator.pay(reference);
    await eventually(() => isPaid(paymentId));
    const { rows } = await stack.pos.query(`select verdict from gateway.webhook_inbox where account = 'jkt' and reference = $1`, [
      reference,
    ]);
    expect(rows.map(({ verdict }) => verdict)).toContain('applied');
  });

  it('never has its webhooks verified by the secrets of another account', async () => {
    await ops('accounts add midtrans/bdg', { server_key: keys.other });
    await eventually(async () => (await post('bdg', notice(keys.other, 'web-shop-1'))) === 200);
    expect([await post('jkt', notice(keys.other, 'web-shop-2')), await post('bdg', notice(keys.first, 'web-shop-3'))]).toEqual([401, 401]);
    expect(await post('nope', notice(keys.first, 'web-shop-4'))).toBe(404);
  });

  it('is proven at the command line, which names what is wrong and what to do', async () => {
    const prove = (account: string) => runProgram('ops', ['accounts', 'prove', account], stack.dataDir);
    expect(await prove('midtrans/jkt')).toMatchObject({ code: 0, out: expect.stringMatching(/^✓ webhook .*\n\nmidtrans\/jkt works\.$/m) });
    const setup = { notification_url: `${stack.api}/webhooks/xendit/jkt`, callback_token: 'canary-token-1' };
    await stack.simulator.openAccount('xendit', 'jkt', 'xnd_development_canary', setup);
    await ops('accounts add xendit/jkt', { secret_key: 'xnd_development_canary', callback_token: 'canary-token-2' });
    const { code, err } = await prove('xendit/jkt');
    expect([code, err]).toEqual([1, expect.stringMatching(/callback_token_wrong: .*Copy the token from the dashboard/)]);
  });

  it('is rotated without a refused webhook: old and new secret count', async () => {
    await atSimulator('jkt', keys.second);
    await ops('accounts rotate midtrans/jkt', { server_key: keys.second });
    await eventually(async () => (await post('jkt', notice(keys.second, 'web-shop-5'))) === 200);
    expect(await post('jkt', notice(keys.first, 'web-shop-6'))).toBe(200);
    await eventually(async () => (await aPayment()).account === 'midtrans/jkt');
  });

  it('serves on while the control database is unavailable, and so does everything else', async () => {
    await proxy.disconnect();
    try {
      for (let n = 0; n < 3; n++) {
        const { paymentId, reference, account } = await aPayment();
        expect(account).toBe('midtrans/jkt');
        await stack.simulator.pay(reference);
        await eventually(() => isPaid(paymentId));
      }
    } finally {
      await proxy.reconnect();
    }
  });

  it('gets no new charge once it is disabled, and its open QR is paid', async () => {
    const open = await aPayment();
    expect(open.account).toBe('midtrans/jkt');
    await ops('accounts disable midtrans/jkt');
    await eventually(async () => (await aPayment()).account === 'xendit/default');
    await stack.simulator.pay(open.reference);
    await eventually(() => isPaid(open.paymentId));
    await ops('accounts enable midtrans/jkt');
  });

  it('leaves none of its secrets in a database, in Redis, in a log or in the arguments of a process', async () => {
    await ops('accounts reseal');
    const found: string[] = [];
    for (const [name, url] of [
      ['pos', (stack.pos.options as pg.PoolConfig).connectionString as string],
      ['control', control.url],
    ] as const)
      found.push(...(await canariesInDatabase(url)).map((table) => `${name} ${table}`));
    for (const key of await stack.redis.keys('*')) if ((await dumpOf(key)).includes('canary')) found.push(`redis ${key}`);
    const logs = path.join(stack.dataDir, 'logs');
    for (const file of readdirSync(logs)) if (readFileSync(path.join(logs, file), 'utf8').includes('canary')) found.push(file);
    for (const kind of ['api', 'worker', 'notifier'] as const)
      for (const pid of stack.pids(kind)) if (commandOf(pid).includes('canary')) found.push(`arguments of ${kind}`);
    expect(found).toEqual([]);
  });
});

const dumpOf = async (key: string): Promise<string> => (await stack.redis.dumpBuffer(key))?.toString('latin1') ?? '';

/** The tables that contain the word, in any schema and any column. */
async function canariesInDatabase(url: string): Promise<string[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class where relkind in ('r', 'p') and not relispartition
         and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')`,
    );
    expect(rows.map(({ name }) => name)).toContain('gateway.audit');
    const found: string[] = [];
    for (const { name } of rows) {
      // The raw bytes of webhooks are compared as bytes: as text they would be in hexadecimal.
      const { rowCount } = await client.query(
        `select from ${name} t where t::text like '%canary%' or t::text like '%${Buffer.from('canary').toString('hex')}%' limit 1`,
      );
      if (rowCount) found.push(name);
    }
    return found;
  } finally {
    await client.end();
  }
}
