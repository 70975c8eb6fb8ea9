import { scryptSync } from 'node:crypto';
import { readConfig } from '@gateway/api/src/config.ts';
import type { SecurityLog } from '@gateway/api/src/http/security-log.ts';
import { type Console, type ConsoleDeps, createConsole } from '@gateway/api/src/operator/console.ts';
import { createOperationsContext } from '@gateway/api/src/operator/operations-context.ts';
import type { Hosts } from '@gateway/shared/host';
import { connectDatabase } from '@gateway/shared/postgres';
import type { AccountDirectory } from '@gateway/shared/provider';
import type { openQueues } from '@gateway/shared/queue';
import { createLogger, type ManualClock, type OperatorUser } from '@gateway/shared/runtime';
import type { settings } from '@gateway/shared/store';
import type { Redis } from 'ioredis';

/** An operator whose password is hashed in no time: a real hash takes 0.2 s of a free processor. */
export function anOperator(name: string, role: OperatorUser['role'], password = 'right'): OperatorUser {
  const cost = { N: 16, r: 1, p: 1 };
  const salt = Buffer.from(`salt of ${password}`);
  return { name, role, hash: { cost, salt, key: scryptSync(password, salt, 32, cost) } };
}

interface ConsoleContext {
  hosts: Hosts;
  redisUrl: string;
  databaseUrl: string;
  queues: ReturnType<typeof openQueues>;
  control: settings.ControlCache;
  redis: Redis;
  accounts: Pick<AccountDirectory, 'all'>;
  security: SecurityLog;
  clock: ManualClock;
}

/** The console of one process of the test api. Its users: `budi` is an admin, `siti` a viewer; both have the password `right`. */
export function aConsole(
  { hosts, redisUrl, databaseUrl, queues, control, redis, accounts, security, clock }: ConsoleContext,
  overrides: Partial<ConsoleDeps>,
): { console: Console | null; close(): Promise<void> } {
  const controlDb = connectDatabase(databaseUrl, { name: 'test console', max: 3 });
  const created = createConsole({
    users: [anOperator('budi', 'admin'), anOperator('siti', 'viewer')],
    usersFile: null,
    oidc: null,
    hosts,
    operations: createOperationsContext({
      hosts,
      controlDb,
      isControlSeparate: false,
      refundApprovalFrom: 60_000,
      providers: readConfig(environmentOf(databaseUrl, redisUrl)),
      isLocalStack: false,
      publicUrl: null,
      redisUrl,
      simulatorUrl: null,
      clock,
    }),
    queues: queues.all,
    accounts,
    control,
    controlDb,
    redis,
    security,
    publicUrl: 'http://gateway.test',
    isSecure: false,
    clock,
    log: createLogger('test', 'silent'),
    ...overrides,
  });
  return {
    console: created,
    close: async () => {
      created?.close();
      await controlDb.close();
    },
  };
}

/** Of an api with one account at each provider. */
const environmentOf = (POS_DATABASE_URL: string, REDIS_URL: string): NodeJS.ProcessEnv => ({
  POS_DATABASE_URL,
  REDIS_URL,
  PUBLIC_URL: 'http://127.0.0.1',
  LINK_SIGNING_KEY: 'a signing key of tests, long enough',
  MIDTRANS_MODE: 'test',
  XENDIT_MODE: 'test',
  MIDTRANS_SERVER_KEY: 'SB-Mid-server-test',
  XENDIT_SECRET_KEY: 'xnd_development_test',
  XENDIT_CALLBACK_TOKEN: 'token-of-tests',
});
