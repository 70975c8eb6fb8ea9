import type pg from 'pg';
import { log, must } from '../../test/host-fixture.ts';
import { db, inTill, orderSql, read, rows, till, tillWith, useTill, waitForBlockedLock } from '../../test/till-host.ts';
import { isTransient } from '../postgres/index.ts';
import { HostStatementFailed, OrderBusy, OrderKeyNotCanonical, OrderUnreadable } from './host-error.ts';
import type { HostFolder } from './host-folder.ts';
import { hostOrders } from './host-orders.ts';

useTill();

describe('reading a payable order', () => {
  it('sends all of its statements before it awaits one', async () => {
    await inTill(async ({ client, orders }) => {
      const sent: string[] = [];
      const query = (config: pg.QueryConfig) => {
        sent.push(must(config.name));
        return client.query(config);
      };
      const counting = { query } as typeof client;
      const result = orders.readPayable(counting, { orderId: '7', tenant: 'one' });
      expect(sent.map((name) => name.split(':')[2])).toEqual(['order', 'order', 'items']);
      await result;
    });
  });

  it('keeps amounts and timestamps to the last digit', async () => {
    const { order, lines, charges } = must(await read('9'));
    expect(order).toMatchObject({ total: '1.000000000001', paid: '0', version: '2026-03-01 12:00:00.123456' });
    expect(lines).toEqual([{ sku: null, name: 'Kopi', quantity: '1', lineTotal: '1.000000000001', note: null }]);
    expect(charges).toEqual([]);
  });

  it('returns clean texts: no blanks around an outlet code, no control character, no name of 64 kB; keys stay as they are', async () => {
    const { order, lines } = must(
      await read('7', {
        ...orderSql("'STORE' as store_id, o.no as order_number", "'JKT-01 '::char(12) as store_id, E' A\\x01-7\\n' as order_number"),
        'items.sql': `select E'\\x1f' as sku, E'Es\\x02' || repeat('h', 65536) as name, 1 as quantity, "total due" as line_total from till."order" where no = :order_key::integer`,
      }),
    );
    expect(order).toMatchObject({ orderKey: '7', storeId: 'JKT-01', orderNumber: 'A -7' });
    expect(lines).toMatchObject([{ sku: '', name: `Es ${'h'.repeat(997)}` }]);
  });

  it('sees cash that was taken while it waited for the lock', async () => {
    await db.other.query('begin');
    await db.other.query('select 1 from till."order" where no = 7 for update');
    const result = read('7');
    await waitForBlockedLock();
    await db.other.query('insert into till.cash values (7, 5000)');
    await db.other.query('commit');
    expect(must(await result).order).toMatchObject({ total: '25000.500000000000', paid: '5000' });
  });

  it('throws a transient OrderBusy when the lock is not free in time', async () => {
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

  it.each(['007', ' 7', '+7'])('returns the one key of the order when it is asked for %j', async (orderId) => {
    expect(await read(orderId)).toEqual(await read('7'));
  });

  it('reads the parts again when the id is spelled differently from the key', async () => {
    const byName = orderSql('o.no = :order_id::integer', "o.no = replace(:order_id, '#', '')::integer");
    const items = { 'items.sql': must(till['items.sql']).replace('no = :order_key::integer', 'no::text = :order_key') };
    expect(must(await read('#7', { ...byName, ...items })).lines).toHaveLength(1);
  });

  it('throws OrderKeyNotCanonical when the parts cannot be read with the given id', async () => {
    const byName = orderSql('o.no = :order_id::integer', "o.no = replace(:order_id, '#', '')::integer");
    const error = await read('#7', byName).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OrderKeyNotCanonical);
    expect(must(await read((error as OrderKeyNotCanonical).orderKey, byName)).lines).toHaveLength(1);
  });

  it('refuses a host that does not find an order by the key that it returned', async () => {
    await expect(read('7', orderSql('o.no as order_key', "'no ' || o.no as order_key"))).rejects.toThrow('does not find the order');
    const shifting = {
      ...orderSql('o.no as order_key', 'o.no + 1 as order_key'),
      'items.sql': "select null as sku, 'x' as name, 1 as quantity, 1 as line_total",
    };
    await expect(read('7', shifting)).rejects.toThrow('pos/order.sql: does not find the order by the order_key that it returned');
  });

  it('returns an order that is not payable without its parts, even if they are invalid', async () => {
    await db.client.query(`update till."order" set state = 'void'`);
    const unreadable = { 'items.sql': 'select null as sku, null as name, 1 as quantity, 1 as line_total' };
    expect(await read('7', unreadable)).toMatchObject({ order: { payable: false, reason: null }, lines: [], charges: [] });
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
    ['paid', orderSql('as paid', 'as payed'), 'paid is not there'],
    [
      'name',
      { 'items.sql': 'select null as sku, null as name, 1 as quantity, 1 as line_total' },
      'pos/items.sql returned an order that cannot be read: name is null',
    ],
    ['kind', { 'charges.sql': "select 'vat' as kind, 1 as amount, false as included" }, 'kind is "vat", but must be one of tax,'],
    ['included', { 'charges.sql': "select 'tax' as kind, 1 as amount, null::boolean as included" }, 'included is null'],
  ])('refuses an order whose %s is invalid, and names the column', async (_, files, words) => {
    const error = await read('7', files).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OrderUnreadable);
    expect((error as Error).message).toContain(words);
  });

  it.each(['STORE 1', 'JKT/01'])('tells the caller in a sentence that the outlet code %j cannot name a store', async (code) => {
    await expect(read('7', orderSql("'STORE' as store_id", `'${code}' as store_id`))).rejects.toThrow(
      `the order cannot be paid: its outlet code "${code}" cannot name a store: store_id of pos/order.sql must be 1 to 64 of`,
    );
  });

  it('throws when one id finds two orders', async () => {
    await expect(read('7', orderSql('o.no = :order_id::integer', 'o.no >= :order_id::integer'))).rejects.toThrow('more than one order');
  });

  it('never returns an order of another tenant, even if the host does', async () => {
    expect(await read('7', orderSql("and 'one' = :tenant", ''), 'two')).toBeNull();
  });

  it.each([
    ['abc', 'integer'],
    ['99999999999', 'integer'], // beyond an int4
    ['', 'integer'],
    ['a\u0000b', 'text'], // PostgreSQL's text cannot hold this character
    ['1e999999', 'numeric'],
    ['3f0c', 'uuid'],
  ])('finds no order by %j when keys are %s', async (orderId, type) => {
    const files = orderSql('o.no = :order_id::integer', `o.no::text = (:order_id::${type})::text`);
    expect(await read(orderId, files)).toBeNull();
  });

  it('finds no order when the id is unknown, even if items.sql fails on that id', async () => {
    const files = orderSql('o.no = :order_id::integer', 'o.no::text = :order_id');
    expect(await read('abc', files)).toBeNull();
  });

  it('throws HostStatementFailed with the place when a statement is wrong', async () => {
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
  ])('%s is an opaque text', async (_, type, requested, key) => {
    await db.client.query(`create table till.keyed (key ${type} primary key); insert into till.keyed values ('${key}')`);
    const order = `select k.key as order_key, 'one' as tenant, 'S' as store_id, k.key as order_number, 'IDR' as currency, 1 as total, 0 as paid, true as payable
      from till.keyed k where k.key = :order_id::${type} for update`;
    const items = `select k.key as sku, 'x' as name, 1 as quantity, 1 as line_total from till.keyed k where k.key = :order_key::${type}`;
    const { order: found, lines } = must(await read(requested, { 'order.sql': order, 'items.sql': items }));
    expect(found.orderKey).toBe(key);
    expect(lines).toMatchObject([{ sku: key }]);
  });

  it('a composite key is joined and split by the statements', async () => {
    await db.client.query(
      `create table till.doc (company text, no integer, primary key (company, no)); insert into till.doc values ('A/1', 5)`,
    );
    const order = `select d.company || '/' || d.no as order_key, 'one' as tenant, 'S' as store_id, d.no as order_number, 'IDR' as currency, 1 as total, 0 as paid, true as payable
      from till.doc d where (d.company, d.no::text) = (regexp_replace(:order_id, '/[^/]*$', ''), substring(:order_id from '[^/]*$')) for update`;
    const items = `select null as sku, 'x' as name, 1 as quantity, 1 as line_total`;
    expect(must(await read('A/1/5', { 'order.sql': order, 'items.sql': items })).order.orderKey).toBe('A/1/5');
  });
});

