import { describeBehindPgBouncer, startPgBouncer } from '@gateway/testing/database/pgbouncer';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { connectDatabase } from './database.ts';
import { checkSession } from './session-settings.ts';

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
});

describeBehindPgBouncer('behind PgBouncer', () => {
  const settingsMissing = /DateStyle is German.*search_path is elsewhere.*lock_timeout is 0/;

  it.each([
    ['refuses our start-up parameters', {}],
    [
      'ignores our start-up parameters',
      { ignore_startup_parameters: 'options,statement_timeout,lock_timeout,idle_in_transaction_session_timeout' },
    ],
  ])('each missing setting is named when it %s', async (_, settings) => {
    await alterDatabase(foreignDefaults);
    const bouncer = await startPgBouncer(database.url, settings);
    await expect(checkSession(bouncer.url)).rejects.toThrow(settingsMissing);
    await bouncer.stop();
  });
});
