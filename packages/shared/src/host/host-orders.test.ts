import type pg from 'pg';
import {
  aWrite,
  folderLike,
  type HostDatabase,
  hostDatabase,
  inHost,
  log,
  must,
  readable,
  referenceFolder,
  type Tools,
} from '../../test/host-fixture.ts';
import { rupiah } from '../payment/index.ts';
import { HostStatementFailed, isTransient, OrderBusy, OrderKnownByAnotherKey, OrderUnreadable } from './host-error.ts';
import type { HostFolder } from './host-folder.ts';
import { hostOrders } from './host-orders.ts';

// A bill of a small till: one order, keyed by number, whose payments are summed up when it is read.
const schema = `
  create schema till;
  create table till."order" (no integer primary key, "total due" numeric(30, 12) not null, state text not null default 'open', edited timestamp(6) not null default '2026-03-01 12:00:00.123456');
  create table till.cash (no integer, amount numeric not null);
  create table till.qris (ref text, no integer, amount numeric not null check (amount > 0));
  insert into till."order" values (7, 25000.5), (8, 10000), (9, 1.000000000001), (2147483647, 5);
`;
const till: Record<string, string | null> = {
  'host.yaml': `id: pos\nflavour: pos\ndatabase: POS_DATABASE_URL\ntimezone: Asia/Jakarta\nsession: { search_path: [till], set: { app.tenant: ":tenant" } }
money: { rounding: half_up, record: host_due, max_residue: "0.50" }\nreconcile: off\n`,
  'order.sql': `select o.no as order_key, 'one' as tenant, 'STORE' as store_id, o.no as order_number, 'IDR' as currency, o."total due" as total,
    (select coalesce(sum(amount), 0) from till.cash c where c.no = o.no) as paid, o.state = 'open' as payable, o.edited::text as version
    from till."order" o where o.no = :order_id::integer and 'one' = :tenant for update of o`,
  'items.sql': `select null as sku, 'Kopi' as name, 1 as quantity, "total due" as line_total from till."order" where no = :order_key::integer`,
  'charges.sql': null,
  'created.sql': `insert into till.qris values (:reference, :order_key::integer, :record_amount) returning ref as host_payment_key`,
  'paid.sql': `update till."order" set state = 'paid' where no = :order_key::integer and state = 'open' and edited = :order_version::timestamp returning no`,
  'expired.sql': null,
  'failed.sql': null,
  'cancelled.sql': null,
  'refunded.sql': null,
};

let db: HostDatabase;
beforeAll(async () => {
  db = await hostDatabase(referenceFolder('pos'), { demo: false });
});
afterAll(() => db.close());
beforeEach(() => db.client.query(schema));
afterEach(() => db.client.query('drop schema till cascade'));

const tillWith = (files: Record<string, string | null> = {}): HostFolder => readable(folderLike('pos', { ...till, ...files }));
const inTill = <T>(work: (tools: Tools) => Promise<T>, folder = tillWith(), tenant = 'one'): Promise<T> =>
  inHost(folder, db.client, tenant, work);
const read = (orderId: string, files: Record<string, string | null> = {}, tenant = 'one') =>
  inTill(({ client, orders }) => orders.readPayable(client, { orderId, tenant }), tillWith(files), tenant);
const orderSql = (from: string, to: string) => ({ 'order.sql': must(till['order.sql']).replace(from, to) });
const rows = async (sql: string) => (await db.client.query(sql)).rows;

/** Resolves when somebody waits for a lock. */
async function somebodyWaits(): Promise<void> {
  for (;;) {
    const { rows: waiting } = await db.other.query('select 1 from pg_locks where not granted');
    if (waiting.length > 0) return;
  }
}

