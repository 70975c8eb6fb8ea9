import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type EmbeddedPostgres, startPostgres } from '@gateway/local-stack/embedded-postgres';
import { type EmbeddedRedis, findRedis, type RedisOptions, type RedisProgram, startRedis } from '@gateway/local-stack/embedded-redis';
import { startTimeOf } from '@gateway/local-stack/process-start-time';
import { startWatchdog, type Watchdog } from '@gateway/local-stack/start-watchdog';
import { serveRole } from '@gateway/shared/store';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { currentRun, redisCacheDir } from './test-run.ts';

// Workers of a Jest that was killed would run to the end of their files, with the processes they started. So each worker ends itself.
const jest = currentRun().pid;
setInterval(() => startTimeOf(jest) ?? process.kill(process.pid, 'SIGKILL'), 250).unref();

const jestWorker = Number(process.env.JEST_WORKER_ID ?? 1);
const postgresUrl = (database: string, user = 'postgres') =>
  `postgres://${user}:${currentRun().postgres.password}@127.0.0.1:${currentRun().postgres.port}/${database}`;

/** A database that belongs to one test file. */
export interface TestDatabase {
  /** For the test: a superuser. */
  url: string;
  /** For the code under test: the role `gateway_serve`, so that a missing grant is found. */
  serveUrl: string;
  /** Drops the database, also while connections are open. */
  drop(): Promise<void>;
}

/** Creates a database: a copy of the one that template.ts prepared, or of `template`; null creates an empty one. Takes 20 ms. */
export async function freshDatabase(template: string | null = 'tpl'): Promise<TestDatabase> {
  const name = `t${jestWorker}_${randomBytes(4).toString('hex')}`;
  await asAdmin(`create database ${name} template ${template ?? 'template1'} strategy file_copy`);
  return {
    url: postgresUrl(name),
    serveUrl: postgresUrl(name, serveRole),
    drop: () => asAdmin(`drop database if exists ${name} with (force)`),
  };
}

/** Creates an empty database with this encoding, such as `LATIN1`: characters that it lacks cannot be stored there. */
export async function databaseInEncoding(encoding: string): Promise<TestDatabase> {
  const name = `t${jestWorker}_${randomBytes(4).toString('hex')}`;
  await asAdmin(`create database ${name} template template0 encoding '${encoding}' locale 'C'`);
  return {
    url: postgresUrl(name),
    serveUrl: postgresUrl(name, serveRole),
    drop: () => asAdmin(`drop database if exists ${name} with (force)`),
  };
}

async function asAdmin(statement: string): Promise<void> {
  const admin = new Client(postgresUrl('postgres'));
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}

/** The Redis of this Jest worker. No other worker publishes or flushes there, but earlier test files left their keys. */
export function testRedisUrl(): string {
  const url = currentRun().redisUrls[jestWorker - 1];
  if (!url) throw new Error(`no Redis was started for Jest worker ${jestWorker}`);
  return url;
}

/** Removes the keys that earlier test files left in the Redis of this Jest worker. */
export async function flushTestRedis(): Promise<void> {
  const redis = new Redis(testRedisUrl());
  await redis.flushall();
  redis.disconnect();
}

/** A server that one test file may stop, kill and start again. Its folder and its port stay. */
export interface OwnServer {
  /** SIGKILL. Resolves when the server has ended. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Starts the server again after `kill` or `stop`. */
  start(): Promise<void>;
  /** Freezes the server: connections stay open and get no answer. */
  pause(): void;
  resume(): void;
}

/** A PostgreSQL for one test file. `durable: false` skips the waits for the disk. */
export async function ownPostgres({ durable = false } = {}): Promise<OwnServer & { url(database: string): string }> {
  const options = { dir: ownDir('postgres'), password: currentRun().postgres.password, durable, watchdog: watchdogOfThisFile() };
  const own = await ownServer<EmbeddedPostgres>((port) => startPostgres({ ...options, port }));
  return { ...own.controls, url: (database) => own.server().url(database) };
}

export type OwnRedis = OwnServer & { url: string };

/**
 * A Redis for one test file. `durable: false` keeps nothing on the disk.
 * @param dir default: a folder of this test run
 * @param program default: the Redis of all tests
 */
export async function ownRedis({
  durable = false,
  dir = ownDir('redis'),
  program,
  ...kind
}: { durable?: boolean; dir?: string; program?: RedisProgram | undefined } & Pick<
  RedisOptions,
  'settings' | 'isSentinel'
> = {}): Promise<OwnRedis> {
  const options = {
    program: program ?? (await findRedis({ cacheDir: redisCacheDir })),
    dir,
    password: 'test',
    durable,
    watchdog: watchdogOfThisFile(),
    ...kind,
  };
  const own = await ownServer<EmbeddedRedis>((port) => startRedis({ ...options, port }));
  return { ...own.controls, url: own.server().url };
}

async function ownServer<Server extends EmbeddedPostgres | EmbeddedRedis>(start: (port: number) => Promise<Server>) {
  let server = await start(0);
  const controls: OwnServer = {
    kill: async () => {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    stop: () => server.stop(),
    start: async () => {
      server = await start(server.port);
    },
    pause: () => process.kill(server.pid, 'SIGSTOP'),
    resume: () => process.kill(server.pid, 'SIGCONT'),
  };
  return { controls, server: () => server };
}

export const ownDir = (kind: string) => path.join(currentRun().serversDir, `own-${kind}-${randomBytes(4).toString('hex')}`);

let watchdog: Watchdog | undefined;
/** Ends the servers of this test file when its process is killed. */
export function watchdogOfThisFile(): Watchdog {
  watchdog ??= startWatchdog();
  return watchdog;
}
