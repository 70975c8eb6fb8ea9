import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { flushTestRedis, freshDatabase, type TestDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import type { CountedQueries } from '../src/counting-proxy.ts';
import { countOnly } from '../src/figures.ts';
import type { Counts, QueryCounts } from '../src/one-till.ts';
import { benchJson, table } from '../src/report.ts';
import { type BenchResult, runBench } from '../src/run-bench.ts';
import { systemNames } from '../src/systems.ts';

// Measures nothing. Checks that all three systems create and pay payments in the same way.
let databases: TestDatabase[];
let result: BenchResult;
let counts: Counts;

beforeAll(async () => {
  await flushTestRedis();
  databases = await Promise.all(systemNames.map(() => freshDatabase()));
  const [product, equal, bare] = databases.map(({ url }) => url) as [string, string, string];
  const logDir = mkdtempSync(path.join(tmpdir(), 'bench-'));
  try {
    const options = { build: 'source', tills: 2, rounds: 1, seconds: 0.1, redisUrl: testRedisUrl(), logDir, print: () => {} } as const;
    result = await runBench({ ...options, databases: { product, equal, bare } });
    counts = await countOnly({ ...options, databaseUrl: product, counted: { payments: 8, idleMs: 600 } });
  } finally {
    rmSync(logDir, { recursive: true, force: true });
  }
}, 180_000);

afterAll(() => Promise.all(databases.map((database) => database.drop())));

test.each(systemNames)('%s creates payments with a QR, and the kitchen receives each of them', (name) => {
  const [round] = result.rounds[name];
  expect(round?.create.count).toBeGreaterThan(0);
  expect(round?.published.count).toBe(round?.create.count);
  expect(round?.published.p99).toBeGreaterThanOrEqual(round?.published.p50 as number);
  expect(round?.cpuSeconds.api).toBeGreaterThanOrEqual(0);
  expect(result.peakRssMb[name].worker).toBeGreaterThan(10);
});

test('the table has a line for each stage and each system, and the product is compared with both floors', () => {
  const text = table(result);
  for (const head of ['create → QR', 'webhook → 200', 'webhook → Pub/Sub', 'product', 'equal', 'bare'])
    expect(text).toMatch(new RegExp(`^${head} `, 'm'));
  expect(text).not.toContain('NaN');
});

test('the JSON has the ratios, and the rounds with the field names of earlier versions', () => {
  const { ratios, rounds } = JSON.parse(JSON.stringify(benchJson(result)));
  expect(Object.keys(ratios).sort()).toEqual(['create', 'told', 'webhook']);
  expect(ratios.create).toMatchObject({ equal: { median: expect.any(Number) }, bare: { median: expect.any(Number) } });
  for (const name of systemNames) expect(Object.keys(rounds[name][0]).sort()).toEqual(['cpuSeconds', 'create', 'told', 'webhook']);
});

/** What happens for every payment. Less than half of the time: the work of a sweep. A readiness check and the evidence of calls have timers of their own. */
const regular = (counted: Record<string, number> | undefined): string[] =>
  Object.entries(counted ?? {})
    .filter(([name, count]) => count > 0.5 && !name.includes('host_read') && name !== 'provider-calls-insert') // which timers send
    .map(([name]) => name)
    .sort();
const sent = (queries: CountedQueries | undefined): string[] => regular(queries?.statements);

test('one payment takes these statements, and no more than eighteen', () => {
  const { create, webhook } = counts;
  const relay = ['relay-take'];
  expect(sent(create.postgres.api)).toEqual(['begin', 'commit', 'lock order', 'read for payment', 'write with the key of the host']);
  expect(sent(create.postgres.worker)).toEqual(['attempt-begin-first', 'begin', 'commit', 'show unchanged']);
  expect(sent(webhook.postgres.api)).toEqual(['inbox-insert']);
  expect(sent(webhook.postgres.worker)).toEqual([
    'begin',
    'commit',
    'lock order and payment',
    'read order and payment',
    'save unless booked',
    'write with the host',
  ]);
  const all = [create, webhook].flatMap(({ postgres }) => [...sent(postgres.api), ...sent(postgres.worker), ...relay]);
  expect(all.length).toBeLessThanOrEqual(18);
});

test('the statements of one payment are sent in these round trips, each named by its first statement', () => {
  const of = ({ postgres: { api, worker } }: QueryCounts) => ({ api: regular(api?.roundTrips), worker: regular(worker?.roundTrips) });
  expect(of(counts.create)).toEqual({ api: ['begin', 'write with the key of the host'], worker: ['attempt-begin-first', 'begin'] });
  expect(of(counts.webhook)).toEqual({ api: ['inbox-insert'], worker: ['begin', 'write with the host'] });
});

test('one payment is written in these commits, each named by the first statement that writes', () => {
  const of = ({ postgres: { api, worker } }: QueryCounts) => ({ api: regular(api?.commits), worker: regular(worker?.commits) });
  expect(of(counts.create)).toEqual({ api: ['write with the key of the host'], worker: ['attempt-begin-first', 'show unchanged'] });
  expect(of(counts.webhook)).toEqual({ api: ['inbox-insert'], worker: ['write with the host'] });
});

test('the commands of one payment are counted', () => {
  expect(counts.create.redis.publish).toBeGreaterThan(1);
});
