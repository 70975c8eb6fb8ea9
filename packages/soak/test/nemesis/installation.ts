import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { serverUrls } from '@gateway/shared/runtime';
import { checkoutDir } from '@gateway/testing/checkout';
import { type PostgresPair, startPostgresPair } from '@gateway/testing/database/postgres-pair';
import { type RedisSentinel, startRedisSentinel } from '@gateway/testing/database/redis-groups';
import { currentRun } from '@gateway/testing/database/test-run';
import { freePort } from '@gateway/testing/free-port';
import { setClocks } from '@gateway/testing/stack/faulty-process';
import { serviceFiles, startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { startTcpProxy, type TcpProxy } from '@gateway/testing/tcp-proxy';
import { providerAccounts } from './accounts.ts';
import { mountSmallDisk, type SmallDisk } from './full-disk.ts';

export const programs = ['api', 'worker', 'notifier'] as const;
export type Program = (typeof programs)[number];
export const processesOfEach = 2;

/** The ways between the parts, other than those to Redis. */
export const routes = [
  'the api and PostgreSQL',
  'the worker and PostgreSQL',
  'the notifier and PostgreSQL',
  'the worker and the providers',
  'the providers and the api',
] as const;
export type Route = (typeof routes)[number];

/** The whole product with standbys below it, and what can be done to each part. */
export interface Installation {
  stack: TestStack;
  redis: RedisSentinel;
  /** The disks of the two Redis servers. Null: none could be mounted. */
  disks: readonly SmallDisk[] | null;
  postgres: PostgresPair;
  /** The primary, as the POS software reaches it: without a proxy. */
  pos: Database;
  proxies: Readonly<Record<Route, readonly TcpProxy[]>>;
  /** A process of the program that runs now. Undefined: all of them are being started again. */
  processOf(program: Program, n: number): number | undefined;
  /** Sets the clock of a process. 0: it is right again. */
  setClock(pid: number, wrongByMs: number): void;
  stop(): Promise<void>;
}

export async function startInstallation(): Promise<Installation> {
  const mounted = [mountSmallDisk(), mountSmallDisk()];
  const disks = mounted.filter((disk) => disk !== null);
  const redis = await startRedisSentinel({ dirs: disks.map(({ dir }) => dir) });
  const postgres = await startPostgresPair();
  const pos = connectDatabase(postgres.url, { name: 'pos software', max: 20 });
  const ports = { api: await freePort(), simulator: await freePort() };
  const postgresPorts = serverUrls(postgres.serveUrl).map(({ port }) => Number(port));
  const toPostgres = () => Promise.all(postgresPorts.map((port) => startTcpProxy(port)));
  const proxies: Installation['proxies'] = {
    'the api and PostgreSQL': await toPostgres(),
    'the worker and PostgreSQL': await toPostgres(),
    'the notifier and PostgreSQL': await toPostgres(),
    'the worker and the providers': [await startTcpProxy(ports.simulator)],
    'the providers and the api': [await startTcpProxy(ports.api)],
  };
  const through = (route: Route, targets: readonly number[]) =>
    Object.fromEntries(targets.map((port, n) => [port, proxies[route][n]?.port ?? port]));
  const run = prepareRun({
    simulator: through('the providers and the api', [ports.api]),
    api: through('the api and PostgreSQL', postgresPorts),
    worker: { ...through('the worker and PostgreSQL', postgresPorts), ...through('the worker and the providers', [ports.simulator]) },
    notifier: through('the notifier and PostgreSQL', postgresPorts),
  });
  const count = String(processesOfEach);
  const stack = await startTestStack({
    redisUrl: redis.url,
    programs: run.programs,
    environment: {
      ...{ API_PORT: String(ports.api), SIMULATOR_PORT: String(ports.simulator) },
      ...{ API_PROCESSES: count, WORKER_PROCESSES: count, NOTIFIER_PROCESSES: count },
      ...{ POS_DATABASE_URL: postgres.serveUrl, POS_MIGRATE_URL: postgres.url },
      PROVIDER_ACCOUNTS: providerAccounts,
      ...{ HEDGE_AFTER_MS: '', CREATE_LIMIT_MS: '', HOST_PATIENCE_MS: '' }, // as in a shop
    },
  });
  return {
    ...{ stack, redis, postgres, pos, proxies },
    disks: disks.length === mounted.length ? disks : null,
    processOf: (program, n) => {
      const pids = stack.pids(program);
      return pids[n % pids.length];
    },
    setClock: run.setClock,
    stop: async () => {
      await stack.stop();
      await pos.close();
      await Promise.all([redis.stop(), postgres.stop(), ...Object.values(proxies).flatMap((all) => all.map((each) => each.disconnect()))]);
      for (const disk of disks) disk.remove();
    },
  };
}

type Ports = Readonly<Record<string, number>>;

/** Writes the programs that run the product's own after they have taken hold of its clock and its connections. */
function prepareRun(portsOf: Readonly<Record<keyof typeof serviceFiles, Ports>>) {
  const dir = path.join(currentRun().dir, `nemesis-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  const clockFile = path.join(dir, 'clocks.json');
  setClocks(clockFile, {});
  const steps: Record<number, number> = {};
  const control = pathToFileURL(path.join(checkoutDir, 'packages/testing/src/stack/faulty-process.ts'));
  const wrapped = (Object.keys(serviceFiles) as (keyof typeof serviceFiles)[]).map((name) => {
    const file = path.join(dir, `${name}.mjs`);
    writeFileSync(
      file,
      `import { reachThrough, stepClock } from '${control}';
reachThrough(${JSON.stringify(portsOf[name])});
stepClock(${JSON.stringify(clockFile)});
await import('${pathToFileURL(serviceFiles[name])}');
`,
    );
    return [name, file];
  });
  return {
    programs: Object.fromEntries(wrapped) as typeof serviceFiles,
    setClock: (pid: number, wrongByMs: number) => {
      steps[pid] = wrongByMs;
      setClocks(clockFile, steps);
    },
  };
}
