import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import { connectDatabase, type Database, type DatabaseUrls, databaseEnvironment, databasesOf } from '@gateway/shared/postgres';
import { environment, readEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';
import { CommandError } from './command-error.ts';

const schema = z.looseObject({
  ...databaseEnvironment,
  REDIS_URL: environment.redisUrl().optional(),
  SIMULATOR_URL: environment.url('http').optional(),
  HOSTS_DIR: z.string().default('hosts'),
  DATA_DIR: z.string().default('.data'),
});

/** What of a running local stack's stack.json we need. */
const stackFile = z.object({
  redis: z.string(),
  simulator: z.string(),
  databases: z.object({ pos: z.string(), erp: z.string().optional() }),
});

/** Where the gateway that is meant keeps its things. */
export interface OpsContext {
  urls: DatabaseUrls;
  /** Null when nobody said. */
  redisUrl: string | null;
  hostsDir: string;
  /** Of the local stack; null where real providers are asked. */
  simulatorUrl: string | null;
}

/** As the services read it; where no database is named, those of the local stack that runs here. @throws CannotDo, EnvironmentError */
export function readContext(env: NodeJS.ProcessEnv): OpsContext {
  const config = readEnvironment(schema, env);
  const isNamed = Object.keys(config).some((name) => name.endsWith('_DATABASE_URL') && name !== 'CONTROL_DATABASE_URL');
  const { HOSTS_DIR: hostsDir, SIMULATOR_URL, REDIS_URL } = config;
  if (isNamed) return { urls: databasesOf(config), redisUrl: REDIS_URL ?? null, hostsDir, simulatorUrl: SIMULATOR_URL ?? null };
  const { redis, databases, simulator } = readStack(path.resolve(config.DATA_DIR, 'stack.json'));
  const ofStack = { POS_DATABASE_URL: databases.pos, ...(databases.erp ? { ERP_DATABASE_URL: databases.erp } : {}) };
  return { urls: databasesOf({ ...config, ...ofStack }), redisUrl: REDIS_URL ?? redis, hostsDir, simulatorUrl: SIMULATOR_URL ?? simulator };
}

function readStack(file: string): z.output<typeof stackFile> {
  try {
    return stackFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'not found' : `not readable${code ? ` (${code})` : ''}`;
    throw new CommandError(`no database configured and no local stack running: set POS_DATABASE_URL, or run npm start (${file}: ${why})`);
  }
}

/** Works with the control database, and lets go of it. */
export async function withControl<T>(env: NodeJS.ProcessEnv, work: (db: Database) => Promise<T>): Promise<T> {
  return withDatabase(readContext(env).urls.control, work);
}

export async function withDatabase<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = connectDatabase(url, { name: 'ops', max: 2 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** Every database once, by its URL, with the variables that name it. */
export function databasesByUrl({ hosts }: Pick<DatabaseUrls, 'hosts'>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, url] of Object.entries(hosts)) found.set(url, [...(found.get(url) ?? []), name]);
  return found;
}

/** Asks every database with hosts in it. One that is away is a sentence beside what the others say. */
export async function inEveryDatabase<T>(
  env: NodeJS.ProcessEnv,
  query: (db: Database) => Promise<readonly T[]>,
): Promise<{ rows: T[]; errors: string[] }> {
  const databases = [...databasesByUrl(readContext(env).urls)];
  const results = await Promise.allSettled(databases.map(([url]) => withDatabase(url, query)));
  return {
    rows: results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
    errors: results.flatMap((result, index) =>
      result.status === 'rejected' ? [`${databases[index]?.[1].join(', ')} cannot be asked: ${reasonOf(result.reason)}`] : [],
    ),
  };
}

export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return message || code || String(error);
}

/** Who types, for the audit: a shell has no other name to give. */
export function actor(): string {
  return `cli ${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`; // a container's user may have no name
  }
}
