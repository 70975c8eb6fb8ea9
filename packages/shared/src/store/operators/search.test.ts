import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import pg from 'pg';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as search from './search.ts';

const count = Number(process.env.SEARCHED_PAYMENTS ?? 20_000);
const tenants = 20;
const stores = 100;
const now = new Date('2026-03-02T05:00:00Z');
let database: TestDatabase;
let db: Database;

const ulid = (n: string) => `lpad(${n}::text, 26, '0')`;

/** Payments of twenty tenants of one host, one a minute, nearly all paid, and of one tenant of orders by API. */
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
  const loader = new pg.Client(database.url); // without the pool's time limits
  loader.on('error', () => {}); // when the database is dropped after a failure
  await loader.connect();
  await loader.query(`insert into gateway.stores (store_id, host, tenant, created_at)
    select 'S-' || n, case when n = 0 then 'till' else 'pos' end, 't-' || n % ${tenants}, now() from generate_series(0, ${stores - 1}) n`);
  await loader.query(
    `insert into gateway.payments (id, host, tenant, store_id, order_key, order_number, reference, client_id, status, amount_idr, received_idr, recorded,
       residue, bill, qr_string, shown_attempt, settled_attempt, expires_at, paid_at, created_at, updated_at)
     select 'pay_' || ${ulid('n')}, case when n % ${stores} = 0 then 'till' else 'pos' end, 't-' || n % ${tenants}, 'S-' || n % ${stores},
       case when n % ${stores} = 0 then 't-0/' else '' end || 'order-' || n, 'A-' || n % 5000, 'pos-' || ${ulid('n')}, 'cli', s.status, s.amount,
       case when s.status = 'paid' then s.amount else 0 end, 55000, 0, '{}', 'QR', 1, case when s.status = 'paid' then 1 end, $2,
       case when s.status = 'paid' then $2::timestamptz - n * interval '1 minute' end, $2::timestamptz - n * interval '1 minute', $2
     from generate_series(1, $1::int) n, lateral (select 1000 + n % 300 * 500 as amount,
       case when n % 1000 = 1 then 'pending' when n % 50 = 2 then 'expired' else 'paid' end as status) s`,
    [count, now],
  );
  await loader.query(`insert into gateway.attempts (payment_id, no, provider, account, reference, status, paid_idr, paid_at, issuer, receipt, started_at)
    select id, 1, 'midtrans', 'default', reference || '-1', 'paid', amount_idr, paid_at, case when right(id, 3) = '777' then 'linkaja' else 'gopay' end,
      'RRN' || right(id, 9), created_at from gateway.payments where status = 'paid'`);
  await loader.query(`update gateway.attempts set issuer = 'shopeepay', paid_idr = 77000, paid_at = $2 where payment_id = $1`, [
    id(4242),
    plusMs(now, -30_000),
  ]);
  await loader.query(
    `update gateway.payments set route = jsonb_build_array(jsonb_build_object('outcome', 'chosen', 'at', created_at, 'durationMs', 6100)) where id = $1`,
    [id(42)],
  );
  await loader.query('vacuum analyze gateway.payments, gateway.attempts, gateway.stores');
  await loader.end();
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const page = (asked: Partial<search.PaymentSearch>) =>
  search.find([{ db, database: 'POS_DATABASE_URL' }], { ...search.searchOfNothing, limit: 10, ...asked });
const numbers = async (asked: Partial<search.PaymentSearch>) => (await page(asked)).payments.map(({ id }) => Number(id.slice(4)));
const id = (n: number) => `pay_${String(n).padStart(26, '0')}`;

describe('the search box finds a payment by', () => {
  it.each<[string, string, number[]]>([
    ['its id', id(1234), [1234]],
    ['its transaction id', `pos-${String(1234).padStart(26, '0')}-1`, [1234]],
    ['what the host records of it', `pos-${String(1234).padStart(26, '0')}`, [1234]],
    ['its receipt', 'RRN000001234', [1234]],
    ['its order', 'order-1234', [1234]],
    ['its order by API', 'order-1200', [1200]],
    ['its order number, newest first', 'A-1234', [1234, 6234, 11_234, 16_234]],
    ['the order number of an open payment', 'A-1', [1, 5001, 10_001, 15_001]],
    ['an amount as the guest says it', 'Rp 51.000', [100, 400, 700, 1000, 1300, 1600, 1900, 2200, 2500, 2800]],
    ['nothing, for a text that is none of them', '"; drop table', []],
    ['nothing, for white space', '  ', []],
  ])('%s', async (_, text, expected) => {
    expect((await numbers({ text: text })).filter((n) => n <= 20_000).slice(0, 10)).toEqual(expected);
  });
});

