import pg from 'pg';
import { folderLike, hostDatabase, readable, referenceFolder, type TestHostDatabase } from '../../test/host-fixture.ts';
import { checkHost } from './check-host.ts';
import { formatProblem } from './host-problem.ts';

let pos: TestHostDatabase;
let erp: TestHostDatabase;
beforeAll(async () => {
  pos = await hostDatabase(referenceFolder('pos'), { demo: false });
  erp = await hostDatabase(referenceFolder('erp'), { demo: false });
});
afterAll(() => Promise.all([pos.close(), erp.close()]));

/** The problems that the check finds in the POS with some of its files replaced. */
async function problemsWith(files: Record<string, string | null>, options: Parameters<typeof checkHost>[2] = {}): Promise<string[]> {
  const { verdicts } = await checkHost(readable(folderLike('pos', files)), pos.url, options);
  return verdicts.flatMap(({ problems }) => problems.map(formatProblem));
}

const order = (change: (sql: string) => string) => ({ 'order.sql': change(referenceFolder('pos').statements.order.source) });

describe('the start-up check', () => {
  it('passes both hosts that ship with the project', async () => {
    const [ofPos, ofErp] = await Promise.all([checkHost(referenceFolder('pos'), pos.url), checkHost(referenceFolder('erp'), erp.url)]);
    expect(ofPos).toMatchObject({ host: 'pos', ok: true });
    expect(ofPos.verdicts.map(({ file, planned }) => [file, planned])).toContainEqual(['pos/refunded.sql', true]);
    expect(ofErp).toMatchObject({ host: 'erp', ok: true });
  });

  it('runs no statement', async () => {
    await checkHost(referenceFolder('erp'), erp.url);
    expect((await erp.client.query('select count(*)::int as n from erp."Document Counter"')).rows).toEqual([{ n: 0 }]);
  });

  it('names file, line and column of a renamed column, with the message of PostgreSQL', async () => {
    const sql = `-- the till's new version calls it otherwise\nupdate pos.payments\n   set status = 'settled', paid = :paid_at,\n updated_at = :now where external_ref = :reference returning id`;
    expect(await problemsWith({ 'paid.sql': sql })).toEqual([
      `pos/paid.sql:3:28: does not fit the database. Postgres says: column "paid" of relation "payments" does not exist. Compare the name with the host's tables: it may have been renamed`,
    ]);
  });

  it('reports the column in characters of the file, not of the sent statement', async () => {
    const sql = `update pos.payments /* 🍜 bakmi */ set updated_at = :now, amount = :amount where external_ref = :reference and statuss = 'pending' returning id`;
    const [problem] = await problemsWith({ 'failed.sql': sql });
    expect(problem).toMatch(`pos/failed.sql:1:${[...sql.slice(0, sql.indexOf('statuss'))].length + 1}:`);
  });

  it.each([
    [
      'an unknown table',
      { 'items.sql': 'select sku, name, qty as quantity, line_total from pos.order_lines where order_id = :order_key::uuid' },
      'relation "pos.order_lines" does not exist',
    ],
    [
      'a wrong enum label',
      { 'expired.sql': "update pos.payments set status = 'lapsed' where external_ref = :reference returning id" },
      'invalid input value for enum payment_status: "lapsed"',
    ],
    [
      'a key that is not cast',
      { 'items.sql': 'select sku, name, qty as quantity, line_total from pos.order_items where order_id = :order_key' },
      'cast a key to its column',
    ],
    ['a syntax error', { 'failed.sql': 'selekt 1' }, 'syntax error at or near "selekt"'],
    [
      'a write that returns nothing',
      { 'failed.sql': "update pos.payments set status = 'failed' where external_ref = :reference" },
      'returns no rows',
    ],
    [
      'a created.sql without its key',
      { 'created.sql': 'insert into pos.outlets (merchant_id, code, name) values (gen_random_uuid(), :store_id, :tenant) returning id' },
      'must return a column host_payment_key',
    ],
    [
      'a read that writes',
      {
        'charges.sql':
          "with w as (update pos.orders set updated_at = now() where id = :order_key::uuid returning tax) select 'tax' as kind, tax as amount, false as included from w",
      },
      'writes, but it runs several times per payment',
    ],
    ['an order that is not locked', order((sql) => sql.replace('for update of o', '')), 'does not lock the order'],
    [
      'a lock that is not allowed there',
      order((sql) =>
        sql.replace(
          'join pos.outlets t on t.id = o.outlet_id\nwhere o.id = :order_id::uuid and',
          'right join pos.outlets t on t.id = o.outlet_id and o.id = :order_id::uuid\nwhere',
        ),
      ),
      'nullable side of an outer join',
    ],
    [
      'a lock beside group by',
      { 'order.sql': 'select 1 from pos.orders o where id = :order_id::uuid group by id for update' },
      'FOR UPDATE is not allowed with GROUP BY',
    ],
  ])('finds %s', async (_, files, words) => {
    expect((await problemsWith(files)).join()).toContain(words);
  });

  describe('of result columns', () => {
    it.each([
      ['a missing one', order((sql) => sql.replace('o.paid_total as paid', 'o.paid_total as paid_total')), 'must return a column paid'],
      [
        'a misspelt optional one',
        order((sql) => sql.replace('as table_number', 'as table_no')),
        'pos/order.sql:17:17: returns an unknown column table_no',
      ],
      ['one that is returned twice', order((sql) => sql.replace('o.version', 'o.version, o.version')), 'returns version more than once'],
      [
        'char(n), which is padded',
        order((sql) => sql.replace("'IDR' as", "'IDR'::char(3) as")),
        'returns currency as character, and it must be text. Cast it: ::text',
      ],
      [
        'a timestamp for a text',
        order((sql) => sql.replace('o.version', 'o.updated_at as version')),
        'returns version as timestamp with time zone, and it must be text',
      ],
      [
        'float8 for a numeric',
        order((sql) => sql.replace('o.grand_total as', 'o.grand_total::float8 as')),
        'returns total as double precision, and it must be numeric',
      ],
      ['money for a numeric', order((sql) => sql.replace('o.grand_total as', 'o.grand_total::money as')), 'returns total as money'],
      [
        'a text for a boolean',
        order((sql) => sql.replace('o.deleted_at is null as payable', "true as x, 'Y' as payable")),
        'returns payable as text, and it must be boolean',
      ],
    ])('finds %s', async (_, files, words) => {
      expect((await problemsWith(files)).join()).toContain(words);
    });

    it('accepts any string type, uuid, enum, integer and numeric as text', async () => {
      await pos.client.query("create domain pos.code as varchar(20) check (value <> ''); create domain pos.amount as numeric(18, 2)");
      const columns = `o.id as order_key, 7::int as tenant, 'x'::varchar(9) as store_id, 1.5::numeric as order_number, o.status as currency,
        1::pos.amount as total, 2::smallint as paid, true as payable, 'a'::name as reason, 'c'::pos.code as customer_name`;
      expect(await problemsWith({ 'order.sql': `select ${columns} from pos.orders o where o.id = :order_id::uuid for update` })).toEqual(
        [],
      );
    });
  });

  it('reports every invalid statement, not only the first', async () => {
    const found = await problemsWith({ 'failed.sql': 'selec 1', 'expired.sql': 'selec 1' });
    expect(found.map((each) => each.split(':')[0])).toEqual(['pos/expired.sql', 'pos/failed.sql']);
  });

  it('finds a missing grant, which parsing does not', async () => {
    await pos.client.query(
      'create role cashier login; grant usage on schema pos to cashier; grant select on all tables in schema pos to cashier',
    );
    const url = new URL(pos.url);
    url.username = 'cashier';
    url.password = '';
    await pos.client.query("alter role cashier password 'cashier'");
    url.password = 'cashier';
    const { verdicts } = await checkHost(referenceFolder('pos'), url.href);
    const wrong = verdicts.filter(({ problems }) => problems.length > 0).map(({ file }) => file);
    expect(wrong).toEqual([
      'pos/order.sql',
      'pos/created.sql',
      'pos/paid.sql',
      'pos/expired.sql',
      'pos/failed.sql',
      'pos/cancelled.sql',
      'pos/refunded.sql',
    ]);
    expect(formatProblem(verdicts[1]?.problems[0] as never)).toContain(
      'Postgres says: permission denied for table orders. npm run hosts -- grants pos',
    );
    await pos.client.query('drop owned by cashier; drop role cashier');
  });

  describe('a host whose policies need a tenant', () => {
    const yaml = (set: string) => ({
      'host.yaml': `id: pos\nflavour: pos\ndatabase: POS_DATABASE_URL\ntimezone: Asia/Jakarta\nsession: { search_path: [pos], set: ${set} }\nmoney: { rounding: half_up, record: charged, max_residue: "0" }\nreconcile: off\n`,
    });
    const locked = { ...yaml('{ app.tenant: ":tenant" }'), ...order((sql) => sql.replace('for update of o', '')) };

    it('is planned only when a tenant is given', async () => {
      expect(await problemsWith(locked)).toEqual([]);
      expect((await problemsWith(locked, { tenant: 'b2c1' })).join()).toContain('does not lock');
    });

    it('is refused when a session setting is invalid', async () => {
      expect((await problemsWith(yaml('{ work_mem: lots }'))).join()).toContain(
        'pos/host.yaml: the session settings are refused. Postgres says: invalid value for parameter "work_mem": "lots"',
      );
    });
  });

  it('throws when the database cannot be reached', async () => {
    await expect(checkHost(referenceFolder('pos'), 'postgres://x@127.0.0.1:1/x')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(checkHost(referenceFolder('pos'), pos.url.replace(/\/[^/]*$/, '/nowhere'))).rejects.toBeInstanceOf(pg.DatabaseError);
  });
});
