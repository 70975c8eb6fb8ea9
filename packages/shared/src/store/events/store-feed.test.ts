import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import * as storeFeed from './store-feed.ts';

let database: TestDatabase;
let db: Database;
const statements: { text: string; values: unknown[] }[] = [];
const recordingQueryable = {
  query: ((config: { text: string; values: unknown[] }) => {
    statements.push(config);
    return db.pool.query(config);
  }) as Database['pool']['query'],
};

/** 48,000 events of sixty stores over two days, with their payloads. */
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
  await db.pool.query(`insert into gateway.stores (store_id, host, tenant, last_seq, created_at)
    select 'S-' || s, 'pos', 't', 800, now() from generate_series(1, 60) s`);
  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
  const event = `'evt_' || s || '_' || n as event_id, $1::timestamptz + n * interval '4 minutes' as occurred_at`;
  const all = 'from generate_series(1, 60) s, generate_series(1, 800) n';
  await db.pool.query(
    `insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload)
    select ${event}, 'pay_' || n, 'payment.paid', '{"a": 1}' ${all}`,
    [twoDaysAgo],
  );
  await db.pool.query(
    `insert into gateway.outbox (event_id, occurred_at, store_id, seq, position, type, order_key, payment_id, published_at)
    select ${event}, 'S-' || s, n, s * 800 + n, 'payment.paid', 'o', 'p', now() ${all}`,
    [twoDaysAgo],
  );
  await db.pool.query('analyze gateway.outbox, gateway.payment_events, gateway.stores');
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

/** The partitions with more than 3,000 rows. */
const largePartitions = async (): Promise<string[]> => {
  const { rows } = await db.pool.query<{ name: string }>(
    `select relname as name from pg_class where relname ~ '^(outbox|payment_events)_[0-9a-z]+$' and relkind = 'r' and reltuples > 3000`,
  );
  return rows.map(({ name }) => name);
};

const planOf = async ({ text }: { text: string }): Promise<string> => {
  const { rows } = await db.pool.query<{ 'QUERY PLAN': string }>(`explain (generic_plan, costs off) ${text}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
};

describe('the queries of a screen', () => {
  it('use an index in a generic plan, however many events there are', async () => {
    await storeFeed.read(recordingQueryable, { storeId: 'S-7', after: 500, limit: 100 });
    await storeFeed.lastSeqs(recordingQueryable, ['S-7', 'S-8']);
    await storeFeed.openPayments(recordingQueryable, 'S-7', { host: 'pos', tenant: 't' });
    await storeFeed.releasedOrders(recordingQueryable, 'S-7', 800, new Date());
    const plans = await Promise.all(statements.map(planOf));
    const fullScan = new RegExp(`Seq Scan on (${(await largePartitions()).join('|')}|payments)\\b`);
    expect(plans.filter((plan) => fullScan.test(plan))).toEqual([]);
    expect(plans[0]).toMatch(/Limit\n +-> +(Result\n +-> +)?Merge Append/); // reads one page only
  });

  it('return the payload as it was stored, with the seq first', async () => {
    const read = await storeFeed.read(db.pool, { storeId: 'S-7', after: 798, limit: 100 });
    expect(read).toMatchObject({ owner: { host: 'pos', tenant: 't' }, lastSeq: 800, oldestSeq: 1, isGone: false });
    expect(read?.events).toEqual([799, 800].map((seq) => ({ seq, body: `{"seq":${seq},"a": 1}` })));
  });

  it('return null for a store that was never used', async () => {
    expect(await storeFeed.read(db.pool, { storeId: 'S-61', after: 0, limit: 1 })).toBeNull();
  });
});
