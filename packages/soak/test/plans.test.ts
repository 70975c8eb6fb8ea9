import { plusMs } from '@gateway/shared/runtime';
import { startApiHarness } from '@gateway/testing/api/api-harness';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { assignSequence } from '@gateway/testing/relay/event-fixtures';
import { tillAt } from '@gateway/testing/stack/till';
import fc from 'fast-check';
import pg from 'pg';
import { startModelRun } from './model/model-run.ts';
import { steps } from './model/steps.ts';
import { loadPayments } from './plans/many-payments.ts';
import { namesInSource, sendRareStatements } from './plans/rare-statements.ts';

/** `npm run soak:plans -- --payments=1000000` */
const payments = Number(process.env.SOAK_PAYMENTS ?? 20_000);

const statements = new Map<string, string>();
let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client(database.url);
  await client.connect();
  await loadPayments(client, payments);
}, 60_000 + payments);
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

/** Records every statement that this process sends, by name. @returns a function that stops the recording */
function recordStatements(): () => void {
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first] = args as [string | { name?: string; text?: string }];
    const text = typeof first === 'string' ? first : first?.text;
    if (text && /^\s*(with|select|insert|update|delete)\b/i.test(text))
      statements.set((typeof first === 'object' && first.name) || text, text);
    return (query as (...all: unknown[]) => unknown).apply(this, args);
  } as typeof query;
  return () => {
    pg.Client.prototype.query = query;
  };
}

/** Runs random scenarios of orders, and every request of tills and screens. */
async function runEverything(): Promise<void> {
  const modelRun = await startModelRun();
  const scenarios = fc.sample(fc.commands([steps], { maxCommands: 30, size: 'max' }), { numRuns: 12, seed: 7 });
  for (const scenario of scenarios) {
    await modelRun.begin();
    await fc.asyncModelRun(() => ({ model: modelRun, real: modelRun }), scenario);
    await modelRun.settle();
  }
  await modelRun.close();

  const api = await startApiHarness();
  const till = tillAt(api.url, api.key);
  const asyncHeaders = { prefer: 'respond-async', 'idempotency-key': 'one' };
  const order = await anOrder(api.db.pool);
  const { payment_id: id } = (await till.create(order, asyncHeaders)).body;
  await till.get(id);
  await till.check(id, asyncHeaders);
  await till.request('GET', `/transaction/orders/${order}/payment`);
  for (const query of [
    '',
    '?live=true',
    '?status=paid',
    '?store_id=JKT-01',
    `?order_id=${order}`,
    '?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z',
  ])
    await till.request('GET', `/transaction/payments${query}`);
  await till.request('GET', `/transaction/payments/${id}/timeline`);
  await till.request('GET', `/transaction/payments/${id}/refunds`);
  await till.request('POST', `/transaction/payments/${id}/refunds`, { body: { amount: 1, reason: 'cold' }, headers: asyncHeaders });
  await assignSequence(api.db);
  for (const path of ['events?after=0', 'snapshot']) await till.request('GET', `/stores/JKT-01/${path}`);
  await till.cancel(id, asyncHeaders);
  await sendRareStatements(api.db, id, api.clock.now());
  await api.close();
}

/** Statements of an operator's command. It changes hundreds of rows at a time, for which a scan may be right; no one waits for it. */
const ofOperators = ['inbox-replay'];

/** The tables that hold many rows. */
async function longTables(): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class c join pg_namespace s on s.oid = c.relnamespace
     where s.nspname in ('gateway', 'pos') and relkind = 'r' and reltuples >= $1`,
    [payments / 25],
  );
  return rows.map(({ name }) => name);
}

async function planOf(text: string): Promise<string> {
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan, costs off) ${text}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe(`with ${payments} past payments`, () => {
  it('no statement that a till, a guest, a screen or a worker waits for scans a long table', async () => {
    const stop = recordStatements();
    await runEverything();
    stop();
    const long = await longTables();
    expect(long).toEqual(expect.arrayContaining(['payments', 'attempts', 'orders']));
    expect(namesInSource().filter((name) => !statements.has(name))).toEqual([]); // no statement is left out
    const scan = new RegExp(`Seq Scan on (${long.join('|')})\\b`);
    const found: string[] = [];
    for (const [name, text] of statements) {
      if (name.startsWith('soak-') || ofOperators.includes(name) || !/\b(gateway|pos)\./.test(text)) continue;
      const plan = await planOf(text);
      if (scan.test(plan)) found.push(`${name}\n${text}\n${plan}`);
    }
    expect(found).toEqual([]);
  }, 120_000);

  it('a sweep reads few pages while an open report prevents VACUUM', async () => {
    const report = new pg.Client(database.url);
    await report.connect();
    await report.query('begin isolation level repeatable read; select count(*) from gateway.payments');
    let now = new Date();
    for (let round = 0; round < 100; round++) {
      now = plusMs(now, 10_000);
      const past = `id in (select id from gateway.payments where status = 'paid' order by id desc offset ${50 * round} limit 50)`;
      await client.query(`update gateway.payments set check_at = $1 where ${past}`, [now]); // fifty QRs are displayed,
      await client.query(`update gateway.payments set check_at = null where ${past}`); // and closed
    }
    const [fromStart, fromWatermark] = [await pagesRead(now, new Date(0)), await pagesRead(now, plusMs(now, -30_000))];
    await report.query('rollback');
    await report.end();
    if (process.env.SOAK_PAYMENTS) console.log({ fromStart, fromWatermark });
    expect(fromWatermark).toBeLessThan(fromStart / 3);
  });
});

/** How many pages the claim of due payments touches. */
async function pagesRead(now: Date, after: Date): Promise<number> {
  const until = plusMs(now, 4_000);
  await client.query('begin');
  const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Record<string, number> }[] }>(
    `explain (analyze, buffers, format json) ${statements.get('due-payments')}`,
    [now, 200, after, until, until, now, [true, false]],
  );
  await client.query('rollback');
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan ?? {};
  return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
}
