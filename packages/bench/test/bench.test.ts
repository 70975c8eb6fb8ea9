import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { flushTestRedis, freshDatabase, type TestDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import { countOnly } from '../src/figures.ts';
import type { Counts } from '../src/one-till.ts';
import { forMachines, table } from '../src/report.ts';
import { type BenchResult, runBench } from '../src/run-bench.ts';
import { systemNames } from '../src/systems.ts';

// What is measured here is nothing: only that all three systems make payments, and hear of them, the same way.
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
    counts = await countOnly({ ...options, databaseUrl: product, counted: { payments: 5, idleMs: 600 } });
  } finally {
    rmSync(logDir, { recursive: true, force: true });
  }
}, 180_000);

afterAll(() => Promise.all(databases.map((database) => database.drop())));

test.each(systemNames)('%s makes payments to their QR, and each of them is heard of by the kitchen', (name) => {
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
  expect(forMachines(result)).toMatchObject({
    ratios: { create: { equal: { median: expect.any(Number) }, bare: { median: expect.any(Number) } } },
  });
});

test('what one payment asks of the servers is counted by process', () => {
  const { create, webhook } = counts;
  expect(create.postgres.api?.statements['payment-insert']).toBeCloseTo(1);
  expect(create.postgres.api?.commits).toBeCloseTo(1);
  expect(create.postgres.worker?.statements['payment-show']).toBeCloseTo(1);
  expect(webhook.postgres.worker?.statements['payment-save']).toBeCloseTo(1);
  expect(create.redis.publish).toBeGreaterThan(1);
});
