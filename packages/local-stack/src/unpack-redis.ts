import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { birthOf } from './process-birth.ts';
import { runToEnd } from './running-process.ts';
import type { Warden } from './start-warden.ts';

const packageMs = 60_000;

interface Errand {
  environment?: NodeJS.ProcessEnv;
  warden?: Warden | undefined;
  abort?: AbortSignal | undefined;
}

/**
 * Unpacks Debian's (or Ubuntu's) redis-server and what it needs beyond this system into `cacheDir/root`. Needs no root and
 * changes nothing outside: apt works on lists and caches of its own, and checks signatures as always.
 * Two at once are fine: the first to finish is kept.
 * @throws when there is no apt-get, or the packages cannot be had.
 */
export async function unpackRedis(cacheDir: string, errand: Errand = {}): Promise<void> {
  mkdirSync(cacheDir, { recursive: true });
  removeUnfinished(cacheDir);
  const workshop = path.join(cacheDir, `unpack.${process.pid}`);
  const archives = path.join(workshop, 'cache/archives');
  const root = path.join(workshop, 'root');
  for (const folder of [path.join(workshop, 'lists/partial'), path.join(archives, 'partial'), root]) mkdirSync(folder, { recursive: true });
  try {
    // One list out of several may be out of reach and matter to nobody, but is the reason when the package cannot be had.
    const incomplete = await apt(errand, workshop, 'update').catch((error: Error) => error);
    await apt(errand, workshop, 'install', '--download-only', '--no-install-recommends', '--yes', 'redis-server').catch((error) => {
      throw incomplete ?? error;
    });
    const packages = readdirSync(archives).filter((name) => name.endsWith('.deb'));
    for (const name of packages) await run(errand, 'dpkg-deb', ['-x', path.join(archives, name), root]);
    renameSync(root, path.join(cacheDir, 'root'));
  } catch (error) {
    if (!existsSync(path.join(cacheDir, 'root'))) throw new Error(reasonOf(error), { cause: error });
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

async function apt(errand: Errand, workshop: string, ...command: string[]): Promise<void> {
  const settings = [
    `Dir::State::Lists=${workshop}/lists`,
    `Dir::Cache=${workshop}/cache`,
    'Debug::NoLocking=true', // the system's lock is for those who install
    'APT::Sandbox::User=', // as root, apt would hand the download to a user who cannot reach this folder
    'APT::Update::Error-Mode=any', // else a list that could not be had is a warning nobody sees
    'Acquire::Retries=0',
    'Acquire::http::Timeout=10',
    'Acquire::https::Timeout=10',
    'Acquire::Languages=none',
  ];
  await run(errand, 'apt-get', ['-qq', ...settings.flatMap((setting) => ['-o', setting]), ...command]);
}

function run({ environment = process.env, warden, abort }: Errand, program: string, args: string[]): Promise<void> {
  return runToEnd(program, args, { env: { ...environment, LC_ALL: 'C' }, warden, abort, withinMs: packageMs });
}

function removeUnfinished(cacheDir: string): void {
  for (const name of readdirSync(cacheDir)) {
    const pid = Number(/^unpack\.(\d+)$/.exec(name)?.[1]);
    if (pid && (pid === process.pid || birthOf(pid) === null)) rmSync(path.join(cacheDir, name), { recursive: true, force: true });
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'this system has no apt-get';
  const complaint = message.split('\n').find((line) => /^[EW]:/.test(line));
  return complaint?.slice(3).trim() || message;
}
