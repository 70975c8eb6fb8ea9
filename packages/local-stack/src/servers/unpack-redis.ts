import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startTimeOf } from '../processes/process-start-time.ts';
import { runToEnd } from '../processes/running-process.ts';
import type { Watchdog } from '../processes/start-watchdog.ts';

const packageTimeoutMs = 60_000;

interface UnpackOptions {
  environment?: NodeJS.ProcessEnv;
  watchdog?: Watchdog | undefined;
  abort?: AbortSignal | undefined;
}

/**
 * Unpacks redis-server of Debian or Ubuntu, and the packages that it needs beyond this system, into `cacheDir/root`. Needs no root
 * rights and changes nothing outside: apt uses its own lists and caches, and checks signatures as usual. May run twice at the same
 * time: the first to finish is kept.
 * @throws Error when there is no apt-get, or the packages cannot be downloaded
 */
export async function unpackRedis(cacheDir: string, options: UnpackOptions = {}): Promise<void> {
  mkdirSync(cacheDir, { recursive: true });
  removeUnfinished(cacheDir);
  const workDir = path.join(cacheDir, `unpack.${process.pid}`);
  const archives = path.join(workDir, 'cache/archives');
  const root = path.join(workDir, 'root');
  for (const folder of [path.join(workDir, 'lists/partial'), path.join(archives, 'partial'), root]) mkdirSync(folder, { recursive: true });
  try {
    // One unreachable package list out of several does not matter, unless the package cannot be downloaded: then it is the reason.
    const incomplete = await apt(options, workDir, 'update').catch((error: Error) => error);
    await apt(options, workDir, 'install', '--download-only', '--no-install-recommends', '--yes', 'redis-server').catch((error) => {
      throw incomplete ?? error;
    });
    const packages = readdirSync(archives).filter((name) => name.endsWith('.deb'));
    for (const name of packages) await run(options, 'dpkg-deb', ['-x', path.join(archives, name), root]);
    renameSync(root, path.join(cacheDir, 'root'));
  } catch (error) {
    if (!existsSync(path.join(cacheDir, 'root'))) throw new Error(reasonOf(error), { cause: error });
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

async function apt(options: UnpackOptions, workDir: string, ...command: string[]): Promise<void> {
  const settings = [
    `Dir::State::Lists=${workDir}/lists`,
    `Dir::Cache=${workDir}/cache`,
    'Debug::NoLocking=true', // the system's lock is needed for installing only
    'APT::Sandbox::User=', // as root, apt would download as a user who cannot enter this folder
    'APT::Update::Error-Mode=any', // otherwise an unreachable list is only a warning
    'Acquire::Retries=0',
    'Acquire::http::Timeout=10',
    'Acquire::https::Timeout=10',
    'Acquire::Languages=none',
  ];
  await run(options, 'apt-get', ['-qq', ...settings.flatMap((setting) => ['-o', setting]), ...command]);
}

function run({ environment = process.env, watchdog, abort }: UnpackOptions, program: string, args: string[]): Promise<void> {
  return runToEnd(program, args, { env: { ...environment, LC_ALL: 'C' }, watchdog, abort, withinMs: packageTimeoutMs });
}

function removeUnfinished(cacheDir: string): void {
  for (const name of readdirSync(cacheDir)) {
    const pid = Number(/^unpack\.(\d+)$/.exec(name)?.[1]);
    if (pid && (pid === process.pid || startTimeOf(pid) === null)) rmSync(path.join(cacheDir, name), { recursive: true, force: true });
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'this system has no apt-get';
  const errorLine = message.split('\n').find((line) => /^[EW]:/.test(line));
  return errorLine?.slice(3).trim() || message;
}
