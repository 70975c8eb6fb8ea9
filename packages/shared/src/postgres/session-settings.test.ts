import { describeBehindPgBouncer, forgetsStatements, itWithNamedStatements, startPgBouncer } from '@gateway/testing/database/pgbouncer';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { checkSession } from './check-session.ts';
import { connectDatabase } from './database.ts';
import { inTransaction } from './transaction.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase(null);
});
afterAll(() => database.drop());

const foreignDefaults = {
  datestyle: 'German',
  intervalstyle: 'iso_8601',
  timezone: 'Asia/Jakarta',
  standard_conforming_strings: 'off',
  bytea_output: 'escape',
  client_encoding: 'LATIN1',
  search_path: 'elsewhere',
};

async function alterDatabase(settings: Readonly<Record<string, string>>): Promise<void> {
  const admin = connectDatabase(database.url, { name: 'test', max: 1 });
  for (const [name, value] of Object.entries(settings))
    await admin.pool.query(`alter database ${new URL(database.url).pathname.slice(1)} set ${name} to '${value}'`);
  await admin.close();
}

describe('a session of ours', () => {
  it('has the settings that we rely on, whatever the database has as its defaults', async () => {
    await alterDatabase(foreignDefaults);
    const db = connectDatabase(`${database.url}?options=-c%20datestyle%3DGerman%20-c%20jit%3Don`, { name: 'test', max: 1 });
    const { rows } =
      await db.pool.query(`select timestamptz '2026-03-02 10:00:00+07' as at, current_setting('search_path') as path, 'a\\b' as text,
      interval '1 day'::text as day, '\\xff'::bytea::text as bytes, current_setting('jit') as jit, 'é' as accent`);
    await db.close();
    expect(rows).toEqual([
      { at: new Date('2026-03-02T03:00:00Z'), path: '"$user", public', text: 'a\\b', day: '1 day', bytes: '\\xff', jit: 'on', accent: 'é' },
    ]);
    await expect(checkSession(database.url)).resolves.toBeUndefined();
  });

  it('plans a named statement once, for any values', async () => {
    const db = connectDatabase(database.url, { name: 'test', max: 1 });
    for (const n of [1, 2, 3]) await db.pool.query({ name: 'sum', text: 'select $1::int + 1 as n', values: [n] });
    const { rows } = await db.pool.query(
      "select generic_plans as generic, custom_plans as custom from pg_prepared_statements where name = 'sum'",
    );
    await db.close();
    expect(rows).toEqual([{ generic: 3, custom: 0 }]);
  });
});

describeBehindPgBouncer('behind PgBouncer in transaction mode', () => {
  it.each([
    ['refuses our start-up parameters', {}],
    [
      'ignores our start-up parameters',
      { ignore_startup_parameters: 'options,statement_timeout,lock_timeout,idle_in_transaction_session_timeout' },
    ],
  ])('each transaction has every setting that we rely on when PgBouncer %s', async (_, settings) => {
    await alterDatabase(foreignDefaults);
    const bouncer = await startPgBouncer(database.url, { pool_mode: 'transaction', ...settings });
    await expect(checkSession(`${bouncer.url}?pgbouncer=true`)).resolves.toBeUndefined();
    await expect(checkSession(bouncer.url)).resolves.toBeUndefined(); // found out, without the parameter of the URL
    const db = connectDatabase(`${bouncer.url}?pgbouncer=true`, { name: 'test', max: 3 });
    const alone = await db.pool.query("select timestamptz '2026-03-02 10:00:00+07' as at"); // PgBouncer keeps what dates depend on
    expect(alone.rows).toEqual([{ at: new Date('2026-03-02T03:00:00Z') }]);
    const read = { name: 'read', text: "select current_setting('search_path') as path, current_setting('lock_timeout') as lock" };
    const all = await Promise.all(
      Array.from({ length: 30 }, () =>
        inTransaction(db, async (trx) => [...(await trx.query(read)).rows, ...(await trx.query(read)).rows]),
      ),
    );
    expect(all.flat()).toEqual(Array(60).fill({ path: '"$user", public', lock: '2s' }));
    const [knexRow] = await db.knex.transaction((trx) => trx.select(trx.raw("current_setting('search_path') as path")));
    expect(knexRow).toEqual({ path: '"$user", public' });
    const unprepared = connectDatabase(`${bouncer.url}?application_name=first`, { name: 'test', max: 5 }); // all of them learn it at once
    expect(await Promise.all(Array.from({ length: 5 }, async () => (await unprepared.pool.query('select 1 as one')).rowCount))).toEqual([
      1, 1, 1, 1, 1,
    ]);
    await Promise.all([db.close(), unprepared.close()]);
    await bouncer.stop();
  });

  type Name = { name: string | null };

  /** The names that the server knows for one statement of several clients, in transactions that share its sessions. */
  async function namesOf(settings: Readonly<Record<string, string>>, parameter = ''): Promise<Set<string | null>> {
    const bouncer = await startPgBouncer(database.url, { pool_mode: 'transaction', default_pool_size: '3', ...settings });
    const url = `${bouncer.url}${parameter}`;
    await checkSession(url);
    const db = connectDatabase(url, { name: 'test', max: 5 });
    const read = { name: 'prepared', text: 'select min(name) as name from pg_prepared_statements where statement ~ $1' };
    const twice = () => inTransaction(db, async (trx) => [await trx.query<Name>(read, ['min']), await trx.query<Name>(read, ['min'])]);
    const results: Awaited<ReturnType<typeof twice>> = [];
    for (let round = 0; round < 5; round++) results.push(...(await Promise.all(Array.from({ length: 5 }, twice))).flat());
    await db.close();
    await bouncer.stop();
    return new Set(results.flatMap(({ rows }) => rows.map(({ name }) => name)));
  }

  itWithNamedStatements('statements are sent with their names where PgBouncer keeps them for each client', async (settings) => {
    expect([...(await namesOf(settings))]).toEqual([expect.stringMatching(/^PGBOUNCER_\d+$/)]);
  });

  it('statements are sent without names where it would leave them in a session that another client gets', async () => {
    expect(await namesOf(forgetsStatements)).toEqual(new Set([null]));
  });

  it('statements are sent without names with ?pgbouncer=true', async () => {
    expect(await namesOf({}, '?pgbouncer=true')).toEqual(new Set([null]));
  });
});
