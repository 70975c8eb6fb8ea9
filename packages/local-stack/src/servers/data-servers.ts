import { setTimeout as delay } from 'node:timers/promises';
import { connectSubscriber } from '@gateway/shared/queue';
import { hostsOf } from '@gateway/shared/runtime';
import { serveRole } from '@gateway/shared/store';
import { openLogFile } from '../processes/log-file.ts';
import type { ProcessGroup } from '../processes/process-group.ts';
import type { Watchdog } from '../processes/start-watchdog.ts';
import type { Secrets } from '../secrets.ts';
import type { StackConfig } from '../stack-config.ts';
import { StartError } from '../start-error.ts';
import type { DataDir } from './data-dir.ts';
import { type EmbeddedPostgres, startPostgres } from './embedded-postgres.ts';
import { type EmbeddedRedis, findRedis, startRedis } from './embedded-redis.ts';

export type Databases = Readonly<Record<'pos' | 'erp' | 'till' | 'control', string>>;

/** The URLs of all databases and of Redis, with passwords. */
export interface DataServers {
  /** For the owner, who migrates them and loads the demo. */
  databases: Databases;
  /** The same databases, for the services: on the embedded server as `gateway_serve`. */
  serving: Databases;
  redis: string;
  /** Null when the environment names every database. */
  embeddedPostgres: EmbeddedPostgres | null;
}

export interface DataServersOptions {
  config: StackConfig;
  dataDir: DataDir;
  redisCacheDir: string;
  secrets: Secrets;
  processGroup: ProcessGroup;
  watchdog: Watchdog;
  print: (message: string) => void;
  abort: AbortSignal;
}

/** Uses the servers that the environment names, and starts embedded ones for the rest. */
export async function openDataServers(options: DataServersOptions): Promise<DataServers> {
  const { config } = options;
  const needsPostgres = !config.POS_DATABASE_URL || !config.ERP_DATABASE_URL;
  const [postgres, redis] = await Promise.all([
    needsPostgres ? embeddedPostgres(options) : null,
    config.REDIS_URL ? externalRedis(config.REDIS_URL) : embeddedRedis(options),
  ]);
  return { ...databaseUrls(options, postgres), redis, embeddedPostgres: postgres };
}

function databaseUrls(
  { config, secrets }: DataServersOptions,
  postgres: EmbeddedPostgres | null,
): Pick<DataServers, 'databases' | 'serving'> {
  const urlOf = (name: string) => postgres?.url(name) ?? '';
  const servingUrlOf = (name: string) => asUser(urlOf(name), serveRole, secrets.servePassword);
  const pos = config.POS_MIGRATE_URL ?? config.POS_DATABASE_URL ?? urlOf('pos');
  const erp = config.ERP_MIGRATE_URL ?? config.ERP_DATABASE_URL ?? urlOf('erp');
  const control = config.CONTROL_MIGRATE_URL ?? config.CONTROL_DATABASE_URL ?? pos;
  const till = config.TILL_MIGRATE_URL ?? config.TILL_DATABASE_URL ?? control;
  const servingPos = config.POS_DATABASE_URL ?? servingUrlOf('pos');
  const servingControl = config.CONTROL_DATABASE_URL ?? servingPos;
  return {
    databases: { pos, erp, till, control },
    serving: {
      pos: servingPos,
      erp: config.ERP_DATABASE_URL ?? servingUrlOf('erp'),
      till: config.TILL_DATABASE_URL ?? servingControl,
      control: servingControl,
    },
  };
}

function asUser(url: string, user: string, password: string): string {
  if (!url) return '';
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.href;
}

/** The first start takes a free port. A restart keeps it, because the services have the URL. */
async function embeddedPostgres({ dataDir, secrets, processGroup, watchdog, print }: DataServersOptions): Promise<EmbeddedPostgres> {
  const log = openLogFile(dataDir.path('logs', 'postgres.log'));
  const startedAt = performance.now();
  let port = 0;
  const server = await processGroup.add('postgres', 'PostgreSQL', async (abort) => {
    const options = { dir: dataDir.path('postgres'), port, password: secrets.postgresPassword, durable: true, watchdog, abort };
    const started = await startPostgres({ ...options, onLog: (chunk) => log.write(chunk) });
    port = started.port;
    return started;
  });
  print(`PostgreSQL  127.0.0.1:${port} (${secondsSince(startedAt)})`);
  return server;
}

async function embeddedRedis({
  dataDir,
  redisCacheDir,
  secrets,
  processGroup,
  watchdog,
  print,
  abort: stopping,
}: DataServersOptions): Promise<string> {
  const log = openLogFile(dataDir.path('logs', 'redis.log'));
  const startedAt = performance.now();
  const program = await findRedis({ cacheDir: redisCacheDir, print, watchdog, abort: stopping });
  let port = 0;
  const server: EmbeddedRedis = await processGroup.add('redis', 'Redis', async (abort) => {
    const options = { program, dir: dataDir.path('redis'), port, password: secrets.redisPassword, durable: true, watchdog, abort };
    const started = await startRedis({ ...options, onLog: (chunk) => log.write(chunk) });
    port = started.port;
    return started;
  });
  print(`Redis       127.0.0.1:${port} (${secondsSince(startedAt)})`);
  return server.url;
}

const connectTimeoutMs = 5_000;

async function externalRedis(url: string): Promise<string> {
  let reason = `no answer within ${connectTimeoutMs / 1_000} s`;
  const { promise: failed, resolve: fail } = Promise.withResolvers<null>();
  const onError = (error: Error) => {
    reason = error.message;
    fail(null);
  };
  const redis = connectSubscriber(url, { name: 'local-stack', onError });
  try {
    const answer = await Promise.race([redis.ping(), failed, delay(connectTimeoutMs, null, { ref: false })]);
    if (answer === 'PONG') return url;
  } finally {
    redis.disconnect();
  }
  throw new StartError(`REDIS_URL: ${hostsOf(url)} cannot be used: ${reason}`);
}

export const secondsSince = (startedAt: number): string => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