describe('a search', () => {
  const day = { from: plusMs(now, -86_400_000), to: now };

  it.each<[string, Partial<search.PaymentSearch>, number[]]>([
    ['an amount of one day', { amount: 51_000, ...day }, [100, 400, 700, 1000, 1300]],
    ['an amount and an issuer', { amount: 1000 + (777 % 300) * 500, issuer: 'linkaja', ...day }, [777]],
    ['a rare issuer', { issuer: 'linkaja', limit: 3 }, [777, 1777, 2777]],
    [
      'what a guest says: issuer, amount paid late, and about when',
      { issuer: 'shopeepay', amount: 77_000, from: plusMs(now, -60_000), to: now },
      [4242],
    ],
    ['a till that waited', { waitedMs: 6_000, ...day }, [42]],
    ['a store', { storeId: 'S-7', limit: 3 }, [7, 107, 207]],
    ['a store and a status', { storeId: 'S-2', status: 'expired', limit: 3 }, [2, 102, 202]],
    ['a time, over all tenants', { to: plusMs(now, -60_000 * 5), limit: 3 }, [6, 7, 8]],
    ['a status, over all tenants', { status: 'pending', limit: 3 }, [1, 1001, 2001]],
  ])('finds %s', async (_, asked, expected) => {
    expect(await numbers(asked)).toEqual(expected);
  });

  it('goes on where a page ended, without a gap or a repeat, also by issuer', async () => {
    for (const asked of [{ amount: 51_000 }, { issuer: 'linkaja' }, { storeId: 'S-7' }, {}] as const) {
      const whole = await numbers({ ...asked, limit: 9 });
      const found: number[] = [];
      let after: search.SearchCursor | null = null;
      for (let n = 0; n < 3; n++) {
        const { payments, next } = await page({ ...asked, after, limit: 3 });
        found.push(...payments.map((payment) => Number(payment.id.slice(4))));
        after = next;
      }
      expect(found).toEqual(whole);
    }
  });

  it('of one tenant sees nothing of another', async () => {
    const tenant = { host: 'pos', tenant: 't-7' };
    for (const text of [id(1234), 'A-1234', 'order-1234', 'RRN000001234', 'Rp 51.000'])
      for (const n of await numbers({ tenant, text, limit: 50 })) expect(n % tenants).toBe(7);
    for (const asked of [{}, { issuer: 'gopay' }, { storeId: 'S-8' }, { status: 'expired' }] as const)
      for (const n of await numbers({ tenant, ...asked, limit: 50 })) expect(n % tenants).toBe(7);
  });

  it('shows what the other databases have when one does not answer', async () => {
    const away = connectDatabase('postgres://127.0.0.1:1/erp', { name: 'test' });
    const databases = [
      { db, database: 'POS_DATABASE_URL' },
      { db: away, database: 'ERP_DATABASE_URL' },
    ];
    const { payments, unavailable } = await search.find(databases, { ...search.searchOfNothing, text: id(5), limit: 5 });
    expect([payments.length, unavailable]).toEqual([1, ['ERP_DATABASE_URL']]);
    await away.close();
  });
});

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Rows Removed by Filter'?: number;
  'Actual Rows': number;
  'Actual Loops': number;
  Plans?: PlanNode[];
}

/** How many rows of payments and attempts the statement read, and whether it scanned one of these tables. */
async function readBy(asked: Partial<search.PaymentSearch>): Promise<{ rows: number; scans: boolean }> {
  const { text, values } = search.statementOf({ ...search.searchOfNothing, limit: 10, ...asked });
  const { rows } = await db.pool.query(`explain (analyze, format json) ${text}`, values);
  const read = { rows: 0, scans: false };
  const visit = (node: PlanNode): void => {
    if (['payments', 'attempts'].includes(node['Relation Name'] ?? '')) {
      read.rows += ((node['Rows Removed by Filter'] ?? 0) + node['Actual Rows']) * node['Actual Loops'];
      read.scans ||= node['Node Type'] === 'Seq Scan';
    }
    for (const child of node.Plans ?? []) visit(child);
  };
  visit(rows[0]['QUERY PLAN'][0].Plan);
  return read;
}

describe('a search reads its page by an index, however many payments there are', () => {
  it.each<[string, Partial<search.PaymentSearch>]>([
    ['a payment id', { text: id(77) }],
    ['an order number, an order id or a receipt', { text: 'A-1234' }],
    ['an amount in digits', { text: '51000' }],
    ['an amount of a day', { amount: 51_000, from: plusMs(now, -86_400_000), to: now }],
    ['a common issuer', { issuer: 'gopay' }],
    ['a rare issuer', { issuer: 'linkaja' }],
    ['a store', { storeId: 'S-7' }],
    ['one tenant', { tenant: { host: 'pos', tenant: 't-7' } }],
    ['a status', { status: 'expired' }],
    ['everything', {}],
  ])('%s', async (_, asked) => {
    const { rows, scans } = await readBy(asked);
    expect(scans).toBe(false);
    expect(rows).toBeLessThan(10 * tenants * 3 + count / 1000 + 100); // a page of each tenant, and the open payments
  });
});
