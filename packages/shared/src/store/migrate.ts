import { setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';
import createKnex from 'knex';
import type pg from 'pg';
import { checkSession, connectClient, connectDatabase, isLockTimeout } from '../postgres/index.ts';
import { setLockTimeout } from './lock-timeout.ts';
import { migrations } from './migrations/index.ts';
import { isConcurrent, type Migration } from './migrations/migration.ts';
import { migrateRole } from './roles/grants.ts';
import { admitServingUser, grantRights, RolesNotAllowed, setUpRoles } from './roles/roles.ts';

const lockKey = 5_150_200_301; // arbitrary, but the same in every process and release

const lockTries = 120;
const lockPauseMs = 500; // for which the others have the table to themselves

export interface MigrateOptions {
  waitMs?: number;
  list?: readonly Migration[];
  /** The URL with which the processes connect; its user is allowed to serve. Default: none is. */
  serveUrl?: string;
  /** Whether the orders of the host `till` are in this database: it gets the schema `till`, too. Default: no, because a shop may have a schema of its own with that name. */
  isTillDatabase?: boolean;
}

/**
 * Migrates the schema `gateway` of one database to the latest version. Safe while processes serve. May run twice, also at the same
 * time: a second process waits at most `waitMs` for the first one, and then finds nothing to do.
 *
 * The lock is held by an open transaction on a connection of its own, because a connection pooler gives each transaction another session. It
 * is polled: a transaction that waited for it would deadlock with `create index concurrently`, which waits for that transaction's snapshot.
 * The roles of the gateway are created where they are missing, own what is migrated, and get exactly their rights.
 * @param url the user must be a superuser, or may create roles and a schema, or a superuser has created the roles before
 * @returns the names of the migrations that ran
 * @throws RolesNotAllowed with the statements that a superuser runs once
 */
export async function migrate(
  url: string,
  { waitMs = 60_000, list: all = migrations, serveUrl, isTillDatabase = false }: MigrateOptions = {},
): Promise<string[]> {
  const list = all.filter(({ isForTillOnly }) => isTillDatabase || !isForTillOnly);
  await checkSession(url);
  const options = { application_name: 'gateway migrate', connectionTimeoutMillis: 5_000 };
  const lockConnection = await connectClient(url, options);
  const connection = await connectClient(url, options);
  try {
    await lock(lockConnection, waitMs);
    try {
      await whenUnlocked(() => setUpRoles(connection));
    } catch (error) {
      if (error instanceof RolesNotAllowed && (await isUpToDate(connection, list))) return []; // a serving user finds nothing to do
      throw error;
    }
    const names = await runPending(url, list);
    await whenUnlocked(() => grantRights(connection, { hasTill: list.some(({ isForTillOnly }) => isForTillOnly) }));
    if (serveUrl) await admitServingUser(connection, serveUrl);
    return names;
  } finally {
    await Promise.all([connection.end(), lockConnection.end()]); // releases the lock
  }
}

async function lock(lockConnection: pg.Client, waitMs: number): Promise<void> {
  for (const until = Date.now() + waitMs; ; ) {
    await lockConnection.query('begin');
    // Without a parameter the statement ends with its message. With one, its snapshot would last as long as the transaction.
    const { rows } = await lockConnection.query<{ got: boolean }>(`select pg_try_advisory_xact_lock(${lockKey}) as got`);
    if (rows[0]?.got) return; // the transaction stays open
    await lockConnection.query('rollback');
    if (Date.now() > until) throw new Error(`another process has been migrating this database for ${waitMs} ms; try again when it is done`);
    await new Promise((retry) => setTimeout(retry, 50));
  }
}

async function isUpToDate(connection: pg.Client, list: readonly Migration[]): Promise<boolean> {
  const { rows: tables } = await connection.query(`select to_regclass('gateway.migrations') is not null as present`);
  if (!tables[0]?.present) return false;
  const { rows } = await connection.query<{ name: string }>('select name from gateway.migrations');
  return list.every(({ name }) => rows.some((row) => row.name === name));
}

async function runPending(url: string, list: readonly Migration[]): Promise<string[]> {
  const limits = { statement_timeout: 0, query_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 };
  const db = connectDatabase(url, { name: 'migrate', max: 2, limits });
  // An error is thrown, and the caller logs it.
  const knex = createKnex({ client: 'pg', connectionPool: db.pool, log: { warn() {}, error() {} } } as Knex.Config);
  try {
    const options: Knex.MigratorConfig = {
      schemaName: 'gateway',
      tableName: 'migrations',
      migrationSource: sourceOf(list),
      disableMigrationsListValidation: true, // an older process may start with a newer schema: migrations stay compatible with it
    };
    // One by one: `latest` may run all of them in one transaction, and the tables of the first would stay locked until the last has ended.
    for (const names: string[] = []; ; ) {
      const [, ran] = (await whenUnlocked(() => knex.migrate.up(options))) as [number, string[]];
      if (ran.length === 0) return names;
      names.push(...ran);
    }
  } finally {
    await knex.destroy();
    await db.close();
  }
}

/**
 * A new table belongs to the role that owns the others at once, because functions that run with the rights of that role use it within the
 * same migration. The schema `till` may be one that a superuser has created for the user that migrates, so its tables are given away later.
 */
const asOwner = (statement: string): string => `set local role ${migrateRole}; ${statement}\n; reset role`;

/** Runs a step that may run twice, and again while a table lock cannot be had in time. @throws the lock timeout of the last try */
async function whenUnlocked<T>(step: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await step();
    } catch (error) {
      if (!isLockTimeout(error) || tries === lockTries) throw error;
      await delay(lockPauseMs);
    }
  }
}

const sourceOf = (list: readonly Migration[]): Knex.MigrationSource<Migration> => ({
  getMigrations: async () => [...list],
  getMigrationName: ({ name }) => name,
  getMigration: async ({ up, isForTillOnly }) => ({
    config: { transaction: typeof up === 'string' },
    up: async (connection) => {
      for (const statement of typeof up === 'string' ? [up] : up)
        await connection.raw(isConcurrent(statement) ? statement : `${setLockTimeout} ${isForTillOnly ? statement : asOwner(statement)}`);
    },
    down: async () => {
      throw new Error('migrations go forward only');
    },
  }),
});

/** Names that break the numbering: a gap, a number used twice, or another format. Empty: all are valid. */
export function numberingProblems(list: readonly Migration[] = migrations): string[] {
  return list.flatMap(({ name }, index) => {
    const expected = String(index + 1).padStart(4, '0');
    return new RegExp(`^${expected}-[a-z][a-z0-9-]*$`).test(name) ? [] : [`${name} should be ${expected}-what-it-adds`];
  });
}
