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