describe('reading a payable order', () => {
  it('sends everything before it waits for anything', async () => {
    await inTill(async ({ client, orders }) => {
      const sent: string[] = [];
      const query = (config: pg.QueryConfig) => {
        sent.push(must(config.name));
        return client.query(config);
      };
      const counting = { query } as typeof client;
      const answer = orders.readPayable(counting, { orderId: '7', tenant: 'one' });
      expect(sent.map((name) => name.split(':')[2])).toEqual(['order', 'order', 'items']);
      await answer;
    });
  });

  it('keeps figures and timestamps to the last digit', async () => {
    const { order, lines, charges } = must(await read('9'));
    expect(order).toMatchObject({ total: '1.000000000001', paid: '0', version: '2026-03-01 12:00:00.123456' });
    expect(lines).toEqual([{ sku: null, name: 'Kopi', quantity: '1', lineTotal: '1.000000000001' }]);
    expect(charges).toEqual([]);
  });

  it('counts the cash that was taken while it waited for the lock', async () => {
    await db.other.query('begin');
    await db.other.query('select 1 from till."order" where no = 7 for update');
    const answer = read('7');
    await somebodyWaits();
    await db.other.query('insert into till.cash values (7, 5000)');
    await db.other.query('commit');
    expect(must(await answer).order).toMatchObject({ total: '25000.500000000000', paid: '5000' });
  });

  it('gives up on a lock that is not had in time, and says that it may be tried again', async () => {
    await db.other.query('begin');
    await db.other.query('select 1 from till."order" where no = 7 for update');
    const busy = inTill(async ({ client, orders }) => {
      await client.query("set local lock_timeout = '20ms'");
      return orders.readPayable(client, { orderId: '7', tenant: 'one' });
    });
    const error = await busy.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OrderBusy);
    expect(isTransient(error)).toBe(true);
    await db.other.query('rollback');
  });

  it.each(['007', ' 7', '+7'])('knows the order by one key, though it is asked for %j', async (orderId) => {
    expect(await read(orderId)).toEqual(await read('7'));
  });

  it('reads the parts again when the key is spelled otherwise', async () => {
    const byName = orderSql('o.no = :order_id::integer', "o.no = replace(:order_id, '#', '')::integer");
    const items = { 'items.sql': must(till['items.sql']).replace('no = :order_key::integer', 'no::text = :order_key') };
    expect(must(await read('#7', { ...byName, ...items })).lines).toHaveLength(1);
  });

  it('asks the caller to begin again when the parts cannot be read by the spelling', async () => {
    const byName = orderSql('o.no = :order_id::integer', "o.no = replace(:order_id, '#', '')::integer");
    const error = await read('#7', byName).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OrderKnownByAnotherKey);
    expect(must(await read((error as OrderKnownByAnotherKey).orderKey, byName)).lines).toHaveLength(1);
  });

  it('does not go on with a host that does not find its own key', async () => {
    await expect(read('7', orderSql('o.no as order_key', "'no ' || o.no as order_key"))).rejects.toThrow('does not find the order');
    const shifting = {
      ...orderSql('o.no as order_key', 'o.no + 1 as order_key'),
      'items.sql': "select null as sku, 'x' as name, 1 as quantity, 1 as line_total",
    };
    await expect(read('7', shifting)).rejects.toThrow('pos/order.sql: does not find the order by the order_key that it returned');
  });

  it('comes without parts when the order is not payable, even if they could not be read', async () => {
    await db.client.query(`update till."order" set state = 'void'`);
    const broken = { 'items.sql': 'select null as sku, null as name, 1 as quantity, 1 as line_total' };
    expect(await read('7', broken)).toMatchObject({ order: { payable: false, reason: null }, lines: [], charges: [] });
    expect(await read('7', orderSql("o.state = 'open' as payable", 'null::boolean as payable'))).toMatchObject({
      order: { payable: false },
    });
  });

  it.each([
    [
      'order_key',
      orderSql('o.no as order_key', 'null::text as order_key'),
      'pos/order.sql returned an order that cannot be read: order_key is null',
    ],
    ['currency', orderSql("'IDR' as currency", 'null as currency'), 'currency is null'],
    ['total', orderSql('o."total due" as total', 'null::numeric as total'), 'total is null'],
    ['store_id', orderSql("'STORE' as store_id", "'STORE 1' as store_id"), 'store_id must be 1 to 64 of'],
    ['paid', orderSql('as paid', 'as payed'), 'paid is not there'],
    [
      'name',
      { 'items.sql': 'select null as sku, null as name, 1 as quantity, 1 as line_total' },
      'pos/items.sql returned an order that cannot be read: name is null',
    ],
    ['kind', { 'charges.sql': "select 'vat' as kind, 1 as amount, false as included" }, 'kind is "vat", but must be one of tax,'],
    ['included', { 'charges.sql': "select 'tax' as kind, 1 as amount, null::boolean as included" }, 'included is null'],
  ])('refuses an order whose %s cannot be taken for one, and names it', async (_, files, words) => {
    const error = await read('7', files).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OrderUnreadable);
    expect((error as Error).message).toContain(words);
  });

  it('is an error when one id finds two orders', async () => {
    await expect(read('7', orderSql('o.no = :order_id::integer', 'o.no >= :order_id::integer'))).rejects.toThrow('more than one order');
  });

  it('never hands on what the host gives of another tenant', async () => {
    expect(await read('7', orderSql("and 'one' = :tenant", ''), 'two')).toBeNull();
  });

  it.each([
    ['abc', 'integer'],
    ['99999999999', 'integer'], // beyond an int4
    ['', 'integer'],
    ['a\u0000b', 'text'], // a character that no text of Postgres can hold
    ['1e999999', 'numeric'],
    ['3f0c', 'uuid'],
  ])('finds no order by %j, where keys are %s', async (orderId, type) => {
    const files = orderSql('o.no = :order_id::integer', `o.no::text = (:order_id::${type})::text`);
    expect(await read(orderId, files)).toBeNull();
  });

  it('is not found when the host has no such order, whatever its items say of that id', async () => {
    const files = orderSql('o.no = :order_id::integer', 'o.no::text = :order_id');
    expect(await read('abc', files)).toBeNull();
  });

  it('throws what is wrong with a statement, with its place', async () => {
    const error = await read('7', { 'items.sql': 'select sku,\n  name from till."order"' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HostStatementFailed);
    expect(error).toMatchObject({ code: '42703', message: 'pos/items.sql:1: column "sku" does not exist' });
    expect(isTransient(error)).toBe(false);
  });
});

