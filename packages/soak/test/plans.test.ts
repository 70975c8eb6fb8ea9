import { connectClient } from '@gateway/shared/postgres';
import { plusMs } from '@gateway/shared/runtime';
import { retention } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { freshDatabase } from '@gateway/testing/database/servers';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness } from '@gateway/testing/worker/worker-harness';
import pg from 'pg';
import { alternating, median, timed } from './plans/alternating.ts';
import { type FilledDatabase, type FilledDatabases, fillLarge, fillSmall, fitting } from './plans/filled-databases.ts';
import { preparations } from './plans/past-payments.ts';
import { namesInSource } from './plans/rare-statements.ts';
import { type RegularWork, regularWorkOn, type Work } from './plans/regular-work.ts';
import { runEverything } from './plans/run-everything.ts';
import { schemaOf } from './plans/schema-of.ts';
import { createsDuring } from './plans/serving-tills.ts';
import { isOurs, longScans, pagesRead, planOf, type SentStatement, statementsOf } from './plans/statements.ts';

/** `npm run soak:plans -- --payments=10000000` measures times, too. */
const isMeasured = process.env.SOAK_PAYMENTS !== undefined;
const wished = Number(process.env.SOAK_PAYMENTS ?? 20_000);
const payments = isMeasured ? fitting(wished) : wished;
const sizes = [1_000, 1_000_000, payments].filter((size, n) => n !== 1 || size < payments);

let filled: FilledDatabases;
let largest: FilledDatabase;
let client: pg.Client;
beforeAll(async () => {
  if (payments < wished) console.log(`the disk has room for ${payments} payments, not for ${wished}`);
  filled = await (isMeasured ? fillLarge : fillSmall)(isMeasured ? sizes : [1_000, payments]);
  largest = filled.databases.at(-1) as FilledDatabase;
  client = await connectClient(largest.url, {}); // with the settings that decide about plans
}, 120_000 + payments);
afterAll(async () => {
  await client?.end();
  await filled?.close();
});

