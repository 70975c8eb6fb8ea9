import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startPostgres } from '@gateway/local-stack/embedded-postgres';
import { findRedis, startRedis } from '@gateway/local-stack/embedded-redis';
import { startWatchdog } from '@gateway/local-stack/start-watchdog';
import pg from 'pg';
import { checkoutDir } from './checkout.ts';

/** A PostgreSQL and a Redis for one run, as durable as the ones of `npm start`. */
export interface Servers {
  dir: string;
  redisUrl: string;
  pids: { postgres: number; redis: number };
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const dir = path.join(checkoutDir, '.cache/bench', String(process.pid));
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const watchdog = startWatchdog();
  const program = await findRedis({ cacheDir: path.join(checkoutDir, '.cache/redis'), watchdog });
  const common = { port: 0, password: 'bench', durable: true, watchdog };
  const [postgres, redis] = await Promise.all([
    startPostgres({ ...common, dir: path.join(dir, 'postgres') }),
    startRedis({ ...common, dir: path.join(dir, 'redis'), program }),
  ]);
  return {
    dir,
    redisUrl: redis.url,
    pids: { postgres: postgres.pid, redis: redis.pid },
    createDatabase: async (name) => {
      const admin = new pg.Client(postgres.url('postgres'));
      await admin.connect();
      await admin.query(`create database ${name}`);
      await admin.end();
      return postgres.url(name);
    },
    stop: async () => {
      await Promise.all([postgres.stop(), redis.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