describe('every kind of key', () => {
  it.each([
    ['int4', 'integer', '42', '42'],
    ['int8', 'bigint', '9007199254740993', '9007199254740993'],
    ['numeric(10)', 'numeric(10)', '42.0', '42'],
    ['uuid', 'uuid', '3F0C2A1E-0000-4000-8000-00000000000A', '3f0c2a1e-0000-4000-8000-00000000000a'],
    ['text', 'text', 'INV/2026/0001', 'INV/2026/0001'],
    ['varchar', 'varchar(20)', 'é 🍜', 'é 🍜'],
  ])('%s is an opaque text to us', async (_, type, asked, key) => {
    await db.client.query(`create table till.keyed (key ${type} primary key); insert into till.keyed values ('${key}')`);
    const order = `select k.key as order_key, 'one' as tenant, 'S' as store_id, k.key as order_number, 'IDR' as currency, 1 as total, 0 as paid, true as payable
      from till.keyed k where k.key = :order_id::${type} for update`;
    const items = `select k.key as sku, 'x' as name, 1 as quantity, 1 as line_total from till.keyed k where k.key = :order_key::${type}`;
    const { order: found, lines } = must(await read(asked, { 'order.sql': order, 'items.sql': items }));
    expect(found.orderKey).toBe(key);
    expect(lines).toMatchObject([{ sku: key }]);
  });

  it('a composite one is joined and taken apart by the statements', async () => {
    await db.client.query(
      `create table till.doc (company text, no integer, primary key (company, no)); insert into till.doc values ('A/1', 5)`,
    );
    const order = `select d.company || '/' || d.no as order_key, 'one' as tenant, 'S' as store_id, d.no as order_number, 'IDR' as currency, 1 as total, 0 as paid, true as payable
      from till.doc d where (d.company, d.no::text) = (regexp_replace(:order_id, '/[^/]*$', ''), substring(:order_id from '[^/]*$')) for update`;
    const items = `select null as sku, 'x' as name, 1 as quantity, 1 as line_total`;
    expect(must(await read('A/1/5', { 'order.sql': order, 'items.sql': items })).order.orderKey).toBe('A/1/5');
  });
});

describe('looking at what is due', () => {
  it('waits for nobody and locks nothing', async () => {
    await db.other.query('begin');
    await db.other.query(`update till."order" set "total due" = 1 where no = 7`);
    const due = await inTill(async ({ client, orders }) => {
      await client.query("set local lock_timeout = '20ms'");
      const seen = await orders.readDue(client, { orderKey: '7', tenant: 'one' });
      await db.other.query(`update till."order" set "total due" = 2 where no in (7, 8)`); // nobody stands in the way
      return seen;
    });
    expect(due).toMatchObject({ total: '25000.500000000000', payable: true });
    await db.other.query('rollback');
  });
});

