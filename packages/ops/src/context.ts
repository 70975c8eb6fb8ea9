import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type HostFolder, loadHosts } from '@gateway/shared/host';
import {
  connectDatabase,
  type Database,
  type DatabaseUrls,
  databaseEnvironment,
  databasesOf,
  migrateUrlsOf,
} from '@gateway/shared/postgres';
import { liveModes, providerModes } from '@gateway/shared/provider';
import { allowPlaintext, environment, operatorNamePattern, readEnvironment, requireSafeEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';
import { terminalError, terminalUsageError } from './terminal-error.ts';

const schema = z.looseObject({
  ...databaseEnvironment,
  ...providerModes,
  LOCAL_STACK: environment.flag(),
  ALLOW_PLAINTEXT: allowPlaintext,
  REDIS_URL: environment.redisUrl().optional(),
  SIMULATOR_URL: environment.url('http').optional(),
  HOSTS_DIR: z.string().optional(),
  DATA_DIR: z.string().default('.data'),
});

/** The fields of a running local stack's `stack.json` that the commands need. */
const stackFile = z.object({
  redis: z.string(),
  simulator: z.string(),
  control: z.string().optional(),
  databases: z.record(z.string(), z.string()),
  hosts_dir: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
});

/** The databases, Redis and host folders of the gateway that the commands work on. */
export interface OpsContext {
  /** `hosts` also has the databases whose URL is in a file of a host folder, by `warung/database.url`. */
  urls: DatabaseUrls;
  /** The URL with which a database is migrated, where it is another one than in `urls`. */
  migrateUrls: Readonly<Record<string, string>>;
  /** Null when REDIS_URL is not set and no local stack is used. */
  redisUrl: string | null;
  hostsDir: string;
  /** As the processes that serve read them: of a host in a file without TLS, in live mode, nothing is used. */
  needsTls: (name: string) => boolean;
  /** The simulator of the local stack; null with real providers. */
  simulatorUrl: string | null;
  /** The variables of the processes that serve, as far as the commands know them: of a local stack, what it starts its services with. */
  variables: NodeJS.ProcessEnv;
}

/**
 * Reads the environment as the services do, and refuses what they refuse: public passwords, and plaintext servers in live mode. Without a
 * database variable, uses the running local stack.
 * @throws CommandError, EnvironmentError
 */
export function readContext(env: NodeJS.ProcessEnv): OpsContext {
  const config = readEnvironment(schema, env);
  const needsTls = requireSafeEnvironment(config, { liveModes: liveModes(config) });
  const isNamed = Object.keys(config).some((name) => name.endsWith('_DATABASE_URL') && name !== 'CONTROL_DATABASE_URL');
  const { HOSTS_DIR = 'hosts', SIMULATOR_URL, REDIS_URL } = config;
  if (isNamed) {
    const urls = withDatabaseFiles(databasesOf(config), hostFolders({ hostsDir: HOSTS_DIR, needsTls }).hosts);
    return {
      urls,
      migrateUrls: migrateUrlsOf(config),
      redisUrl: REDIS_URL ?? null,
      hostsDir: HOSTS_DIR,
      needsTls,
      simulatorUrl: SIMULATOR_URL ?? null,
      variables: env,
    };
  }
  const stack = readStack(path.resolve(config.DATA_DIR, 'stack.json'));
  const hostsDir = config.HOSTS_DIR ?? stack.hosts_dir ?? HOSTS_DIR;
  const { hosts } = hostFolders({ hostsDir, needsTls });
  const variableOf = (id: string) => hosts.find((folder) => folder.id === id && folder.databaseUrl === null)?.database;
  const ofStack = Object.fromEntries(
    Object.entries(stack.databases).map(([id, url]) => [variableOf(id) ?? `${id.toUpperCase()}_DATABASE_URL`, url]),
  );
  const control = stack.control ? { CONTROL_DATABASE_URL: stack.control } : {};
  const urls = withDatabaseFiles(databasesOf({ ...control, ...config, ...ofStack }), hosts);
  const variables = { ...stack.environment, ...withoutEmpty(env) };
  const redisUrl = REDIS_URL ?? stack.redis;
  return { urls, migrateUrls: {}, redisUrl, hostsDir, needsTls, simulatorUrl: SIMULATOR_URL ?? stack.simulator, variables };
}

/** An empty variable counts as unset, so it does not replace one of the stack. */
const withoutEmpty = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => Object.fromEntries(Object.entries(env).filter(([, value]) => value));

function withDatabaseFiles({ hosts, control }: DatabaseUrls, folders: readonly HostFolder[]): DatabaseUrls {
  const files = folders.flatMap(({ database, databaseUrl }) => (databaseUrl === null ? [] : [[database, databaseUrl] as const]));
  return { hosts: { ...hosts, ...Object.fromEntries(files) }, control };
}

/** The host folders. None, when the folder of folders is missing: the command then knows only the databases of the environment. */
export function hostFolders({ hostsDir, needsTls }: Pick<OpsContext, 'hostsDir' | 'needsTls'>): ReturnType<typeof loadHosts> {
  return existsSync(hostsDir) ? loadHosts(hostsDir, { needsTls }) : { hosts: [], invalid: [] };
}

function readStack(file: string): z.output<typeof stackFile> {
  try {
    return stackFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'not found' : `not readable${code ? ` (${code})` : ''}`;
    throw terminalError(`no database configured and no local stack running: set POS_DATABASE_URL, or run npm start (${file}: ${why})`);
  }
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

/** The variables that name each database, by its URL. The orders of tills are in another variable's database unless theirs is set. */
export function databasesByUrl({ hosts: { TILL_DATABASE_URL: ofTills, ...hosts } }: Pick<DatabaseUrls, 'hosts'>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, url] of Object.entries(hosts)) found.set(url, [...(found.get(url) ?? []), name]);
  if (!found.has(ofTills)) found.set(ofTills, ['TILL_DATABASE_URL']);
  return found;
}

const technicalUsers = ['root', 'node', 'postgres', 'app'];

/**
 * The actor for the audit log: the person at the command line, by `--as`, `OPERATOR_NAME`, or the login of a shell. A container and a
 * service have technical users, which say nothing about who acted.
 * @throws UsageError when no person is named
 */
export function actor({ OPERATOR_NAME, SUDO_USER, USER, LOGNAME }: NodeJS.ProcessEnv): string {
  const name = OPERATOR_NAME || [SUDO_USER, USER, LOGNAME].find((user) => user && !technicalUsers.includes(user));
  if (!name || !operatorNamePattern.test(name) || technicalUsers.includes(name))
    throw terminalUsageError(
      'who are you? Give your name with --as <name> or OPERATOR_NAME: it is recorded in the audit log (1 to 40 of A-Z a-z 0-9 . _ -)',
    );
  return `cli ${name}`;
}
