import type { EventEmitter } from 'node:events';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import type pg from 'pg';
import { connectDatabase, type Database } from './database.ts';
import { serverOf } from './database-server.ts';
import { isStalePlan } from './errors.ts';
import { inTransaction } from './transaction.ts';

let database: TestDatabase;
let db: Database;
let client: pg.PoolClient;
/** How many statements the server has described to the client. */
let descriptions: number;

beforeEach(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test', max: 1 });
  await db.pool.query('create table dishes (id int primary key, name text, price bigint); insert into dishes values (1, $$Soto$$, 25000)');
  client = await db.pool.connect();
  client.release();
  descriptions = 0;
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on('rowDescription', () => {
    descriptions++;
  });
});

afterEach(async () => {
  await db.close();
  await database.drop();
});

const byId = (id: number) => ({ name: 'dish', text: 'select * from dishes where id = $1', values: [id] });

it('a statement with a name is described once for each connection, and its rows and types stay the same', async () => {
  const soto = { id: 1, name: 'Soto', price: 25_000 };
  expect((await db.pool.query(byId(1))).rows).toEqual([soto]);
  expect((await db.pool.query(byId(1))).rows).toEqual([soto]);
  expect((await db.pool.query(byId(2))).rows).toEqual([]);
  expect((await inTransaction(db, (trx) => trx.query(byId(1)))).rows).toEqual([soto]);
  expect(descriptions).toBe(1);
});

it('the same name with parsers of its own gets its own types', async () => {
  await db.pool.query(byId(1));
  const asText = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;
  expect((await db.pool.query({ ...byId(1), types: asText })).rows).toEqual([{ id: '1', name: 'Soto', price: '25000' }]);
  expect((await db.pool.query(byId(1))).rows).toEqual([{ id: 1, name: 'Soto', price: 25_000 }]);
});

it('after a change of the table the server refuses the statement: no value is read as another column', async () => {
  await db.pool.query(byId(1));
  await db.pool.query('alter table dishes drop column name');
  const error = await db.pool.query(byId(1)).catch((refused: unknown) => refused);
  expect(isStalePlan(error)).toBe(true);
});

it('a statement that failed is answered as before, and leads back to its caller', async () => {
  const wrong = { name: 'wrong', text: 'select 1 / $1::int as ratio', values: [0] };
  const error = await db.pool.query(wrong).catch((failed: Error) => failed);
  expect(error).toMatchObject({ code: '22012', stack: expect.stringContaining('described-query.test') });
  expect((await db.pool.query({ ...wrong, values: [1] })).rows).toEqual([{ ratio: 1 }]);
});

it('behind a pooler that keeps names, each execution is described', async () => {
  serverOf(database.url).keepsNames = true;
  for (const id of [1, 2, 1]) await db.pool.query(byId(id));
  expect(descriptions).toBe(3);
});