/** The tables and partitions of more than a megabyte. */
async function longTables(): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class c join pg_namespace s on s.oid = c.relnamespace
     where s.nspname in ('gateway', 'pos') and relkind = 'r' and pg_relation_size(c.oid) > 1e6`,
  );
  return rows.map(({ name }) => name);
}

/** The plans of these statements that scan a long table. */
async function scansOfLongTables(sent: readonly SentStatement[]): Promise<string[]> {
  const scan = new RegExp(`Seq Scan on (${(await longTables()).join('|')})\\b`);
  const found: string[] = [];
  for (const statement of sent.filter(isOurs)) {
    const plan = await planOf(client, statement);
    if (scan.test(plan)) found.push(`${statement.name}\n${statement.text}\n${plan}`);
  }
  return found;
}

/** The demo's rows too: autovacuum may have counted them already, and then a plan reads the whole of their short tables. */
async function emptyAllTables(db: pg.Client): Promise<void> {
  const { rows } = await db.query<{ names: string }>(
    `select string_agg(c.oid::regclass::text, ', ') as names from pg_class c join pg_namespace s on s.oid = c.relnamespace
     where s.nspname in ('gateway', 'pos') and relkind in ('r', 'p')`,
  );
  await db.query(`truncate ${rows[0]?.names}`);
}

const statements = new Map<string, SentStatement>();

it('the filling leaves every table, index and constraint as the migrations have made it', async () => {
  const migrated = await freshDatabase();
  const onMigrated = await connectClient(migrated.url, {});
  for (const statement of preparations) await onMigrated.query(statement);
  await onMigrated.query('drop table past');
  expect(await schemaOf(client)).toEqual(await schemaOf(onMigrated));
  await onMigrated.end();
  await migrated.drop();
});

describe(`with ${payments} past payments`, () => {
  it('no statement of the product scans a long table', async () => {
    for (const sent of await statementsOf(runEverything)) statements.set(sent.name, sent);
    const long = await longTables();
    expect(long).toEqual(expect.arrayContaining(['payments', 'attempts', 'orders', 'releases']));
    expect(namesInSource().filter((name) => !statements.has(name))).toEqual([]); // no statement is left out
    expect(await scansOfLongTables([...statements.values()].filter(({ name }) => !name.startsWith('soak-')))).toEqual([]);
  }, 120_000);

  // A plan is kept. It is made in a new installation, in a new partition, or at night, when the indexes of open work are empty.
  it('no plan that was made while a table or an index was empty reads it from end to end', async () => {
    const empty = await freshDatabase();
    const onEmpty = await connectClient(empty.url, {});
    await emptyAllTables(onEmpty);
    const ofLongTables = new RegExp(`^.* on (${(await longTables()).join('|')})\\b`);
    const found: string[] = [];
    for (const sent of statements.values()) {
      if (/^(soak|figures)-/.test(sent.name) || !isOurs(sent) || !sent.isNamed) continue; // figures count what an index of open work holds
      const scans = longScans(await planOf(onEmpty, sent));
      scans.push(...longScans(await planOf(client, sent)).filter((scan) => ofLongTables.test(scan)));
      found.push(...scans.map((scan) => `${sent.name}: ${scan}`));
    }
    await onEmpty.end();
    await empty.drop();
    expect(found).toEqual([]);
  });
});

describe(`with 1,000 and with ${payments} past payments`, () => {
  let all: RegularWork[] = [];
  beforeAll(async () => {
    all = await Promise.all(filled.databases.map(regularWorkOn));
  });
  afterAll(async () => {
    for (const each of all) await each.close();
  });

  // One limit for every size. An index of 10,000,000 entries has two levels more than one of 1,000. The list looks up the issuer and the
  // receipt of each of its payments. The audit reads the 175 payments of a day, and looks each of them up in some ten tables, and in the
  // partitions of events and webhooks since that day.
  it.each([
    { name: 'relay', of: 'one event', limit: 500 },
    { name: 'list', of: 'four pages of payments', limit: 800 },
    { name: 'timeline', of: 'one payment', limit: 80 },
    { name: 'audit', of: 'one day', limit: 8_000 },
    { name: 'sweep', of: 'fifty due payments', limit: 2_500 }, // at last: a claim that is rolled back leaves dead rows, which the others would read
  ] as const)(
    'the $name of $of reads at most $limit pages, and no long table',
    async ({ name, limit }) => {
      const pages: number[] = [];
      for (const { client: reader, work } of all) pages.push(await pagesOf(reader, work[name]));
      if (isMeasured) {
        const times = await alternating(
          all.map(({ work }) => timed(work[name])),
          50,
        );
        console.log(name, { sizes, pages, p50Ms: times.map(median) });
      }
      expect(Math.min(...pages)).toBeGreaterThan(0);
      expect(Math.max(...pages)).toBeLessThanOrEqual(limit);
      const onLargest = (all.at(-1) as RegularWork).work[name];
      await onLargest.prepare?.();
      expect(await scansOfLongTables(await statementsOf(onLargest.run))).toEqual([]); // with the values of a busy day
    },
    300_000,
  );

  (isMeasured ? it : it.skip)(
    'a create takes the same time until its QR is there: p50 differs by 5 % at most',
    async () => {
      const workers = await Promise.all(
        filled.databases.map((each) => startWorkerHarness({ database: { ...each, drop: async () => {} } })),
      );
      const times = await alternating(
        workers.map((worker) => async () => {
          const orderId = await anOrder(worker.db.pool);
          return timed({ run: () => worker.pending({ orderId }) })();
        }),
        Number(process.env.SOAK_ROUNDS ?? 1_500),
      );
      for (const worker of workers) await worker.close();
      const [smallest = 0, ...others] = times.map(median);
      console.log({ sizes, createP50: [smallest, ...others] });
      for (const p50 of others) expect(p50 / smallest).toBeLessThanOrEqual(1.05);
    },
    600_000,
  );
});

describe('while tills create payments', () => {
  let api: ApiHarness;
  beforeAll(async () => {
    api = await startApiHarness({ database: { ...largest, drop: async () => {} } });
  });
  afterAll(() => api?.close());

  it('maintenance drops every expired partition, and no till waits more than 200 ms for it', async () => {
    await createsDuring(api, () => retention.createPartitions(api.db, new Date())); // the connections are open
    const before = await createsDuring(api, () => new Promise((resolve) => setTimeout(resolve, isMeasured ? 10_000 : 200)));
    let results: retention.PartitionResult[] = [];
    const during = await createsDuring(api, async () => {
      results = await retention.dropExpiredPartitions(api.db, new Date());
    });
    expect(new Set(results.map(({ partition }) => partition.slice(0, -9)))).toEqual(
      new Set(['outbox', 'payment_events', 'provider_calls', 'webhook_deliveries', 'webhook_inbox']),
    );
    expect(results.filter(({ result }) => result !== 'dropped')).toEqual([]);
    expect(during.length).toBeGreaterThan(0);
    if (!isMeasured) return;
    console.log({ creates: during.length, p50: median(before), longestBefore: Math.max(...before), longestDuring: Math.max(...during) });
    expect(Math.max(...during) - median(before)).toBeLessThanOrEqual(200);
  });
});

describe('with an open report that prevents VACUUM', () => {
  it('a sweep reads few pages', async () => {
    const report = new pg.Client(largest.url);
    await report.connect();
    await report.query('begin isolation level repeatable read; select count(*) from gateway.stores');
    let now = new Date();
    for (let round = 0; round < 100; round++) {
      now = plusMs(now, 10_000);
      const past = `id in (select id from gateway.payments where status = 'paid' order by id desc offset ${50 * round} limit 50)`;
      await client.query(`update gateway.payments set check_at = $1 where ${past}`, [now]); // fifty QRs are displayed,
      await client.query(`update gateway.payments set check_at = null where ${past}`); // and closed
    }
    const claim = statements.get('due-payments') as SentStatement;
    const until = plusMs(now, 4_000);
    const claimAfter = (after: Date) => pagesRead(client, [{ ...claim, values: [now, 200, after, until, until, now, [true, false]] }]);
    const [fromStart, fromWatermark] = [await claimAfter(new Date(0)), await claimAfter(plusMs(now, -30_000))];
    await report.query('rollback');
    await report.end();
    if (isMeasured) console.log({ fromStart, fromWatermark });
    expect(fromWatermark).toBeLessThan(fromStart / 3);
  });
});

/** How many pages the work reads when it has been done before, so that the catalogs are known. */
async function pagesOf(reader: pg.Client, { prepare, run }: Work): Promise<number> {
  await prepare?.();
  const sent = await statementsOf(run);
  await prepare?.(); // what the statements find when they run once more
  await pagesRead(reader, sent);
  return pagesRead(reader, sent);
}