describe('locking an order', () => {
  it('gives it whether payable or not, and holds it until the transaction ends', async () => {
    await db.client.query(`update till."order" set state = 'paid'`);
    await inTill(async ({ client, orders }) => {
      expect(await orders.lockOrder(client, { orderKey: '8', tenant: 'one' })).toMatchObject({
        payable: false,
        total: '10000.000000000000',
      });
      await expect(db.other.query('select 1 from till."order" where no = 8 for update nowait')).rejects.toMatchObject({ code: '55P03' });
    });
    await db.other.query('select 1 from till."order" where no = 8 for update nowait');
  });
});

describe('a write in its savepoint', () => {
  const write = (files: Record<string, string | null>, given: Partial<ReturnType<typeof aWrite>> = {}) =>
    inTill(async ({ client, orders }) => {
      await client.query('insert into till.cash values (1, 1)'); // a row of the caller's own
      const order = must(await orders.lockOrder(client, { orderKey: '7', tenant: 'one' }));
      return orders.writeInSavepoint(client, 'paid', aWrite({ ...order, orderVersion: order.version, ...given }));
    }, tillWith(files));
  const callersRow = async () => (await rows('select count(*)::int as n from till.cash'))[0].n;

  it('takes effect', async () => {
    expect(await write({})).toEqual({ kind: 'took_effect', hostPaymentKey: null });
    expect(await rows('select state from till."order" where no = 7')).toEqual([{ state: 'paid' }]);
  });

  it('may return the key of a row that was born there', async () => {
    const born = { 'paid.sql': `insert into till.qris values (:reference, 1, 1), ('b', 2, 2) returning ref as host_payment_key` };
    expect(await write(born, { reference: 'pos-1' })).toEqual({ kind: 'took_effect', hostPaymentKey: 'pos-1' });
  });

  it('is refused by a stale version, compared as the text the database returned', async () => {
    expect(await write({}, { orderVersion: '2026-03-01 12:00:00.123' })).toEqual({ kind: 'refused' });
    expect(await callersRow()).toBe(1);
  });

  it('is refused without leaving the part that was written before the host said no', async () => {
    const halfway = `with q as (insert into till.qris values (:reference, 7, 1) returning no) update till."order" o set state = 'paid' from q where o.no = q.no and false returning o.no`;
    expect(await write({ 'paid.sql': halfway })).toEqual({ kind: 'refused' });
    expect(await rows('select * from till.qris')).toEqual([]);
  });

  it.each([
    ['a check', `insert into till.qris values (:reference, 7, 0) returning no`, '23514', 'violates check constraint "qris_amount_check"'],
    ['a renamed column', `update till."order" set status = 'paid' returning no`, '42703', 'pos/paid.sql:1: column "status"'],
    ['a division', `select 1 / (:amount - :amount) as no`, '22012', 'division by zero'],
  ])('says that the host raised %s, in the words of Postgres, and keeps what the caller wrote', async (_, sql, code, words) => {
    expect(await write({ 'paid.sql': sql })).toEqual({ kind: 'raised', code, postgres: expect.stringContaining(words) });
    expect(await callersRow()).toBe(1);
  });

  it("says that the host's trigger raised", async () => {
    await db.client.query(`create function till.no() returns trigger language plpgsql as $$ begin raise exception 'the shift is closed' using errcode = 'P0001', detail = 'shift 3'; end $$;
      create trigger no before update on till."order" for each row execute function till.no()`);
    expect(await write({})).toEqual({ kind: 'raised', code: 'P0001', postgres: expect.stringContaining('the shift is closed (shift 3)') });
  });

  it('finds a deferred constraint now, and not at the commit', async () => {
    await db.client.query(
      'alter table till.qris add constraint of_order foreign key (no) references till."order" deferrable initially deferred',
    );
    const orphan = { 'paid.sql': `insert into till.qris values (:reference, 404, 1) returning no` };
    expect(await write(orphan)).toEqual({
      kind: 'raised',
      code: '23503',
      postgres: expect.stringContaining('violates foreign key constraint'),
    });
    expect(await callersRow()).toBe(1);
  });

  it('is refused, and no more, where a deferred constraint minds what is undone anyway', async () => {
    await db.client.query(
      'alter table till.qris add constraint of_order foreign key (no) references till."order" deferrable initially deferred',
    );
    const halfway = {
      'paid.sql': `with q as (insert into till.qris values (:reference, 404, 1) returning no) select no from q where false`,
    };
    expect(await write(halfway)).toEqual({ kind: 'refused' });
  });

  it.each(['40001', '40P01', '55P03', '57014', '57P01', '08006'])(
    'leaves %s to whoever can try the whole transaction again',
    async (code) => {
      await db.client.query(`create function till.no() returns trigger language plpgsql as $$ begin raise exception 'busy' using errcode = '${code}'; end $$;
      create trigger no before update on till."order" for each row execute function till.no()`);
      const error = await write({}).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code });
      expect(isTransient(error)).toBe(true);
      expect(await callersRow()).toBe(0);
    },
  );

  it('leaves a lost connection to whoever can take another', async () => {
    const folder = tillWith({ 'paid.sql': 'select pg_sleep(60)::text as no' });
    const orders = hostOrders(folder, { log });
    const lost = await hostDatabase(referenceFolder('pos'), { demo: false });
    await lost.client.query('begin');
    lost.client.on('error', () => {});
    const { rows: mine } = await lost.client.query('select pg_backend_pid() as pid');
    const answer = orders
      .writeInSavepoint(lost.client, 'paid', aWrite({ orderKey: '7', tenant: 'one' }))
      .catch((thrown: unknown) => thrown);
    for (;;) {
      const { rows: asleep } = await lost.other.query(`select 1 from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'`, [
        mine[0].pid,
      ]);
      if (asleep.length > 0) break;
    }
    await lost.other.query('select pg_terminate_backend($1)', [mine[0].pid]);
    expect(isTransient(await answer)).toBe(true);
    await lost.close();
  });

  it('is absent where the host has no such statement', async () => {
    const answer = await inTill(({ client, orders }) =>
      orders.writeInSavepoint(client, 'expired', aWrite({ orderKey: '7', tenant: 'one' })),
    );
    expect(answer).toEqual({ kind: 'absent' });
  });

  it('stands with the caller and falls with the caller', async () => {
    const crash = inTill(async ({ client, orders }) => {
      const order = must(await orders.lockOrder(client, { orderKey: '7', tenant: 'one' }));
      expect(await orders.writeInSavepoint(client, 'paid', aWrite({ ...order, orderVersion: order.version }))).toMatchObject({
        kind: 'took_effect',
      });
      throw new Error('between the host and the commit');
    });
    await expect(crash).rejects.toThrow('between the host and the commit');
    expect(await rows('select state from till."order" where no = 7')).toEqual([{ state: 'open' }]);
  });
});

