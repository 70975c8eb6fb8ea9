import type { Knex } from 'knex';
import createKnex from 'knex';
import pg from 'pg';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

const lockKey = 5_150_200_301; // any number, the same in every process

/**
 * Brings the schema `gateway` of one database up to date. May run twice, also at the same time: one does the work, the other
 * waits for it (at most `waitMs`) and finds nothing left to do. Safe while the gateway serves.
 *
 * The lock is a session lock, polled: a transaction that waits for an advisory lock deadlocks for ever with
 * `create index concurrently`, which waits for the waiter's snapshot.
 * @returns the names of the migrations that ran.
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
    await lockConnection.end(); // lets go of the lock
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
    pool: { min: 0, max: 2 },
    log: { warn() {}, error() {} }, // what fails is thrown, and said once by whoever called
  });
  try {
    const [, names] = (await knex.migrate.latest({
      schemaName: 'gateway',
      tableName: 'migrations',
      migrationSource: sourceOf(list),
      disableMigrationsListValidation: true, // an older process beside a newer schema: forward only means the newer one is fine
    })) as [number, string[]];
    return names;
  } finally {
    await knex.destroy();
  }
}

const sourceOf = (list: readonly Migration[]): Knex.MigrationSource<Migration> => ({
  getMigrations: async () => [...list],
  getMigrationName: ({ name }) => name,
  getMigration: async ({ up }) => ({
    up: async (trx) => {
      await trx.raw(up);
    },
    down: async () => {
      throw new Error('migrations go forward only');
    },
  }),
});

/** What is wrong with the numbering: a gap, a double, a name of another form. Empty when all is well. */
export function numberingProblems(list: readonly Migration[] = migrations): string[] {
  return list.flatMap(({ name }, index) => {
    const expected = String(index + 1).padStart(4, '0');
    return new RegExp(`^${expected}-[a-z][a-z0-9-]*$`).test(name) ? [] : [`${name} should be ${expected}-what-it-brings`];
  });
}
