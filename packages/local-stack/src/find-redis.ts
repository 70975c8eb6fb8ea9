import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { CannotStart } from './cannot-start.ts';
import type { Warden } from './start-warden.ts';
import { unpackRedis } from './unpack-redis.ts';

export interface RedisProgram {
  file: string;
  /** Where its libraries are, when they are not the system's: for LD_LIBRARY_PATH. */
  libraries: readonly string[];
}

export interface FindRedisOptions {
  /** A folder in the checkout, shared by every stack and test run of it. */
  cacheDir: string;
  environment?: NodeJS.ProcessEnv;
  say?: (sentence: string) => void;
  warden?: Warden | undefined;
  abort?: AbortSignal | undefined;
}

const names = ['redis-server', 'valkey-server'];
const waysOut =
  'Install one (apt-get install redis-server), set REDIS_SERVER to the path of a redis-server, or set REDIS_URL to a Redis that is running.';

/**
 * `REDIS_SERVER`, the PATH, what was unpacked before, else Debian's own package, unpacked into `cacheDir` without being installed.
 * @throws CannotStart naming the three ways out.
 */
export async function findRedis(options: FindRedisOptions): Promise<RedisProgram> {
  const { cacheDir, environment = process.env, say = () => {} } = options;
  const named = environment.REDIS_SERVER;
  if (named) {
    const problem = await whyNot({ file: named, libraries: [] });
    if (problem) throw new CannotStart(`REDIS_SERVER=${named} cannot be run: ${problem}`);
    return { file: named, libraries: [] };
  }
  const candidates = [...onPath(environment.PATH ?? ''), ...unpacked(cacheDir)];
  for (const candidate of candidates) if (!(await whyNot(candidate))) return candidate;

  say('fetching a Redis from the Debian packages (once)…');
  try {
    await unpackRedis(cacheDir, { ...options, environment });
  } catch (cause) {
    options.abort?.throwIfAborted();
    throw new CannotStart(`There is no Redis here, and none could be fetched (${(cause as Error).message}). ${waysOut}`, { cause });
  }
  const [fetched] = unpacked(cacheDir);
  const problem = fetched ? await whyNot(fetched) : 'the package holds no redis-server';
  if (!fetched || problem) throw new CannotStart(`The Redis from the Debian packages does not run here: ${problem}. ${waysOut}`);
  return fetched;
}

function onPath(searchPath: string): RedisProgram[] {
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

/** @returns null when it runs and is recent enough. BullMQ needs Redis 6.2. */
async function whyNot(program: RedisProgram): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program.file, ['--version'], { env: redisEnvironment(program), timeout: 5_000 });
    const [, major, minor] = /v=(\d+)\.(\d+)/.exec(stdout) ?? [];
    if (major === undefined) return 'it is no Redis';
    return Number(major) * 100 + Number(minor) >= 602 ? null : `it is Redis ${major}.${minor}, and 6.2 is needed`;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return stderr?.trim() || message;
  }
}