describe('a payment that the host has one row for, however often it is tried', () => {
  it('is written by a statement that finds the row or makes it', async () => {
    await db.client.query('alter table till.qris add unique (no)');
    const upsert = {
      'created.sql': `insert into till.qris values (:reference, :order_key::integer, :record_amount) on conflict (no) do update set ref = excluded.ref, amount = excluded.amount returning no as host_payment_key`,
    };
    const create = (reference: string) =>
      inTill(
        ({ client, orders }) =>
          orders.write(client, 'created', aWrite({ orderKey: '7', tenant: 'one', reference, recordAmount: '25000.5' })),
        tillWith(upsert),
      );
    expect(await create('pos-a')).toEqual({ kind: 'took_effect', hostPaymentKey: '7' });
    expect(await create('pos-b')).toEqual({ kind: 'took_effect', hostPaymentKey: '7' });
    expect(await rows('select ref, amount from till.qris')).toEqual([{ ref: 'pos-b', amount: '25000.5' }]);
  });
});

describe('created.sql', () => {
  const create = (sql: string) =>
    inTill(
      ({ client, orders }) => orders.write(client, 'created', aWrite({ orderKey: '7', tenant: 'one' })),
      tillWith({ 'created.sql': sql }),
    );

  it('refuses by no row', async () => {
    expect(await create(`select 'x' as host_payment_key where false`)).toEqual({ kind: 'refused' });
  });

  it.each([
    [`select 'x' as host_payment_key from generate_series(1, 2)`, 'must return one row with a host_payment_key, and returned 2 rows'],
    ['select null as host_payment_key', 'must return one row with a host_payment_key, and returned a null'],
  ])('that returns anything but one key makes no payment: %s', async (sql, words) => {
    await expect(create(sql)).rejects.toThrow(`pos/created.sql: ${words}`);
  });

  it('gets each parameter as the type it is declared with', async () => {
    const sql = `select concat_ws('|', pg_typeof(:amount), :amount, pg_typeof(:record_amount), :record_amount, pg_typeof(:now), :now, :refund_id is null, :expires_at - :now) as host_payment_key`;
    const { hostPaymentKey } = (await inTill(
      ({ client, orders }) =>
        orders.write(
          client,
          'created',
          aWrite({ orderKey: '7', tenant: 'one', amount: rupiah(9_007_199_254_740_991), recordAmount: '0.123456789012345678' }),
        ),
      tillWith({ 'created.sql': sql }),
    )) as { hostPaymentKey: string };
    expect(hostPaymentKey).toBe(
      'bigint|9007199254740991|numeric|0.123456789012345678|timestamp with time zone|2026-03-02 10:00:00+07|t|00:15:00',
    );
  });
});

