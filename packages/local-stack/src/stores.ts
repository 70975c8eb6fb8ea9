import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { CannotStart } from './cannot-start.ts';
import type { DataDir } from './data-dir.ts';
import { type EmbeddedPostgres, startPostgres } from './embedded-postgres.ts';
import { type EmbeddedRedis, findRedis, startRedis } from './embedded-redis.ts';
import type { House } from './house.ts';
import { openLogFile } from './log-file.ts';
import type { Secrets } from './secrets.ts';
import type { StackConfig } from './stack-config.ts';
import type { Warden } from './start-warden.ts';

/** Where the data is, as full URLs with passwords. */
export interface Stores {
  databases: { pos: string; erp: string; control: string };
  redis: string;
  /** Null when every database is somebody else's. */
  embeddedPostgres: EmbeddedPostgres | null;
}

export interface StoresOptions {
  config: StackConfig;
  dataDir: DataDir;
  redisCacheDir: string;
  secrets: Secrets;
  house: House;
  warden: Warden;
  say: (sentence: string) => void;
  abort: AbortSignal;
}

/** Takes the servers that the environment names, and starts our own for what it does not. */
export async function openStores(options: StoresOptions): Promise<Stores> {
  const { config } = options;
  const needsPostgres = !config.POS_DATABASE_URL || !config.ERP_DATABASE_URL;
  const [postgres, redis] = await Promise.all([
    needsPostgres ? ownPostgres(options) : null,
    config.REDIS_URL ? theirRedis(config.REDIS_URL) : ownRedis(options),
  ]);
  const pos = config.POS_DATABASE_URL ?? postgres?.url('pos') ?? '';
  const erp = config.ERP_DATABASE_URL ?? postgres?.url('erp') ?? '';
  return { databases: { pos, erp, control: config.CONTROL_DATABASE_URL ?? pos }, redis, embeddedPostgres: postgres };
}

/** The first start takes a free port; later ones keep it, since everybody was told. */
async function ownPostgres({ dataDir, secrets, house, warden, say }: StoresOptions): Promise<EmbeddedPostgres> {
  const log = openLogFile(dataDir.path('logs', 'postgres.log'));
  const began = performance.now();
  let port = 0;
  const server = await house.add('postgres', 'PostgreSQL', async (abort) => {
    const options = { dir: dataDir.path('postgres'), port, password: secrets.postgresPassword, durable: true, warden, abort };
    const started = await startPostgres({ ...options, onLog: (chunk) => log.write(chunk) });
    port = started.port;
    return started;
  });
  say(`PostgreSQL  127.0.0.1:${port} (${since(began)})`);
  return server;
}

async function ownRedis({ dataDir, redisCacheDir, secrets, house, warden, say, abort: stopping }: StoresOptions): Promise<string> {
  const log = openLogFile(dataDir.path('logs', 'redis.log'));
  const began = performance.now();
  const program = await findRedis({ cacheDir: redisCacheDir, say, warden, abort: stopping });
  let port = 0;
  const server: EmbeddedRedis = await house.add('redis', 'Redis', async (abort) => {
    const options = { program, dir: dataDir.path('redis'), port, password: secrets.redisPassword, durable: true, warden, abort };
    const started = await startRedis({ ...options, onLog: (chunk) => log.write(chunk) });
    port = started.port;
    return started;
  });
  say(`Redis       127.0.0.1:${port} (${since(began)})`);
  return server.url;
}

const answerMs = 5_000;

async function theirRedis(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: answerMs });
  let reason = `no answer within ${answerMs / 1_000} s`;
  redis.on('error', (error: Error) => {
    reason = error.message;
  });
  try {
    const answer = await Promise.race([redis.connect().then(() => redis.ping()), delay(answerMs, null, { ref: false })]);
    if (answer === 'PONG') return url;
  } catch {
    // the event above says why
  } finally {
    redis.disconnect();
  }
  throw new CannotStart(`REDIS_URL: ${new URL(url).host} cannot be used: ${reason}`);
}

export const since = (began: number): string => `${((performance.now() - began) / 1_000).toFixed(1)} s`;
