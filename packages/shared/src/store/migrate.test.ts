import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import pg from 'pg';
import { migrate, numberingProblems } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

const names = migrations.map(({ name }) => name);

describe('migrations', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await freshDatabase(null);
  });
  afterEach(() => database.drop());

  const query = async (text: string) => {
    const client = new pg.Client(database.url);
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  it('create the schema gateway in an empty database, and do nothing the second time', async () => {
    expect(await migrate(database.url, { isTillDatabase: true })).toEqual(names);
    expect(await migrate(database.url, { isTillDatabase: true })).toEqual([]);
    expect(await query('select name from gateway.migrations order by id')).toEqual(names.map((name) => ({ name })));
  });

  it('each run on a database that an earlier release has migrated as far as the one before', async () => {
    for (const count of names.keys())
      await migrate(database.url, { isTillDatabase: true, list: migrations.slice(0, count + 1) }).catch((error: Error) => {
        if (!error.message.endsWith('does not exist')) throw error; // the rights, given last, are also those of later tables
      });
    expect(await query('select name from gateway.migrations order by id')).toEqual(names.map((name) => ({ name })));
  });

  it('run once when several processes start them at the same time', async () => {
    const ran = await Promise.all([1, 2, 3, 4].map(() => migrate(database.url, { isTillDatabase: true })));
    expect(ran.flat().sort()).toEqual([...names].sort());
  });

  it('leave nothing of a migration that fails, and continue with it when it is corrected', async () => {
    await migrate(database.url, { isTillDatabase: true });
    const broken: Migration = { name: `${nextNumber()}-broken`, up: 'create table gateway.half (id int); select * from nowhere;' };
    await expect(migrate(database.url, { isTillDatabase: true, list: [...migrations, broken] })).rejects.toThrow(/nowhere/);
    expect(await query(`select to_regclass('gateway.half') as half`)).toEqual([{ half: null }]);
    expect(
      await migrate(database.url, { isTillDatabase: true, list: [...migrations, { ...broken, up: 'create table gateway.half (id int)' }] }),
    ).toEqual([broken.name]);
  });

  it('fail when another process holds the lock longer than waitMs', async () => {
    const holder = new pg.Client(database.url);
    await holder.connect();
    await holder.query('select pg_advisory_lock(5150200301)');
    await expect(migrate(database.url, { isTillDatabase: true, waitMs: 100 })).rejects.toThrow(/another process has been migrating/);
    await holder.end();
  });

  it('wait for a table in use so briefly that others use it meanwhile, and are tried again until it is free', async () => {
    await migrate(database.url, { isTillDatabase: true });
    const report = new pg.Client(database.url);
    await report.connect();
    await report.query('begin; select count(*) from gateway.payments');
    const change: Migration = { name: `${nextNumber()}-note`, up: 'alter table gateway.payments add column note text' };
    const migrating = migrate(database.url, { isTillDatabase: true, list: [...migrations, change] });
    const isWaiting = async () => {
      const waiting = `select from pg_locks where relation = 'gateway.payments'::regclass and not granted`;
      return (await report.query(waiting)).rowCount !== 0;
    };
    await eventually(isWaiting);
    await eventually(async () => !(await isWaiting()));
    expect(await query('select count(*)::integer as count from gateway.payments')).toEqual([{ count: 0 }]); // does not wait for the report
    await report.end();
    expect(await migrating).toEqual([change.name]);
  });

  it('let an older process start with a newer schema', async () => {
    await migrate(database.url, { isTillDatabase: true, list: [...migrations, { name: `${nextNumber()}-newer`, up: 'select 1' }] });
    expect(await migrate(database.url, { isTillDatabase: true })).toEqual([]);
  });
});

describe('the names of migrations', () => {
  it('are numbered without a gap and say what each adds', () => {
    expect(numberingProblems()).toEqual([]);
  });

  it.each([['0002-gap'], ['0001-'], ['1-short'], ['0001_underscore']])('may not begin with %s', (name) => {
    expect(numberingProblems([{ name, up: '' }])).toHaveLength(1);
  });
});

const nextNumber = () => String(migrations.length + 1).padStart(4, '0');
