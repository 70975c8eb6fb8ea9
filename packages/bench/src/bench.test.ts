import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { flushTestRedis, freshDatabase, type TestDatabase, testRedisUrl } from '../../../testing/servers.ts';
import { type FiguresResult, takeFigures } from './figures.ts';
import { figuresText, forMachines, table } from './report.ts';
import { type BenchResult, runBench } from './run-bench.ts';
import { systemNames } from './systems.ts';

// What is measured here is nothing: only that all three systems make payments, and hear of them, the same way.
let databases: TestDatabase[];
let result: BenchResult;
let figures: FiguresResult;

beforeAll(async () => {
  await flushTestRedis();
  databases = await Promise.all(systemNames.map(() => freshDatabase()));
  const [product, equal, bare] = databases.map(({ url }) => url) as [string, string, string];
  const logDir = mkdtempSync(path.join(tmpdir(), 'bench-'));
  try {
    const options = { build: 'source', tills: 2, rounds: 1, seconds: 0.1, redisUrl: testRedisUrl(), logDir, say: () => {} } as const;
    result = await runBench({ ...options, databases: { product, equal, bare } });
    figures = await takeFigures({
      ...options,
      databaseUrl: product,
      timed: 2,
      counted: { payments: 5, idleMs: 600 },
      relay: { slowSeconds: 1, fastSeconds: 0.1, burst: 100 },
    });
  } finally {
    rmSync(logDir, { recursive: true, force: true });
  }
}, 120_000);

afterAll(() => Promise.all(databases.map((database) => database.drop())));

test.each(systemNames)('%s makes payments to their QR, and each of them is heard of by the kitchen', (name) => {
  const [round] = result.rounds[name];
  expect(round?.create.count).toBeGreaterThan(0);
  expect(round?.told.count).toBe(round?.create.count);
  expect(round?.told.p99).toBeGreaterThanOrEqual(round?.told.p50 as number);
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

test('the figures count what one payment asks of the servers, and tell how fast the relay is', () => {
  const { create, webhook } = figures.counts;
  expect(create.postgres.api?.statements['payment-insert']).toBeCloseTo(1);
  expect(create.postgres.api?.commits).toBeCloseTo(1);
  expect(create.postgres.worker?.statements['payment-show']).toBeCloseTo(1);
  expect(webhook.postgres.worker?.statements['payment-move']).toBeCloseTo(1);
  expect(create.redis.publish).toBeGreaterThan(1);
  expect(figures.relay.eventsPerSecond).toBeGreaterThan(0);
  expect(figuresText(figures)).toMatch(/one till {8}create → 201 +p50 [\d.]+ ms/);
});
