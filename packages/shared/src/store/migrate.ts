import type { Knex } from 'knex';
import createKnex from 'knex';
import pg from 'pg';
import { setSessionSettings } from '../postgres/index.ts';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

const lockKey = 5_150_200_301; // arbitrary, but the same in every process and release

/**
 * Migrates the schema `gateway` of one database to the latest version. Safe while processes serve. May run twice, also at the same
 * time: a second process waits at most `waitMs` for the first one, and then finds nothing to do.
 *
 * The lock is a session-level lock that is polled. A transaction that waited for an advisory lock would deadlock with
 * `create index concurrently`, which waits for that transaction's snapshot to end.
 * @returns the names of the migrations that ran
 */
export async function migrate(
  url: string,
  { waitMs = 60_000, list = migrations }: { waitMs?: number; list?: readonly Migration[] } = {},
): Promise<string[]> {
  const lockConnection = new pg.Client({ connectionString: url, application_name: 'gateway migrate', connectionTimeoutMillis: 5_000 });
  await lockConnection.connect();
  try {
    await lock(lockConnection, waitMs);
    await lockConnection.query('create schema if not exists gateway');
    return await runPending(url, list);
  } finally {
    await lockConnection.end(); // releases the lock
  }
}

async function lock(lockConnection: pg.Client, waitMs: number): Promise<void> {
  for (const until = Date.now() + waitMs; ; ) {
    const { rows } = await lockConnection.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [lockKey]);
    if (rows[0]?.got) return;
    if (Date.now() > until) throw new Error(`another process has been migrating this database for ${waitMs} ms; try again when it is done`);
    await new Promise((retry) => setTimeout(retry, 50));
  }
}

async function runPending(url: string, list: readonly Migration[]): Promise<string[]> {
  const knex = createKnex({
    client: 'pg',
    connection: { connectionString: url, application_name: 'gateway migrate' },
    pool: { min: 0, max: 2, afterCreate: setSession },
    log: { warn() {}, error() {} }, // an error is thrown, and the caller logs it
  });
  try {
    const [, names] = (await knex.migrate.latest({
      schemaName: 'gateway',
      tableName: 'migrations',
      migrationSource: sourceOf(list),
      disableMigrationsListValidation: true, // an older process may start with a newer schema: migrations stay compatible with it
    })) as [number, string[]];
    return names;
  } finally {
    await knex.destroy();
  }
}

/** A migration means the same whatever the database has as its defaults. */
function setSession(connection: pg.Client, done: (error: Error | null, connection: pg.Client) => void): void {
  connection.query(setSessionSettings).then(
    () => done(null, connection),
    (error: Error) => done(error, connection),
  );
}

const sourceOf = (list: readonly Migration[]): Knex.MigrationSource<Migration> => ({
  getMigrations: async () => [...list],
  getMigrationName: ({ name }) => name,
  getMigration: async ({ up }) => ({
    config: { transaction: typeof up === 'string' },
    up: async (connection) => {
      for (const statement of typeof up === 'string' ? [up] : up) await connection.raw(statement);
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
