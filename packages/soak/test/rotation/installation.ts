import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { sealedSecret } from '@gateway/shared/runtime';
import { clients } from '@gateway/shared/store';
import { checkoutDir, compileCache } from '@gateway/testing/checkout';
import { freshDatabase } from '@gateway/testing/database/servers';
import { freePort } from '@gateway/testing/free-port';
import { type Simulator, startSimulator } from '@gateway/testing/simulator';
import { type Till, tillAt } from '@gateway/testing/stack/till';

const counts = { api: 2, worker: 2, notifier: 1 };
const programs = { api: 'services/api/src/main.ts', worker: 'services/worker/src/main.ts', notifier: 'services/notifier/src/main.ts' };
export type Kind = keyof typeof programs;

/** A variable that is undefined is left out. */
type Variables = Record<string, string | undefined>;

/**
 * The product as a shop runs it: two apis on one port, two workers and a notifier, whose environment can change. Not as `npm start` runs
 * it, because there the demo's tooling gives each process its environment.
 */
export interface Installation {
  simulator: Simulator;
  /** As the owner of the database, for the test. */
  db: Database;
  /** The environment of all processes, and of the commands. */
  variables: Variables;
  till: Till;
  api: string;
  /** Changes the environment, and restarts the processes of these kinds one after the other, each when the one before is ready. */
  restart(kinds: readonly Kind[], change: Variables): Promise<void>;
  stop(): Promise<void>;
}

interface Process {
  kind: Kind;
  child: ChildProcess;
}

export const firstSecrets = {
  midtransKey: 'SB-Mid-server-first',
  xenditKey: 'xnd_development_first',
  callbackToken: 'callback-token-first',
  signingKey: 'the first signing key, long enough to sign',
  masterKey: sealedSecret.newMasterKey('first'),
  databasePassword: 'database-password-first',
  redisPassword: 'redis-password-first',
};

interface Servers {
  /** The database user of the processes, with its first password. */
  databaseUser: string;
  redisUrl: string;
  /** The value of OPERATOR_USERS. */
  operators: string;
}

export async function startInstallation({ databaseUser, redisUrl, operators }: Servers): Promise<Installation> {
  const [database, erp] = await Promise.all([freshDatabase(), freshDatabase()]);
  const db = connectDatabase(database.url, { name: 'test' });
  const key = await aKey(db);
  const port = await freePort();
  const api = `http://127.0.0.1:${port}`;
  const simulator = await startSimulator({
    midtrans: [{ serverKey: firstSecrets.midtransKey, notificationUrl: `${api}/webhooks/midtrans` }],
    xendit: [{ secretKey: firstSecrets.xenditKey, callbackToken: firstSecrets.callbackToken, notificationUrl: `${api}/webhooks/xendit` }],
  });
  const variables: Variables = {
    POS_DATABASE_URL: asUser(database.url, databaseUser, firstSecrets.databasePassword),
    ERP_DATABASE_URL: asUser(erp.url, databaseUser, firstSecrets.databasePassword),
    CONTROL_DATABASE_URL: asUser(database.url, databaseUser, firstSecrets.databasePassword),
    REDIS_URL: redisUrl,
    API_PORT: String(port),
    METRICS_PORT: '0',
    SHARE_PORT: '1',
    PUBLIC_URL: api,
    MIDTRANS_MODE: 'test',
    MIDTRANS_BASE_URL: simulator.urls.midtrans,
    MIDTRANS_SERVER_KEY: firstSecrets.midtransKey,
    XENDIT_MODE: 'test',
    XENDIT_BASE_URL: simulator.urls.xendit,
    XENDIT_SECRET_KEY: firstSecrets.xenditKey,
    XENDIT_CALLBACK_TOKEN: firstSecrets.callbackToken,
    LINK_SIGNING_KEY: firstSecrets.signingKey,
    MASTER_KEYS: firstSecrets.masterKey,
    OPERATOR_USERS: operators,
    HEDGE_AFTER_MS: '10000', // the second provider is asked only when the first one refuses, however slow this machine is
    LOG_LEVEL: 'info',
  };
  const processes: Process[] = [];
  const stop = async () => {
    await Promise.all(processes.map(end));
    await simulator.stop();
    await db.close();
    await Promise.all([database.drop(), erp.drop()]);
  };
  return {
    simulator,
    db,
    variables,
    api,
    till: tillAt(api, key),
    restart: async (kinds, change) => {
      Object.assign(variables, change);
      if (processes.length === 0) {
        const all = kinds.flatMap((kind) => Array.from({ length: counts[kind] }, () => start(kind, variables)));
        processes.push(...(await Promise.all(all)));
      } else
        for (const each of processes.filter(({ kind }) => kinds.includes(kind))) {
          await end(each);
          each.child = (await start(each.kind, variables)).child;
        }
    },
    stop,
  };
}

async function aKey(db: Database): Promise<string> {
  const { rows } = await db.pool.query('select merchant_id as tenant from pos.outlets where code = $1', ['JKT-01']);
  const client = { name: 'till', host: 'pos', tenant: String(rows[0]?.tenant), stores: null, scopes: ['payments' as const] };
  return (await clients.create(db.knex, client, new Date())).secret;
}

/** The same URL with another user and password. */
export function asUser(url: string, user: string, password: string): string {
  return Object.assign(new URL(url), { username: user, password }).href;
}

/** Starts a process and waits until it serves. */
async function start(kind: Kind, variables: Variables): Promise<Process> {
  const child = fork(path.join(checkoutDir, programs[kind]), {
    cwd: checkoutDir,
    execArgv: ['--conditions=source'],
    env: { ...compileCache, PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${kind} ended with exit code ${code}`);
  });
  ended.catch(() => {}); // it also ends when it is stopped
  await Promise.race([once(child, 'message'), ended]);
  return { kind, child };
}

/** As a deployment ends a process: it finishes what it does. */
async function end({ child }: Process): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
