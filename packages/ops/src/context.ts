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

/** The fields of a running local stack's `stack.json` that the commands need. */
const stackFile = z.object({
  redis: z.string(),
  simulator: z.string(),
  databases: z.object({ pos: z.string(), erp: z.string().optional() }),
});

/** The databases, Redis and host folders of the gateway that the commands work on. */
export interface OpsContext {
  urls: DatabaseUrls;
  /** Null when REDIS_URL is not set and no local stack is used. */
  redisUrl: string | null;
  hostsDir: string;
  /** The simulator of the local stack; null with real providers. */
  simulatorUrl: string | null;
}

/** Reads the environment as the services do. Without a database variable, uses the running local stack. @throws CommandError, EnvironmentError */
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

/** Runs `work` with the control database. */
export async function withControl<T>(env: NodeJS.ProcessEnv, work: (db: Database) => Promise<T>): Promise<T> {
  return withDatabase(readContext(env).urls.control, work);
}

/** Runs `work` with a database and closes it. */
export async function withDatabase<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = connectDatabase(url, { name: 'ops', max: 2 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** The variables that name each database, by its URL. */
export function databasesByUrl({ hosts }: Pick<DatabaseUrls, 'hosts'>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, url] of Object.entries(hosts)) found.set(url, [...(found.get(url) ?? []), name]);
  return found;
}

/** Queries every database with hosts in it. A database that fails becomes one of `errors`; the rows of the others are returned. */
export async function inEveryDatabase<T>(
  env: NodeJS.ProcessEnv,
  query: (db: Database) => Promise<readonly T[]>,
): Promise<{ rows: T[]; errors: string[] }> {
  const databases = [...databasesByUrl(readContext(env).urls)];
  const results = await Promise.allSettled(databases.map(([url]) => withDatabase(url, query)));
  return {
    rows: results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
    errors: results.flatMap((result, index) =>
      result.status === 'rejected' ? [`${databases[index]?.[1].join(', ')} unavailable: ${reasonOf(result.reason)}`] : [],
    ),
  };
}

/** One line about an error; some network errors have a code but no message. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return message || code || String(error);
}

/** The actor for the audit log: the Unix user and the machine. */
export function actor(): string {
  return `cli ${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`; // the user of a container may have no name
  }
}
