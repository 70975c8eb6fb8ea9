import { rmSync } from 'node:fs';
import path from 'node:path';
import { type EmbeddedPostgres, startPostgres } from '@gateway/local-stack/embedded-postgres';
import { findRedis, startRedis } from '@gateway/local-stack/embedded-redis';
import { startWatchdog } from '@gateway/local-stack/start-watchdog';
import { Client } from 'pg';
import { prepareTemplate } from '../database/template.ts';
import { announce, hasRun, newPostgresDir, newRunDir, redisCacheDir, serversDirOf } from '../database/test-run.ts';

const password = 'test'; // no secret: the servers listen on 127.0.0.1, and live as long as the run
const print = (line: string) => process.stderr.write(`${line}\n`);

/**
 * Starts one real PostgreSQL for the run and one real Redis for each Jest worker, without durability, which costs time. Jest inside a run
 * that has started them already, such as of scripts/mutants.mjs, uses those.
 */
export default async function globalSetup({ maxWorkers }: { maxWorkers: number }): Promise<void> {
  if (hasRun()) return;
  const dir = newRunDir();
  const postgresDir = newPostgresDir(dir);
  const serversDir = serversDirOf(dir, postgresDir);
  const watchdog = startWatchdog(); // stops the servers when Jest is killed
  const program = await findRedis({ cacheDir: redisCacheDir, print });
  const [postgres, ...redises] = await Promise.all([
    startPostgres({ dir: path.join(postgresDir, 'postgres'), port: 0, password, durable: false, watchdog }),
    ...Array.from({ length: maxWorkers }, (_, worker) =>
      startRedis({ program, dir: path.join(serversDir, `redis-${worker + 1}`), port: 0, password, durable: false, watchdog }),
    ),
  ]);
  globalThis.stopTestServers = async () => {
    await Promise.all([postgres, ...redises].map((server) => server.stop()));
    for (const each of [postgresDir, dir]) rmSync(each, { recursive: true, force: true });
  };
  await createTemplate(postgres);
  announce({ pid: process.pid, dir, serversDir, postgres: { port: postgres.port, password }, redisUrls: redises.map(({ url }) => url) });
}

async function createTemplate(postgres: EmbeddedPostgres): Promise<void> {
  const admin = new Client(postgres.url('postgres'));
  await admin.connect();
  await admin.query('create database tpl');
  await admin.end();
  await prepareTemplate(postgres.url('tpl'));
}
