import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { trustCallersClock } from '@gateway/testing/database/trust-callers-clock';
import { eventually } from '@gateway/testing/eventually';
import { asPaymentId } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as idempotencyKeys from '../payments/idempotency-keys.ts';
import * as retention from './retention.ts';

const day = 86_400_000;
/** A moment of the day on which the databases of this run were migrated: the run may have begun before midnight. */
let now: Date;

let database: TestDatabase;
let db: Database;
const open = async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
  await trustCallersClock(db);
  const [, today] = (await partitions('outbox')).flatMap((name) => /_(\d{4})(\d\d)(\d\d)$/.exec(name)?.slice(1).join('-') ?? []);
  now = new Date(Math.min(Date.now(), Date.parse(`${today}T23:59:59Z`))); // there is a partition for the day before
};
const close = async () => {
  await db.close();
  await database.drop();
};

async function partitions(table: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ name: string }>(
    'select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass',
    [`gateway.${table}`],
  );
  return rows.map(({ name }) => name.replace('gateway.', '')).sort();
}

/** Inserts an event with its outbox row. @returns the partition of the outbox row */
async function addEvent(at: Date, { published = true } = {}): Promise<string> {
  const { rows } = await db.pool.query<{ partition: string }>({
    text: `with event as (insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload) values (gen_random_uuid()::text, $1, 'p', 'payment.paid', '{}')
        returning event_id, occurred_at)
      insert into gateway.outbox (event_id, occurred_at, store_id, type, order_key, payment_id, published_at)
      select event_id, occurred_at, 'S', 'payment.paid', 'o', 'p', case when $2 then occurred_at end from event returning tableoid::regclass::text as partition`,
    values: [at, published],
  });
  return rows[0]?.partition.replace('gateway.', '') as string;
}

async function isWaitingForTable(): Promise<boolean> {
  const { rowCount } = await db.pool.query(`select from pg_locks where relation = 'gateway.outbox'::regclass and not granted`);
  return rowCount !== 0;
}

const dropped = (results: retention.PartitionResult[]) =>
  results.filter(({ result }) => result === 'dropped').map(({ partition }) => partition);
const dayPartition = (at: Date) => `outbox_${at.toISOString().slice(0, 10).replaceAll('-', '')}`;

describe('partitions', () => {
  beforeEach(open);
  afterEach(close);

  it('exist for the next two days, and are created for later days', async () => {
    const later = plusMs(now, 40 * day);
    expect(await addEvent(plusMs(now, 2 * day))).toBe(dayPartition(plusMs(now, 2 * day)));
    await retention.createPartitions(db, later);
    expect(await addEvent(later)).toBe(dayPartition(later));
    expect(await addEvent(plusMs(later, 2 * day))).toBe(dayPartition(plusMs(later, 2 * day)));
  });

  it('are created once, however many processes create them at the same time', async () => {
    const later = plusMs(now, 40 * day);
    await Promise.all([1, 2, 3, 4].map(() => retention.createPartitions(db, later)));
    await retention.createPartitions(db, later);
    expect(new Set(await partitions('outbox')).size).toBe((await partitions('outbox')).length);
    expect(await partitions('outbox')).toContain(dayPartition(later));
  });

  it('refuse the same seq twice in a store', async () => {
    await retention.createPartitions(db, plusMs(now, 40 * day));
    const partition = await addEvent(plusMs(now, 40 * day));
    const setSameSeq = () => db.pool.query(`update gateway.${partition} set seq = 1, position = id`);
    await setSameSeq();
    await addEvent(plusMs(now, 40 * day));
    await expect(setSameSeq()).rejects.toMatchObject({ code: '23505' });
  });

  it('are not created for a day with rows in the default partition; the next day gets one', async () => {
    const later = plusMs(now, 40 * day);
    expect(await addEvent(later)).toBe('outbox_default');
    await retention.createPartitions(db, later);
    expect(await partitions('outbox')).not.toContain(dayPartition(later));
    expect(await addEvent(plusMs(later, day))).toBe(dayPartition(plusMs(later, day)));
  });
});

