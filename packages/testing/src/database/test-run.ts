import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { startTimeOf } from '@gateway/local-stack/process-start-time';
import { checkoutDir } from '../checkout.ts';

const runsDir = path.join(checkoutDir, '.cache/test');

/** Where the Redis program is cached, for all test runs and local stacks of this checkout. */
export const redisCacheDir = path.join(checkoutDir, '.cache/redis');

/** What global-setup.ts hands to the test files, through the environment variable that they inherit. */
export interface TestRun {
  /** The process id of Jest. */
  pid: number;
  /** The folder of this run, in the checkout: programs that are written there find its packages. */
  dir: string;
  /** The folder for the files of servers and stacks. */
  serversDir: string;
  postgres: { port: number; password: string };
  /** One Redis per Jest worker, because Pub/Sub and FLUSHALL ignore database numbers. */
  redisUrls: readonly string[];
}

const variable = 'TEST_RUN';

/** Hands the run to the test files. */
export function announce(run: TestRun): void {
  process.env[variable] = JSON.stringify(run);
}

/** Whether the servers of an outer run are running. */
export const hasRun = (): boolean => process.env[variable] !== undefined;

/** The run of this test file. @throws when global-setup.ts has not run */
export function currentRun(): TestRun {
  const run = process.env[variable];
  if (!run) throw new Error('the test servers are not running: is global-setup.ts in the Jest configuration?');
  return JSON.parse(run) as TestRun;
}

/** Creates the folder of this run. */
export const newRunDir = (): string => newDirIn(runsDir);

/**
 * Creates the folder for the PostgreSQL of this run: in memory where there is enough space, otherwise `runDir`. Each test file has a database of
 * its own, of 650 files. While many files were just deleted, ext4 searches long for the place of a new one: that was a third of the computing
 * time of the tests with a database.
 */
export const newPostgresDir = (runDir: string): string => (hasSpaceInMemory() ? newDirIn(memoryRunsDir) : runDir);

/**
 * The folder for further servers and for stacks: the same. A durable server waits for the disk, which no test needs: none of them takes the
 * power away. A full soak fills more than memory holds, and measures a disk: `scripts/soak.mjs` keeps its servers there.
 */
export const serversDirOf = (runDir: string, postgresDir: string): string => (process.env.SERVERS_ON_DISK ? runDir : postgresDir);

const memory = '/dev/shm'; // a file system of Linux in memory
const memoryRunsDir = path.join(memory, `gateway-tests-${process.getuid?.()}`);
const neededInMemory = 4e9; // bytes; a whole run uses less than one

function hasSpaceInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return Math.min(bavail * bsize, process.availableMemory()) > neededInMemory;
  } catch {
    return false; // another operating system
  }
}

/** Creates the folder of this run, and removes the folders of runs that have ended. */
function newDirIn(parent: string): string {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const pid = Number.parseInt(name, 10);
    if (pid === process.pid || startTimeOf(pid) === null) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
  const dir = path.join(parent, String(process.pid));
  mkdirSync(dir, { mode: 0o700 });
  return dir;
}

declare global {
  /** Set by global-setup.ts, called by global-teardown.ts: Jest loads the two as separate modules. */
  var stopTestServers: (() => Promise<void>) | undefined;
}
