import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import pg from 'pg';
import { readStatement } from '../host-statement.ts';
import { isHostRefusal, OneStatement } from './one-statement.ts';
import { splitStatement } from './split-statement.ts';
import { valuesFor } from './statement-parameters.ts';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase(null);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`create table bill (id int primary key, status text, paid int default 0, parent int);
    create table note (bill int, text text);
    create table ours (id int); insert into ours values (2);
    create function pay(int) returns int language sql volatile as $$ update bill set paid = paid + 1 where id = $1 returning id $$`);
});
beforeEach(() => client.query(`truncate bill, note; insert into bill values (1, 'open', 0, null), (2, 'open', 0, 1), (3, 'open', 0, 2)`));
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

const bills = async () => (await client.query('select * from bill order by id')).rows;
const notes = async () => (await client.query('select * from note order by text')).rows;
const values = { orderKey: '1', reference: 'pos-1' };
const hostStatement = (source: string) => readStatement('paid', 'pos/paid.sql', source);

function asPart(source: string) {
  const statement = hostStatement(source);
  const part = { label: source, textFrom: statement.textFrom, values: valuesFor(statement.parameters, values) };
  return new OneStatement({ part, needsKey: false });
}

describe('a statement of a host as a part of one statement', () => {
  it.each([
    ['updates', `update bill set status = 'paid' where id = :order_key::int returning id -- the end`],
    [
      'begins with `with`',
      `with b as (select id from bill where id = :order_key::int) update bill set paid = 5 from b where bill.id = b.id returning b.id`,
    ],
    [
      'writes in its `with`',
      `with logged as (insert into note values (:order_key::int, ';)') returning bill), insert as (select 1)
      update bill set status = 'paid' from logged where bill.id = logged.bill returning id`,
    ],
    [
      'is recursive',
      `with recursive up(id) as (select 3 union all select parent from bill join up using (id) where parent is not null)
      update bill set paid = 9 where id in (select id from up) returning id`,
    ],
    ['calls a function that writes', `select pay(:order_key::int) as host_payment_key`],
    ['inserts', `insert into note select id, :reference from bill where id = :order_key::int returning bill;`],
  ])('that %s writes what it writes alone', async (_, source) => {
    const { text, parameters } = hostStatement(source);
    await client.query(text, valuesFor(parameters, values));
    const expected = [await bills(), await notes()];
    await client.query(`truncate bill, note; insert into bill values (1, 'open', 0, null), (2, 'open', 0, 1), (3, 'open', 0, 2)`);
    const statement = asPart(source);
    const counted = statement.query({ name: 'other', text: 'update ours set id = id where id = $1', values: [2] });
    await statement.send(client);
    expect([await bills(), await notes()]).toEqual(expected);
    expect((await counted).rowCount).toBe(1);
  });

  it('that returns no row fails, and nothing is written', async () => {
    const statement = asPart(
      `with logged as (insert into note values (1, 'x') returning bill) update bill set paid = 1 where id = 77 returning id`,
    );
    const other = statement.query({ name: 'other', text: `insert into note values ($1, $2)`, values: [2, 'ours'] });
    const error = await statement.send(client).catch((refused: unknown) => refused);
    expect(isHostRefusal(error)).toBe(true);
    await expect(other).rejects.toBe(error);
    expect(await notes()).toEqual([]);
  });

  it.each([
    ['merges', 'merge into bill using note on bill.id = note.bill when matched then delete', /does not begin with select/],
    ['lists values', 'values (1)', /does not begin with select/],
    ['returns nothing', `update bill set paid = 1 where id in (select bill from note where text = 'returning')`, /has no returning/],
  ])('cannot be one when it %s', (_, source, why) => {
    expect(splitStatement(source)).toMatch(why);
  });
});

it('statements that are sent as one run in their order', async () => {
  const statement = new OneStatement(null);
  await client.query('create table if not exists numbered (id int generated always as identity, text text)');
  for (const text of ['first', 'second', 'third'])
    void statement.query({ name: text, text: 'insert into numbered (text) values ($1)', values: [text] });
  await statement.send(client);
  const { rows } = await client.query('select text from numbered order by id');
  expect(rows.map(({ text }) => text)).toEqual(['first', 'second', 'third']);
});