describe('an expired partition', () => {
  beforeEach(open);
  afterEach(close);

  it('of the outbox, the webhook inbox, the deliveries, the calls to providers or the history is dropped, and the default partition stays', async () => {
    const later = plusMs(now, 500 * day);
    const tables = ['outbox', 'webhook_inbox', 'payment_events', 'webhook_deliveries', 'provider_calls'];
    const existing = (await Promise.all(tables.map(partitions))).flat();
    await retention.createPartitions(db, later);
    expect(dropped(await retention.dropExpiredPartitions(db, later)).sort()).toEqual(
      existing.filter((name) => !name.endsWith('_default')).sort(),
    );
    expect(await addEvent(later)).toBe(dayPartition(later));
  });

  it('of the outbox is dropped 72 hours after its last instant, not before', async () => {
    const today = new Date(now.toISOString().slice(0, 10));
    await retention.createPartitions(db, plusMs(today, 3 * day));
    expect(dropped(await retention.dropExpiredPartitions(db, plusMs(today, 4 * day - 1)))).not.toContain(dayPartition(today));
    expect(dropped(await retention.dropExpiredPartitions(db, plusMs(today, 4 * day)))).toContain(dayPartition(today));
  });

  it('of the calls to providers is dropped 30 days after its last instant, not before', async () => {
    const today = new Date(now.toISOString().slice(0, 10));
    const partition = dayPartition(today).replace('outbox', 'provider_calls');
    expect(dropped(await retention.dropExpiredPartitions(db, plusMs(today, 31 * day - 1)))).not.toContain(partition);
    expect(dropped(await retention.dropExpiredPartitions(db, plusMs(today, 31 * day)))).toContain(partition);
  });

  it('is dropped once when two processes drop at the same time', async () => {
    const later = plusMs(now, 500 * day);
    const concurrent = await Promise.all([retention.dropExpiredPartitions(db, later), retention.dropExpiredPartitions(db, later)]);
    const again = await retention.dropExpiredPartitions(db, later);
    const all = [...concurrent.flatMap(dropped), ...dropped(again)];
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(dayPartition(now));
    expect(await retention.dropExpiredPartitions(db, later)).toEqual([]);
  });

  it('is not dropped while it holds an unpublished event', async () => {
    await addEvent(now, { published: false });
    const later = plusMs(now, 10 * day);
    expect(await retention.dropExpiredPartitions(db, later)).toContainEqual({
      partition: dayPartition(now),
      result: 'has_unfinished_rows',
    });
    await db.pool.query('update gateway.outbox set published_at = now()');
    expect(dropped(await retention.dropExpiredPartitions(db, later))).toEqual([dayPartition(now)]);
  });

  it('is skipped while a report reads it, and inserts do not wait', async () => {
    const report = await db.pool.connect();
    await report.query('begin');
    await report.query('select count(*) from gateway.outbox');
    const later = plusMs(now, 10 * day);
    const [results] = await Promise.all([retention.dropExpiredPartitions(db, later, { pauseMs: 1 }), addEvent(now)]);
    await report.query('commit');
    report.release();
    expect(results.filter(({ result }) => result === 'locked')).toEqual([{ partition: dayPartition(plusMs(now, -day)), result: 'locked' }]);
    expect(dropped(await retention.dropExpiredPartitions(db, later))).toContain(dayPartition(now));
  });
});

describe('a partition whose table a report reads', () => {
  beforeEach(open);
  afterEach(close);

  it('is dropped in the same run when the report ends, and inserts go through between two tries', async () => {
    const report = await db.pool.connect();
    await report.query('begin; select count(*) from gateway.outbox');
    const later = plusMs(now, 10 * day);
    const dropping = retention.dropExpiredPartitions(db, later, { pauseMs: 20 });
    await eventually(isWaitingForTable);
    await eventually(async () => !(await isWaitingForTable())); // the first try has given up
    await addEvent(now);
    await report.query('commit');
    report.release();
    expect(dropped(await dropping)).toContain(dayPartition(plusMs(now, -day)));
  });
});

describe('expired rows that no dropped partition contains', () => {
  beforeEach(open);
  afterEach(close);

  it('are deleted from the default partitions, except unpublished events', async () => {
    const early = plusMs(now, -300 * day);
    await addEvent(early);
    await addEvent(early, { published: false });
    expect(await retention.pruneRows(db, now)).toMatchObject({ outbox_default: 1, payment_events_default: 0 });
    expect(await retention.pruneRows(db, plusMs(now, 101 * day))).toMatchObject({ outbox_default: 0, payment_events_default: 2 });
  });

  it('are deleted from the idempotency keys', async () => {
    const key = (n: number): idempotencyKeys.IdempotencyKey => ({ clientId: 'c', operation: 'create-payment', key: `k${n}` });
    await idempotencyKeys.bind(db.pool, key(1), 'f', asPaymentId('pay_1'), plusMs(now, -80 * 3_600_000));
    await idempotencyKeys.bind(db.pool, key(2), 'f', asPaymentId('pay_2'), now);
    await db.pool.query(
      `insert into gateway.idempotency_keys select 'many', 'create-payment', n::text, 'f', 'pay', $1::timestamptz, $1 from generate_series(1, 2500) n`,
      [plusMs(now, -90 * 3_600_000)],
    );
    expect(await retention.pruneRows(db, now)).toMatchObject({ idempotency_keys: 2_501 });
    expect(await retention.pruneRows(db, now)).toMatchObject({ idempotency_keys: 0 });
    expect((await db.pool.query('select key from gateway.idempotency_keys')).rows).toEqual([{ key: 'k2' }]);
  });
});
