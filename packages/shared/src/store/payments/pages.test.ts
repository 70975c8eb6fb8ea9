import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import pg from 'pg';
import { paymentStatuses } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as pages from './pages.ts';

const payments = 8_000;
const now = new Date();
let database: TestDatabase;
let db: Database;

/** One tenant with many paid payments of the last days at one store, and few of any other kind. */
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
  const loader = new pg.Client(database.url); // without the pool's time limits
  await loader.connect();
  await loader.query(
    `insert into gateway.payments (id, host, tenant, store_id, order_key, order_number, reference, client_id, status, amount_idr, received_idr, recorded, residue,
       bill, qr_string, shown_attempt, hidden_at, expires_at, paid_at, created_at, updated_at)
     select 'pay_' || lpad(n::text, 26, '0'), 'pos', 'tenant', case when n % 2000 = 7 then 'S-2' when n % 2000 = 8 then 'S-3' else 'S-1' end, n::text, 'N', 'pos-' || lpad(n::text, 26, '0'), 'cli',
       s.status, 55000, case when s.status in ('paid', 'refunded', 'partially_refunded') then 55000 else 0 end, 55000, 0, '{"lines": []}', 'QR', 1, null,
       $2::timestamptz + interval '15 minutes', $2, $2::timestamptz - (n || ' minutes')::interval, $2
     from generate_series(1, $1::int) n,
       lateral (select coalesce(($3::text[])[(n % 1000) - 500 + 1], 'paid') as status) s`,
    [payments, now, paymentStatuses],
  );
  await loader.query('analyze gateway.payments');
  await loader.end();
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Rows Removed by Filter'?: number;
  'Actual Rows': number;
  'Actual Loops': number;
  Plans?: PlanNode[];
}

/** How many rows of the table the statement read, and whether it scanned the table. */
async function readBy(filter: Parameters<typeof pages.list>[1]): Promise<{ rows: number; scans: boolean }> {
  const { sql, bindings } = pages.list(db.knex, filter).toSQL().toNative();
  const { rows } = await db.pool.query(`explain (analyze, format json) ${sql}`, bindings as unknown[]);
  const read = { rows: 0, scans: false };
  const visit = (node: PlanNode): void => {
    if (node['Relation Name'] === 'payments') {
      read.rows += ((node['Rows Removed by Filter'] ?? 0) + node['Actual Rows']) * node['Actual Loops'];
      read.scans ||= node['Node Type'] === 'Seq Scan';
    }
    for (const child of node.Plans ?? []) visit(child);
  };
  visit(rows[0]['QUERY PLAN'][0].Plan);
  return read;
}

it('every filter of the list, and every combination, reads few payments by an index', async () => {
  const limit = 51;
  const after = { createdAt: plusMs(now, -2 * 86_400_000), id: 'pay_0' };
  const slow: unknown[] = [];
  for (const stores of [null, ['S-1'], ['S-2'], ['S-2', 'S-3']])
    for (const status of [null, ...paymentStatuses])
      for (const live of [null, true, false])
        for (const orderKey of [null, '77'])
          for (const [from, to, cursor] of [
            [null, null, null],
            [plusMs(now, -4 * 86_400_000), plusMs(now, -3 * 86_400_000), null],
            [null, null, after],
          ] as const) {
            const filter = { host: 'pos', tenant: 'tenant', stores, status, live, orderKey, from, to, after: cursor, limit, now };
            const read = await readBy(filter);
            if (read.scans || read.rows > 8 * limit) slow.push({ stores, status, live, orderKey, from, cursor, ...read });
          }
  expect(slow).toEqual([]);
});
