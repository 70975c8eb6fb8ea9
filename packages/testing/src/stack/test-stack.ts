import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startStack } from '@gateway/local-stack/stack';
import { readStackConfig } from '@gateway/local-stack/stack-config';
import type { StackFile } from '@gateway/local-stack/stack-file';
import { connectSubscriber } from '@gateway/shared/queue';
import type { Redis } from 'ioredis';
import pg from 'pg';
import { checkoutDir } from '../checkout.ts';
import { freshDatabase, type TestDatabase, testRedisUrl } from '../database/servers.ts';
import { currentRun } from '../database/test-run.ts';
import { eventually } from '../eventually.ts';
import { type SimulatorClient, simulatorClientAt } from './simulator-client.ts';
import { type Till, tillAt } from './till.ts';

/** The programs of the product, as `npm start` runs them. */
export const serviceFiles = {
  simulator: path.join(checkoutDir, 'packages/simulator/src/main.ts'),
  notifier: path.join(checkoutDir, 'services/notifier/src/main.ts'),
  worker: path.join(checkoutDir, 'services/worker/src/main.ts'),
  api: path.join(checkoutDir, 'packages/demo/src/main.ts'),
};

/** The whole product in its own processes, as `npm start` runs it, with its own databases. */
export interface TestStack {
  api: string;
  simulator: SimulatorClient;
  /** The database of the pos host, to read rows and to act as the POS software. */
  pos: pg.Pool;
  redis: Redis;
  redisUrl: string;
  dataDir: string;
  operator: StackFile['operator'];
  /** A client of the api; default key: the demo key of the pos host. */
  till(key?: string): Till;
  pids(kind: keyof StackFile['pids']): readonly number[];
  /** Reads a page on the metrics port of the first process of this kind. Waits while that process is started again. */
  fetchMonitor(kind: keyof StackFile['metrics'], path: '/metrics' | '/health/ready'): Promise<string>;
  /** The log of a process so far. */
  log(name: string): string;
  /** Sends SIGKILL to all processes of this kind. Their supervisor starts them again. */
  kill(kind: keyof StackFile['pids']): void;
  stop(): Promise<void>;
}

/** Shorter than in a shop, so that tests of timeouts are short. */
const shortTimeouts = { HEDGE_AFTER_MS: '300', CREATE_LIMIT_MS: '2000', HOST_PATIENCE_MS: '500' };

/** Takes about 3 s. Several stacks may run at the same time, but only one on the same Redis. */
export async function startTestStack({
  environment = {},
  redisUrl = testRedisUrl(),
  programs = serviceFiles,
  posDatabase: filled,
}: {
  environment?: NodeJS.ProcessEnv;
  redisUrl?: string;
  /** Other files to run than the product's. */
  programs?: typeof serviceFiles;
  /** Of the pos host; default: an empty one. It is dropped at the end. */
  posDatabase?: TestDatabase;
} = {}): Promise<TestStack> {
  const [posDatabase, erpDatabase] = await Promise.all([filled ?? freshDatabase(), freshDatabase()]);
  const redis = connectSubscriber(redisUrl, { name: 'test' });
  await redis.flushall(); // an earlier stack left its jobs
  const dataDir = path.join(currentRun().serversDir, `stack-${randomBytes(4).toString('hex')}`);
  const variables = {
    PATH: process.env.PATH,
    DATA_DIR: dataDir,
    API_PORT: '0',
    SIMULATOR_PORT: '0',
    METRICS_PORT: '0',
    ...(environment.POS_DATABASE_URL ? {} : { POS_DATABASE_URL: posDatabase.serveUrl, POS_MIGRATE_URL: posDatabase.url }),
    ...(environment.ERP_DATABASE_URL ? {} : { ERP_DATABASE_URL: erpDatabase.serveUrl, ERP_MIGRATE_URL: erpDatabase.url }),
    REDIS_URL: redisUrl,
    ...shortTimeouts,
    ...environment,
  };
  const output: string[] = [];
  const stack = await startStack({
    config: readStackConfig(variables, checkoutDir),
    environment: variables,
    programs,
    root: checkoutDir,
    print: (line) => output.push(line),
    abort: new AbortController().signal,
  });
  const pos = new pg.Pool({ connectionString: posDatabase.url, max: 5 });
  pos.on('error', () => {}); // the database is dropped while the last connections close
  const file = (): StackFile => JSON.parse(readFileSync(path.join(dataDir, 'stack.json'), 'utf8'));
  const { apiUrl, simulatorUrl } = stack.addresses;
  return {
    api: apiUrl,
    simulator: simulatorClientAt(simulatorUrl),
    pos,
    redis,
    redisUrl,
    dataDir,
    operator: stack.operator,
    till: (key = 'sk_test_pos_demo') => tillAt(apiUrl, key),
    pids: (kind) => file().pids[kind],
    fetchMonitor: async (kind, at) => (await eventually(() => fetch(`${file().metrics[kind][0]}${at}`))).text(),
    log: (name) => readFileSync(path.join(dataDir, 'logs', `${name}.log`), 'utf8'),
    kill: (kind) => {
      for (const pid of file().pids[kind]) process.kill(pid, 'SIGKILL');
    },
    stop: async () => {
      await stack.stop();
      redis.disconnect();
      await pos.end();
      await Promise.all([posDatabase.drop(), erpDatabase.drop()]);
    },
  };
}
