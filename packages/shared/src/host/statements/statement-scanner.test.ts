import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import fc from 'fast-check';
import pg from 'pg';
import { readStatement } from '../host-statement.ts';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase(null);
  client = new pg.Client(database.url);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** A part of a select list, and the value that PostgreSQL must return for it. */
interface Piece {
  sql: string;
  value: string;
}

const text = fc.oneof(
  fc.constantFrom(':amount', "it's", '"', '$$', '$a$', '--', '/*', '*/', '\\', ';', '$1', '::', '🍜', ''),
  fc.string({ unit: 'grapheme', maxLength: 6 }).filter((value) => !value.includes('\0') && value.isWellFormed()),
);
const longText = fc.array(text, { maxLength: 4 }).map((parts) => parts.join(''));
const doubled = (value: string, quote: string) => quote + value.replaceAll(quote, quote + quote) + quote;
const escaped = (value: string) => `E'${value.replace(/['\\]/g, '\\$&')}'`;

const plain = longText.map((value): Piece => ({ sql: doubled(value, "'"), value }));
const withEscapes = longText.map((value): Piece => ({ sql: escaped(value), value }));
const continued = fc
  .tuple(longText, longText)
  .map(([a, b]): Piece => ({ sql: `${escaped(a)} -- ' :amount\n ${escaped(b).slice(1)}`, value: a + b }));
const dollarQuoted = fc
  .tuple(longText, fc.constantFrom('$$', '$tag$', '$é_1$'))
  .filter(([value, tag]) => !`${value}$`.includes(tag.slice(0, -1)))
  .map(([value, tag]): Piece => ({ sql: tag + value + tag, value }));
const quotedName = longText
  .filter((value) => value !== '' && Buffer.byteLength(value) < 60)
  .map(
    (value): Piece => ({
      sql: `(select row_to_json(r)::jsonb ? ${escaped(value)} from (select 1 as ${doubled(value, '"')}) r)`,
      value: 'true',
    }),
  );
const slice = fc.constant<Piece>({
  sql: `(array['a','b','c'])[2:3]::text || (select (array[1,2])[:n] from (select 1 as n) s)::text`,
  value: '{b,c}{1}',
});
const amount = fc.constantFrom<Piece>(
  { sql: ':amount', value: '42' },
  { sql: ':amount::numeric', value: '42' },
  { sql: 'case when true then:amount end', value: '42' },
);
const key = fc.constantFrom<Piece>({ sql: ':order_key', value: "o':1" }, { sql: ':order_key::varchar', value: "o':1" });
const between = fc.constantFrom(' ', '\n', '/* :now /* nested */ */', ' -- :now\n', '\t');

it('finds strings, names, comments and parameters where PostgreSQL finds them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.oneof(plain, withEscapes, continued, dollarQuoted, quotedName, slice, amount, key), between), {
        minLength: 1,
        maxLength: 8,
      }),
      async (pieces) => {
        const columns = pieces.map(([{ sql }, space], i) => `${space}(${sql}${space})::text as c${i}`);
        const statement = readStatement('paid', 'pos/paid.sql', `select${columns.join(',')};`);
        const values = statement.parameters.map((name) => ({ amount: '42', order_key: "o':1" })[name as 'amount' | 'order_key']);
        const { rows } = await client.query({ text: statement.text, values, rowMode: 'array' });
        expect(rows).toEqual([pieces.map(([{ value }]) => value)]);
      },
    ),
    { numRuns: 500 },
  );
});

it('finds the place in the file for every error position of PostgreSQL', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(plain, withEscapes, dollarQuoted, amount, key), { maxLength: 5 }),
      between,
      async (pieces, space) => {
        const before = `select${space}${pieces.map(({ sql }) => `${sql},${space}`).join('')}`;
        const statement = readStatement('paid', 'pos/paid.sql', `${before}misspelt from (select 1) t`);
        const error = await client
          .query({ text: statement.text, values: statement.parameters.map(() => null) })
          .catch((raised: pg.DatabaseError) => raised);
        const lines = before.split(/\r\n|\r|\n/);
        const place = { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
        expect(statement.placeAt(Number((error as pg.DatabaseError).position))).toEqual(place);
      },
    ),
    { numRuns: 200 },
  );
});
