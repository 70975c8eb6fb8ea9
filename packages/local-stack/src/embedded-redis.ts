import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { CannotStart } from './cannot-start.ts';
import { type RedisProgram, redisEnvironment } from './find-redis.ts';
import { stopOrphan } from './orphan.ts';
import { freePort } from './ports.ts';
import { type Exit, endOf, launch, type RunningProcess } from './running-process.ts';
import type { Warden } from './start-warden.ts';

export { findRedis } from './find-redis.ts';

export interface RedisOptions {
  program: RedisProgram;
  dir: string;
  /** 0 takes a free one. */
  port: number;
  password: string;
  /** Appends every write to a file that the next start reads. False keeps nothing: tests only. */
  durable: boolean;
  warden?: Warden | undefined;
  onLog?: ((chunk: Buffer) => void) | undefined;
  /** Gives up a start that is under way; what was started is stopped. */
  abort?: AbortSignal | undefined;
}

export interface EmbeddedRedis {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly exited: Promise<Exit>;
  lastWords(): string;
  stop(): Promise<void>;
}

const startMs = 15_000;
const stopMs = 5_000;

/** @throws CannotStart with the server's last lines. */
export async function startRedis(options: RedisOptions): Promise<EmbeddedRedis> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const configFile = path.join(options.dir, 'redis.conf');
  await stopOrphan(path.join(options.dir, 'redis.pid'), /redis|valkey/, 'SIGTERM');
  for (let triesLeft = 3; ; triesLeft--) {
    const port = options.port || (await freePort());
    // A file, since a password among the arguments would stand in every process list.
    writeFileSync(configFile, configuration({ ...options, port }), { mode: 0o600 });
    const server = await run(options, configFile);
    const url = `redis://:${encodeURIComponent(options.password)}@127.0.0.1:${port}`;
    if (await isReady(server, url)) return handle(server, port, url);
    const exit = await server.stop('SIGTERM', stopMs);
    options.abort?.throwIfAborted();
    const portWasTaken = options.port === 0 && server.lastWords().includes('Address already in use');
    if (!portWasTaken || triesLeft === 0) {
      throw new CannotStart(`Redis did not start in ${options.dir} (it ${endOf(exit)}). Its last lines:\n${server.lastWords()}`);
    }
  }
}

function configuration({ dir, port, password, durable }: RedisOptions): string {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const lines = {
    bind: '127.0.0.1',
    port,
    requirepass: quoted(password),
    dir: quoted(dir),
    pidfile: quoted(path.join(dir, 'redis.pid')),
    save: '""',
    appendonly: durable ? 'yes' : 'no',
    'maxmemory-policy': 'noeviction', // a queue that forgets is no queue
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

function run({ program, warden, onLog, abort }: RedisOptions, configFile: string): Promise<RunningProcess> {
  return launch(program.file, [configFile], {
    env: redisEnvironment(program),
    warden,
    abort,
    signal: 'SIGTERM',
    lastWordsFrom: 'stdout',
    onOutput: onLog,
  });
}

/** Waits until it has read its append-only file and answers. */
async function isReady(server: RunningProcess, url: string): Promise<boolean> {
  const probe = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null, connectTimeout: 1_000 });
  probe.on('error', () => {}); // not there yet; the next try is 20 ms away
  let patience: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((over) => {
    patience = setTimeout(() => over(false), startMs);
  });
  try {
    return await Promise.race([probe.ping().then(() => true), server.exited.then(() => false), late]);
  } finally {
    clearTimeout(patience);
    probe.disconnect();
  }
}

function handle(server: RunningProcess, port: number, url: string): EmbeddedRedis {
  return {
    pid: server.pid,
    port,
    url,
    exited: server.exited,
    lastWords: server.lastWords,
    stop: async () => {
      await server.stop('SIGTERM', stopMs);
    },
  };
}