describe('reading the amount due', () => {
  it('waits for no lock and takes none', async () => {
    await db.other.query('begin');
    await db.other.query(`update till."order" set "total due" = 1 where no = 7`);
    const due = await inTill(async ({ client, orders }) => {
      await client.query("set local lock_timeout = '20ms'");
      const order = await orders.readDue(client, { orderKey: '7', tenant: 'one' });
      await db.other.query(`update till."order" set "total due" = 2 where no in (7, 8)`); // not blocked
      return order;
    });
    expect(due).toMatchObject({ total: '25000.500000000000', payable: true });
    await db.other.query('rollback');
  });
});

describe('locking an order', () => {
  it('sees cash that was taken while it waited for the lock', async () => {
    await db.other.query('begin');
    await db.other.query('select 1 from till."order" where no = 7 for update');
    const locked = inTill(({ client, orders }) => orders.lockOrder(client, { orderKey: '7', tenant: 'one' }));
    await waitForBlockedLock();
    await db.other.query('insert into till.cash values (7, 5000)');
    await db.other.query('commit');
    expect(await locked).toMatchObject({ paid: '5000' });
  });

  it('returns the order whether payable or not, and keeps the lock until the transaction ends', async () => {
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

describe('the session of a host', () => {
  it('sets time zone, search path and settings, and nothing of it stays on the connection', async () => {
    const shown = `select current_setting('TimeZone') as zone, current_setting('search_path') as path, current_setting('app.tenant', true) as tenant`;
    const [before] = await rows(shown);
    const inside = await inTill(async ({ client }) => (await client.query(shown)).rows, tillWith(), "o'ne");
    expect(inside).toEqual([{ zone: 'Asia/Jakarta', path: '"till"', tenant: "o'ne" }]);
    expect(await rows(shown)).toEqual([{ ...before, tenant: '' }]);
  });

  it('tells row security the tenant of the order', async () => {
    await db.client.query(`alter table till."order" add owner text not null default 'one'; alter table till."order" enable row level security; alter table till."order" force row level security;
      create policy own on till."order" using (owner = current_setting('app.tenant')); create role waiter; grant usage on schema till to waiter; grant all on all tables in schema till to waiter`);
    const read = tillWith({
      'order.sql': must(till['order.sql']).replace("'one' as tenant", 'o.owner as tenant').replace("and 'one' = :tenant", ''),
    });
    const folder = { ...read, set: { role: 'waiter', ...read.set } }; // host.yaml may not set a role: the test does it, because a superuser sees every row
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
  it('have names that PostgreSQL does not cut, and that change with the text', async () => {
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

  it('get new names when the host changes a column, so that the next transaction succeeds', async () => {
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