describe('what a host is given for its transaction', () => {
  it('is its zone, its search path and its settings, and nothing of it stays on the connection', async () => {
    const shown = `select current_setting('TimeZone') as zone, current_setting('search_path') as path, current_setting('app.tenant', true) as tenant`;
    const [before] = await rows(shown);
    const inside = await inTill(async ({ client }) => (await client.query(shown)).rows, tillWith(), "o'ne");
    expect(inside).toEqual([{ zone: 'Asia/Jakarta', path: '"till"', tenant: "o'ne" }]);
    expect(await rows(shown)).toEqual([{ ...before, tenant: '' }]);
  });

  it('lets row security see whose order it is', async () => {
    await db.client.query(`alter table till."order" add owner text not null default 'one'; alter table till."order" enable row level security; alter table till."order" force row level security;
      create policy own on till."order" using (owner = current_setting('app.tenant')); create role waiter; grant usage on schema till to waiter; grant all on all tables in schema till to waiter`);
    const folder = tillWith({
      'host.yaml': must(till['host.yaml']).replace('set: {', 'set: { role: waiter,'),
      'order.sql': must(till['order.sql']).replace("'one' as tenant", 'o.owner as tenant').replace("and 'one' = :tenant", ''),
    });
    const seenBy = (tenant: string) => inTill(({ client, orders }) => orders.readDue(client, { orderKey: '7', tenant }), folder, tenant);
    expect(await seenBy('one')).toMatchObject({ orderKey: '7' });
    await db.client.query(`update till."order" set owner = 'two'`);
    expect(await seenBy('one')).toBeNull();
    expect(await seenBy('two')).toMatchObject({ orderKey: '7', tenant: 'two' });
    expect(await seenBy('one')).toBeNull(); // on the same connection
    await db.client.query('drop owned by waiter; drop role waiter');
  });
});

describe('prepared statements', () => {
  it('have names that Postgres does not cut, and that change with the text', async () => {
    const names = async (folder: HostFolder) => {
      await inTill(({ client, orders }) => orders.lockOrder(client, { orderKey: '7', tenant: 'one' }), folder);
      return (
        await rows(`select name from pg_prepared_statements where name like 'host:pos:order:%' order by prepare_time desc limit 1`)
      ).map(({ name }) => name);
    };
    const first = await names(tillWith());
    expect(Buffer.byteLength(first[0])).toBeLessThan(64);
    expect(await names(tillWith())).toEqual(first);
    expect(await names(tillWith(orderSql("'IDR'", "'USD'")))).not.toEqual(first);
  });

  it('get new names when the host changes a column under them: the next transaction is well', async () => {
    const orders = hostOrders(tillWith(), { log });
    const lock = async () => {
      await db.client.query('begin');
      try {
        return await orders.lockOrder(db.client, { orderKey: '8', tenant: 'one' });
      } finally {
        await db.client.query('rollback');
      }
    };
    expect(await lock()).toMatchObject({ total: '10000.000000000000' });
    await db.other.query('alter table till."order" alter "total due" type bigint');
    const error = await lock().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: 'cached plan must not change result type' });
    expect(isTransient(error)).toBe(true);
    expect(await lock()).toMatchObject({ total: '10000' });
    await db.client.query('deallocate all');
    expect(isTransient(await lock().catch((thrown: unknown) => thrown))).toBe(true);
    expect(await lock()).toMatchObject({ total: '10000' });
  });
});
