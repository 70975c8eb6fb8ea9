import fc from 'fast-check';
import { StatementError } from './host-error.ts';
import { readStatement } from './host-statement.ts';
import { isParameter } from './statements/statement-parameters.ts';
import { scan } from './statements/statement-scanner.ts';

const paid = (sql: string) => readStatement('paid', 'pos/paid.sql', sql);
const rendered = (sql: string) => paid(sql).text;

/** The refusal of the statement, as `offset message`. */
function refusal(sql: string, name: Parameters<typeof readStatement>[0] = 'paid'): string {
  try {
    readStatement(name, `pos/${name}.sql`, sql);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    return `${error.offset} ${error.message}`;
  }
  throw new Error('nothing was refused');
}

describe('a parameter', () => {
  it('is sent as its own type, never left to inference', () => {
    const { text, parameters } = paid('select :order_key, :amount, :record_amount, :now');
    expect(text).toBe('select $1::text, $2::bigint, $3::numeric, $4::timestamptz');
    expect(parameters).toEqual(['order_key', 'amount', 'record_amount', 'now']);
  });

  it('has one number, however often it is used', () => {
    expect(rendered('select :now, :amount, :now')).toBe('select $1::timestamptz, $2::bigint, $1::timestamptz');
  });

  it.each([
    ['select :order_key::uuid', 'select $1::text::uuid'],
    ['select x::text, :::amount', 'select x::text, :::amount'.replace(':amount', '$1::bigint')],
    ['select case when true then:amount end', 'select case when true then $1::bigint end'],
    ['select 1:amount', 'select 1 $1::bigint'],
    ['select -:amount+:residue', 'select -$1::bigint+$2::numeric'],
    ['select f(x := :amount)', 'select f(x := $1::bigint)'],
  ])('is replaced in place in %s', (sql, expected) => {
    expect(rendered(sql)).toBe(expected);
  });

  it.each([
    "select ':amount', 'it''s :amount'",
    String.raw`select E'\':amount', e'\\'':amount'`,
    "select E'a'\n  '\\':amount'", // one string in two pieces, both with backslashes
    String.raw`select '\', 1 /* a plain string: the backslash is a backslash */`,
    `select ":amount", "a "" :amount"`,
    String.raw`select U&":amount", U&'\0041 :amount' uescape '!', b'01', x':amount', n':amount'`,
    'select $$ :amount $$, $a$ :amount $$ :amount $a$, $é$ :amount $é$',
    'select a$x$, b -- :amount\n',
    'select 1 /* :amount /* :amount */ :amount */ + 1',
    'select a[1:2], a[:n], a[i:n], a[:], (a)[lower:upper][:n]',
    "select '2026-01-01 10:00:00'::timestamptz::date",
    'select id -- no line break at the end :amount',
    "select 1 operator(pg_catalog.+) 2, type 'x', e.e, ee''",
  ])('is not replaced inside %s', (sql) => {
    expect(rendered(sql)).toBe(sql);
  });

  it('may be used as a bound of an array, and in an array', () => {
    expect(rendered('select array[:amount, :order_key::bigint], a[:amount]')).toBe(
      'select array[$1::bigint, $2::text::bigint], a[$1::bigint]',
    );
  });
});

describe('a statement', () => {
  it('may end in one semicolon', () => {
    expect(rendered('select 1 ; -- done\n')).toBe('select 1   -- done\n');
  });

  it.each([
    ['', '0 the file has no statement'],
    [' -- select 1', '0 the file has no statement'],
    [';', '0 the file has no statement'],
    ['select 1; select 2', '10 a second statement begins here, and a file holds one'],
    ['select 1;;', '9 a second statement begins here, and a file holds one'],
    ['select $1', '7 $1 is not allowed'],
    ['select :amuont', '7 unknown parameter :amuont'],
    ['select :Amount', '7 unknown parameter :Amount'],
    ['select :order_id', '7 :order_id is not available in paid.sql'],
    ['select a[:order_id]', '9 :order_id is not available in paid.sql'],
    ["select 'open", '7 a quoted text does not end'],
    [String.raw`select E'\'`, '7 a quoted text does not end'],
    ['select "open', '7 a quoted name does not end'],
    ['select $x$ $X$', '7 a text quoted by $x$ does not end'],
    ['select /* /* */ 1', '7 a comment does not end'],
    ['select \0', '7 a zero byte cannot be sent to PostgreSQL'],
  ])('%j is refused with its place', (sql, expected) => {
    expect(refusal(sql)).toBe(expected);
  });

  it('of a read may use its own parameters only', () => {
    expect(refusal('select :order_key', 'order')).toBe('7 :order_key is not available in order.sql');
    expect(refusal('select :tenant', 'items')).toBe('7 :tenant is not available in items.sql');
    expect(refusal('select :now', 'charges')).toBe('7 :now is not available in charges.sql');
    expect(refusal('select :provider', 'created')).toBe('7 :provider is not available in created.sql');
  });
});

describe('a place in the file', () => {
  it('is computed from a position of PostgreSQL, also after parameters and after characters of two UTF-16 units', () => {
    const sql = "select '🍜', :order_key::uuid,\n  :amount + refference";
    const { text, placeAt } = paid(sql);
    const position = [...text.slice(0, text.indexOf('refference'))].length + 1;
    expect(placeAt(position)).toEqual({ line: 2, column: 13 });
  });

  it('within a parameter is the start of the parameter', () => {
    const { text, placeAt } = paid('select 1,\n :amount');
    expect([text.indexOf('$1'), text.indexOf('bigint')].map((at) => placeAt(at + 1))).toEqual([
      { line: 2, column: 2 },
      { line: 2, column: 2 },
    ]);
  });
});

describe('any text in a file', () => {
  const pieces = [
    "'",
    '"',
    '$',
    '$$',
    '$a$',
    'E',
    'e',
    '\\',
    '--',
    '/*',
    '*/',
    '\n',
    ':',
    '::',
    ':amount',
    ':now',
    '[',
    ']',
    ';',
    'a',
    '1',
    ' ',
    'é',
    '🍜',
    '$1',
    '*',
    '/',
  ];
  const anySql = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join('')),
  );

  it('is read, or refused with a StatementError and a place in the text', () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        try {
          paid(sql);
        } catch (error) {
          expect(error).toBeInstanceOf(StatementError);
          expect((error as StatementError).offset).toBeLessThanOrEqual(sql.length);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is covered by tokens without a gap, none of them empty', () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        const tokens = scanned(sql);
        if (!tokens) return;
        expect(tokens.map(({ start, end }) => sql.slice(start, end)).join('')).toBe(sql);
        expect(tokens.every(({ start, end }) => end > start)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps strings, quoted names and comments unchanged, and has no parameter left', () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        const text = readOrNull(sql);
        if (text === null) return;
        expect(untouchable(text)).toEqual(untouchable(sql));
        const remaining = scan(text).filter(({ kind, start, end }) => kind === 'parameter' && isParameter(text.slice(start + 1, end)));
        expect(remaining).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  const scanned = (sql: string) => {
    try {
      return scan(sql);
    } catch {
      return null;
    }
  };
  const readOrNull = (sql: string): string | null => {
    try {
      return rendered(sql);
    } catch {
      return null;
    }
  };
  const untouchable = (sql: string): string[] =>
    scan(sql)
      .filter(({ kind }) => kind === 'quoted' || kind === 'comment')
      .map(({ start, end }) => sql.slice(start, end));
});
