import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { birthOf } from './process-birth.ts';

const run = promisify(execFile);
const aptMs = 60_000;

/**
 * Unpacks Debian's (or Ubuntu's) redis-server and what it needs beyond this system into `cacheDir/root`. Needs no root and
 * changes nothing outside: apt works on lists and caches of its own, and checks signatures as always.
 * Two at once are fine: the first to finish is kept.
 * @throws when there is no apt-get, or the packages cannot be had.
 */
export async function unpackRedis(cacheDir: string): Promise<void> {
  mkdirSync(cacheDir, { recursive: true });
  removeUnfinished(cacheDir);
  const workshop = path.join(cacheDir, `unpack.${process.pid}`);
  const archives = path.join(workshop, 'cache/archives');
  const root = path.join(workshop, 'root');
  for (const folder of [path.join(workshop, 'lists/partial'), path.join(archives, 'partial'), root]) mkdirSync(folder, { recursive: true });
  try {
    await apt(workshop, 'update');
    await apt(workshop, 'install', '--download-only', '--no-install-recommends', '--yes', 'redis-server');
    for (const name of readdirSync(archives)) if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', path.join(archives, name), root]);
    renameSync(root, path.join(cacheDir, 'root'));
  } catch (error) {
    if (!existsSync(path.join(cacheDir, 'root'))) throw new Error(reasonOf(error), { cause: error });
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

async function apt(workshop: string, ...command: string[]): Promise<void> {
  const settings = [
    `Dir::State::Lists=${workshop}/lists`,
    `Dir::Cache=${workshop}/cache`,
    'Debug::NoLocking=true', // the system's lock is for those who install
    'APT::Sandbox::User=', // as root, apt would hand the download to a user who cannot reach this folder
    'APT::Update::Error-Mode=any', // a list that could not be had is an error, not a warning
    'Acquire::Retries=0',
    'Acquire::http::Timeout=10',
    'Acquire::https::Timeout=10',
    'Acquire::Languages=none',
  ];
  await run('apt-get', ['-qq', ...settings.flatMap((setting) => ['-o', setting]), ...command], { timeout: aptMs, killSignal: 'SIGTERM' });
}

function removeUnfinished(cacheDir: string): void {
  for (const name of readdirSync(cacheDir)) {
    const pid = Number(/^unpack\.(\d+)$/.exec(name)?.[1]);
    if (pid && (pid === process.pid || birthOf(pid) === null)) rmSync(path.join(cacheDir, name), { recursive: true, force: true });
  }
}

function reasonOf(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
  if (code === 'ENOENT') return 'this system has no apt-get';
  const complaint = stderr?.split('\n').find((line) => /^[EW]:/.test(line));
  return complaint?.slice(3).trim() || message;
}
