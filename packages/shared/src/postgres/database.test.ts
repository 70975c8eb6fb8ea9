import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { startTcpProxy } from '@gateway/testing/tcp-proxy';
import { connectDatabase } from './database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

it('a connection that breaks during a statement of Knex fails that statement only: the process and the pool go on', async () => {
  const url = new URL(database.url);
  const proxy = await startTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  const broken = connectDatabase(url.href, { name: 'test' });
  const observer = connectDatabase(database.url, { name: 'test' });
  const failure = broken.knex.raw('select pg_sleep(60)').then(
    () => null,
    (error: Error) => error.message,
  );
  await eventually(async () => (await observer.pool.query("select from pg_stat_activity where query = 'select pg_sleep(60)'")).rowCount);
  proxy.dropConnections();
  expect(await failure).toContain('Connection terminated');
  expect((await broken.knex.raw('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await Promise.all([broken.close(), observer.close()]);
  await proxy.disconnect();
});

it.each([
  ["timestamptz '2026-03-02 10:00:00.123456+07'", new Date('2026-03-02T03:00:00.123Z')],
  ["timestamptz '1999-12-31 23:59:59-03'", new Date('2000-01-01T02:59:59Z')],
  ["timestamptz '2026-03-02 10:00:00+05:30'", new Date('2026-03-02T04:30:00Z')],
  ["timestamptz '12026-03-02 10:00:00+00'", new Date('+012026-03-02T10:00:00Z')],
  ["timestamptz 'infinity'", Number.POSITIVE_INFINITY],
  ['9007199254740991::bigint', Number.MAX_SAFE_INTEGER],
  ["'55000.00'::numeric", '55000.00'],
])('reads %s as %s, in any time zone of the session', async (value, read) => {
  const db = connectDatabase(database.url, { name: 'test', max: 1 });
  for (const zone of ['UTC', 'Asia/Jakarta', 'Asia/Kolkata', 'America/St_Johns']) {
    await db.pool.query(`set timezone to '${zone}'`);
    expect((await db.pool.query(`select ${value} as value`)).rows).toEqual([{ value: read }]);
  }
  await db.close();
});
