import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../ports.ts';
import { describeExit, type Exit, launch, type RunningProcess } from '../processes/running-process.ts';
import { stopStaleProcess } from '../processes/stale-process.ts';
import type { Watchdog } from '../processes/start-watchdog.ts';
import { StartError } from '../start-error.ts';
import { type RedisProgram, redisEnvironment } from './find-redis.ts';

export { findRedis, findValkey, type RedisProgram } from './find-redis.ts';

export interface RedisOptions {
  program: RedisProgram;
  dir: string;
  /** 0: a free port is chosen. */
  port: number;
  password: string;
  /** Whether every write is appended to a file that the next start reads. False: tests only. */
  durable: boolean;
  /** Further lines of its configuration. */
  settings?: readonly string[] | undefined;
  /** Watches other servers instead of storing data. */
  isSentinel?: boolean | undefined;
  watchdog?: Watchdog | undefined;
  onLog?: ((chunk: Buffer) => void) | undefined;
  /** Stops a start that is in progress. */
  abort?: AbortSignal | undefined;
}

export interface EmbeddedRedis {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly exited: Promise<Exit>;
  lastOutput(): string;
  stop(): Promise<void>;
}

const startTimeoutMs = 15_000;
const stopTimeoutMs = 5_000;

/** What Redis says when it cannot read its append-only file: a full disk can leave half a command in the middle of it. */
const unreadable =
  /Bad file format reading the append only file|Unexpected end of file reading the append only file|Unrecoverable error reading/;

/**
 * Starts Redis on a folder and waits until it answers. An append-only file that Redis cannot read is set aside, and it starts empty: all that
 * it holds is made again from the databases. @throws StartError with the server's last lines
 */
export async function startRedis(options: RedisOptions): Promise<EmbeddedRedis> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const configFile = path.join(options.dir, 'redis.conf');
  await stopStaleProcess(path.join(options.dir, 'redis.pid'), /redis|valkey/, 'SIGTERM');
  for (let triesLeft = 3; ; triesLeft--) {
    const port = options.port || (await freePort());
    // A file, because a password in the arguments would be visible in process lists.
    writeFileSync(configFile, configuration({ ...options, port }), { mode: 0o600 });
    const server = await run(options, configFile);
    const url = `redis://:${encodeURIComponent(options.password)}@127.0.0.1:${port}`;
    if (await isReady(server, url)) return handle(server, port, url);
    const exit = await server.stop('SIGTERM', stopTimeoutMs);
    options.abort?.throwIfAborted();
    const isPortTaken = options.port === 0 && server.lastOutput().includes('Address already in use');
    const isUnreadable = unreadable.test(server.lastOutput());
    if (isUnreadable) setAside(options.dir);
    if (!(isPortTaken || isUnreadable) || triesLeft === 0) {
      throw new StartError(`Redis did not start in ${options.dir} (${describeExit(exit)}). Last output:\n${server.lastOutput()}`);
    }
  }
}

/** Redis 7 has a folder `appendonlydir`, Redis 6 a file `appendonly.aof`. */
function setAside(dir: string): void {
  for (const name of readdirSync(dir).filter((each) => /^appendonly[^-]*$/.test(each)))
    renameSync(path.join(dir, name), path.join(dir, `${name}.unreadable-${Date.now()}`));
}

function configuration({ dir, port, password, durable, settings = [] }: RedisOptions): string {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const lines = {
    bind: '127.0.0.1',
    port,
    requirepass: quoted(password),
    dir: quoted(dir),
    pidfile: quoted(path.join(dir, 'redis.pid')),
    save: '""',
    appendonly: durable ? 'yes' : 'no',
    'maxmemory-policy': 'noeviction', // an evicted key would be a lost job
  };
  return [...Object.entries(lines).map(([name, value]) => `${name} ${value}`), ...settings].map((line) => `${line}\n`).join('');
}

function run({ program, watchdog, onLog, abort, isSentinel }: RedisOptions, configFile: string): Promise<RunningProcess> {
  return launch(program.file, [configFile, ...(isSentinel ? ['--sentinel'] : [])], {
    env: redisEnvironment(program),
    watchdog,
    abort,
    signal: 'SIGTERM',
    lastOutputFrom: 'stdout',
    onOutput: onLog,
  });
}

/** Waits until the server has read its append-only file and answers. False: it exited, or the time limit was reached. */
async function isReady(server: RunningProcess, url: string): Promise<boolean> {
  const probe = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null, connectTimeout: 1_000 });
  probe.on('error', () => {}); // the server is still starting; the next try follows in 20 ms
  let timeout: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timeout = setTimeout(() => resolve(false), startTimeoutMs);
  });
  try {
    return await Promise.race([probe.ping().then(() => true), server.exited.then(() => false), late]);
  } finally {
    clearTimeout(timeout);
    probe.disconnect();
  }
}

function handle(server: RunningProcess, port: number, url: string): EmbeddedRedis {
  return {
    pid: server.pid,
    port,
    url,
    exited: server.exited,
    lastOutput: server.lastOutput,
    stop: async () => {
      await server.stop('SIGTERM', stopTimeoutMs);
    },
  };
}
