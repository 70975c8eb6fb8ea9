import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { newUlid, sealedSecret } from '@gateway/shared/runtime';
import { clients } from '@gateway/shared/store';
import { checkoutDir } from '@gateway/testing/checkout';
import { flushTestRedis, type TestDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import { currentRun } from '@gateway/testing/database/test-run';
import { eventually } from '@gateway/testing/eventually';
import { freePort } from '@gateway/testing/free-port';
import { type Haproxy, startHaproxy } from '@gateway/testing/haproxy';
import { type Simulator, startSimulator } from '@gateway/testing/simulator';
import { type Till, tillAt } from '@gateway/testing/stack/till';
import { probesOf } from './manifest.ts';

const programs = { api: 'services/api/src/main.ts', worker: 'services/worker/src/main.ts', notifier: 'services/notifier/src/main.ts' };
type Kind = keyof typeof programs;

interface Process {
  kind: Kind;
  port: number;
  metricsPort: number;
  child: ChildProcess;
}

/** Two processes of each kind, as `deploy/kubernetes` starts them, with HAProxy in front of the apis. */
export interface Fleet {
  db: Database;
  till: Till;
  simulator: Simulator;
  /** A folder with the `stack.json` that the audit reads. */
  dataDir: string;
  /** The environment of all processes. */
  variables: Record<string, string>;
  /** Ends each process with SIGTERM and starts it again, from this checkout, when HAProxy and the probe say that the one before serves. */
  roll(checkout: string): Promise<void>;
  stop(): Promise<void>;
}

/** @param checkout where the programs are @param database one that is migrated, with the orders of the pos host */
export async function startFleet(checkout: string, database: TestDatabase): Promise<Fleet> {
  await flushTestRedis();
  const manifest = probesOf('api');
  const db = connectDatabase(database.url, { name: 'test' });
  const key = await aKey(db);
  const kinds = (['api', 'worker', 'notifier'] as const).flatMap((kind) => [kind, kind]);
  const ports = await Promise.all(kinds.map(async (kind) => ({ kind, port: await freePort(), metricsPort: await freePort() })));
  const apis = ports.filter(({ kind }) => kind === 'api');
  const haproxy = await startHaproxy(
    apis.map(({ port, metricsPort }) => ({ port, probePort: metricsPort })),
    manifest.readiness,
  );
  const simulator = await startSimulator({
    midtrans: [{ serverKey: 'SB-Mid-server-rolling', notificationUrl: `${haproxy.url}/webhooks/midtrans` }],
    xendit: [{ secretKey: 'xnd_development_rolling', callbackToken: 'rolling', notificationUrl: `${haproxy.url}/webhooks/xendit` }],
  });
  const variables = variablesOf({ database, haproxy, simulator, drainMs: manifest.drainMs });
  const processes = await Promise.all(ports.map(async (place) => ({ ...place, child: await start(place, checkout, variables) })));
  await eventually(() => haproxy.areAllUp());
  return {
    db,
    simulator,
    variables,
    dataDir: stackFileFor(database, simulator),
    till: tillAt(haproxy.url, key),
    roll: async (from) => {
      for (const each of processes) {
        await end(each.child);
        each.child = await start(each, from, variables);
        await eventually(async () => (await fetch(`http://127.0.0.1:${each.metricsPort}${manifest.readiness.path}`)).ok);
        await eventually(() => haproxy.areAllUp());
      }
    },
    stop: async () => {
      await Promise.all(processes.map(({ child }) => end(child)));
      await simulator.stop();
      await haproxy.stop();
      await db.close();
      await database.drop();
    },
  };
}

interface Servers {
  database: TestDatabase;
  haproxy: Haproxy;
  simulator: Simulator;
  drainMs: string;
}

const variablesOf = ({ database, haproxy, simulator, drainMs }: Servers): Record<string, string> => ({
  POS_DATABASE_URL: database.serveUrl,
  ERP_DATABASE_URL: database.serveUrl,
  CONTROL_DATABASE_URL: database.serveUrl,
  REDIS_URL: testRedisUrl(),
  DRAIN_MS: drainMs,
  PUBLIC_URL: haproxy.url,
  MIDTRANS_MODE: 'test',
  MIDTRANS_BASE_URL: simulator.urls.midtrans,
  MIDTRANS_SERVER_KEY: 'SB-Mid-server-rolling',
  XENDIT_MODE: 'test',
  XENDIT_BASE_URL: simulator.urls.xendit,
  XENDIT_SECRET_KEY: 'xnd_development_rolling',
  XENDIT_CALLBACK_TOKEN: 'rolling',
  LINK_SIGNING_KEY: 'the signing key of rolling restarts, long enough',
  MASTER_KEYS: sealedSecret.newMasterKey('first'),
  LOG_LEVEL: 'error',
});

function stackFileFor(database: TestDatabase, simulator: Simulator): string {
  const dataDir = path.join(currentRun().dir, `fleet-${newUlid()}`);
  mkdirSync(dataDir, { recursive: true });
  const databases = { pos: database.url, erp: database.url };
  const addresses = { redis: testRedisUrl(), simulator: new URL(simulator.urls.midtrans).origin };
  writeFileSync(path.join(dataDir, 'stack.json'), JSON.stringify({ ...addresses, databases, control: database.url }));
  return dataDir;
}

async function aKey(db: Database): Promise<string> {
  const { rows } = await db.pool.query('select merchant_id as tenant from pos.outlets where code = $1', ['JKT-01']);
  const client = { name: 'till', host: 'pos', tenant: String(rows[0]?.tenant), stores: null, scopes: ['payments' as const] };
  return (await clients.create(db.knex, client, new Date())).secret;
}

/** Starts a process and waits until it has announced itself. */
async function start({ kind, port, metricsPort }: Omit<Process, 'child'>, checkout: string, variables: Record<string, string>) {
  const child = fork(path.join(checkout, programs[kind]), {
    cwd: checkout,
    execArgv: ['--conditions=source'],
    env: { PATH: process.env.PATH, ...variables, API_PORT: String(port), METRICS_PORT: String(metricsPort) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'], // their log: errors only
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${kind} ended with exit code ${code}`);
  });
  ended.catch(() => {}); // it also ends when it is stopped
  await Promise.race([once(child, 'message'), ended]);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** The same directory as this test's. */
export const thisCheckout: string = checkoutDir;
