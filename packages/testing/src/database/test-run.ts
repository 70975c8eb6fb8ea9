import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startTimeOf } from '@gateway/local-stack/process-start-time';
import { checkoutDir } from '../checkout.ts';

const runsDir = path.join(checkoutDir, '.cache/test');

/** Shared by every run and stack of this checkout. */
export const redisCacheDir = path.join(checkoutDir, '.cache/redis');

/** What global-setup.ts tells the test files, through the environment they inherit. */
export interface TestRun {
  /** Jest's own process. */
  pid: number;
  dir: string;
  postgres: { port: number; password: string };
  /** One per Jest worker: Pub/Sub and FLUSHALL know no database numbers. */
  redisUrls: readonly string[];
}

const variable = 'TEST_RUN';

export function announce(run: TestRun): void {
  process.env[variable] = JSON.stringify(run);
}

export function currentRun(): TestRun {
  const announced = process.env[variable];
  if (!announced) throw new Error('the test servers are not running: is global-setup.ts in the Jest configuration?');
  return JSON.parse(announced) as TestRun;
}

/** A fresh folder for this run. Those of runs that died are removed. */
export function newRunDir(): string {
  mkdirSync(runsDir, { recursive: true });
  for (const name of readdirSync(runsDir)) {
    const pid = Number.parseInt(name, 10);
    if (pid === process.pid || startTimeOf(pid) === null) rmSync(path.join(runsDir, name), { recursive: true, force: true });
  }
  const dir = path.join(runsDir, String(process.pid));
  mkdirSync(dir, { mode: 0o700 });
  return dir;
}

declare global {
  /** How global-teardown.ts, a module of its own, reaches what global-setup.ts started. */
  var stopTestServers: (() => Promise<void>) | undefined;
}
