import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Watchdog } from '../processes/start-watchdog.ts';
import { StartError } from '../start-error.ts';
import { unpackRedis } from './unpack-redis.ts';

export interface RedisProgram {
  file: string;
  /** Folders for LD_LIBRARY_PATH; empty when the program uses the system's libraries. */
  libraries: readonly string[];
}

export interface FindRedisOptions {
  /** A folder in the checkout. All its stacks and test runs share it. */
  cacheDir: string;
  environment?: NodeJS.ProcessEnv;
  print?: (message: string) => void;
  watchdog?: Watchdog | undefined;
  abort?: AbortSignal | undefined;
}

const names = ['redis-server', 'valkey-server'];
const installAdvice =
  'Install one (apt-get install redis-server), set REDIS_SERVER to the path of a redis-server, or set REDIS_URL to a Redis that is running.';

/**
 * Finds a Redis server: `REDIS_SERVER`, then the PATH, then `cacheDir`. When there is none, downloads Debian's package and unpacks it
 * into `cacheDir` without installing it.
 * @throws StartError naming three ways to provide one
 */
export async function findRedis(options: FindRedisOptions): Promise<RedisProgram> {
  const { cacheDir, environment = process.env, print = () => {} } = options;
  const configured = environment.REDIS_SERVER;
  if (configured) {
    const problem = await findProblem({ file: configured, libraries: [] });
    if (problem) throw new StartError(`REDIS_SERVER=${configured} cannot be run: ${problem}`);
    return { file: configured, libraries: [] };
  }
  const candidates = [...onPath(names, environment.PATH ?? ''), ...unpacked(cacheDir)];
  for (const candidate of candidates) if (!(await findProblem(candidate))) return candidate;

  print('downloading Redis from the Debian packages (once)…');
  try {
    await unpackRedis(cacheDir, { ...options, environment });
  } catch (cause) {
    options.abort?.throwIfAborted();
    throw new StartError(`No Redis was found, and the download failed (${(cause as Error).message}). ${installAdvice}`, { cause });
  }
  const [downloaded] = unpacked(cacheDir);
  const problem = downloaded ? await findProblem(downloaded) : 'the package holds no redis-server';
  if (!downloaded || problem) throw new StartError(`The Redis from the Debian packages does not run here: ${problem}. ${installAdvice}`);
  return downloaded;
}

/** The Valkey on the PATH, also where there is a Redis, too. */
export const findValkey = (): RedisProgram | undefined => onPath(['valkey-server'], process.env.PATH ?? '')[0];

function onPath(names: readonly string[], searchPath: string): RedisProgram[] {
  const folders = searchPath.split(path.delimiter).filter(Boolean);
  return names
    .flatMap((name) => folders.map((folder) => path.join(folder, name)).filter(isExecutable))
    .map((file) => ({ file, libraries: [] }));
}

function unpacked(cacheDir: string): RedisProgram[] {
  const root = path.join(cacheDir, 'root');
  const file = path.join(root, 'usr/bin/redis-server');
  if (!isExecutable(file)) return [];
  const libraries = ['usr/lib', 'lib']
    .map((folder) => path.join(root, folder))
    .filter(existsSync)
    .flatMap(multiarchFolders);
  return [{ file, libraries }];
}

/** Debian keeps libraries in a folder per architecture, `x86_64-linux-gnu`. */
function multiarchFolders(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.includes('-linux-gnu'))
    .map((name) => path.join(folder, name));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export const redisEnvironment = ({ libraries }: RedisProgram): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  LC_ALL: 'C',
  TZ: 'UTC',
  ...(libraries.length > 0 ? { LD_LIBRARY_PATH: libraries.join(':') } : {}),
});

/** Why the program cannot be used; null when it can. BullMQ needs Redis 6.2. */
async function findProblem(program: RedisProgram): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program.file, ['--version'], { env: redisEnvironment(program), timeout: 5_000 });
    const [, major, minor] = /v=(\d+)\.(\d+)/.exec(stdout) ?? [];
    if (major === undefined) return 'it is not a Redis server';
    return Number(major) * 100 + Number(minor) >= 602 ? null : `it is Redis ${major}.${minor}; 6.2 or newer is needed`;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return stderr?.trim() || message;
  }
}
