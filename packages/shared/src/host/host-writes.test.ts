import { aWrite, hostDatabase, log, must, referenceFolder } from '../../test/host-fixture.ts';
import { db, inTill, rows, tillWith, useTill } from '../../test/till-host.ts';
import { rupiah } from '../payment/index.ts';
import { isTransient } from '../postgres/index.ts';
import { hostOrders } from './host-orders.ts';

useTill();

describe('a write in its savepoint', () => {
  const write = (files: Record<string, string | null>, overrides: Partial<ReturnType<typeof aWrite>> = {}) =>
    inTill(async ({ client, orders }) => {
      await client.query('insert into till.cash values (1, 1)'); // a row that the caller wrote
      const order = must(await orders.lockOrder(client, { orderKey: '7', tenant: 'one' }));
      return orders.writeInSavepoint(client, 'paid', aWrite({ ...order, orderVersion: order.version, ...overrides }));
    }, tillWith(files));
  const callersRow = async () => (await rows('select count(*)::int as n from till.cash'))[0].n;

  it('takes effect', async () => {
    expect(await write({})).toEqual({ kind: 'took_effect', hostPaymentKey: null });
    expect(await rows('select state from till."order" where no = 7')).toEqual([{ state: 'paid' }]);
  });

  it('may return the key of a row that it inserted', async () => {
    const inserting = { 'paid.sql': `insert into till.qris values (:reference, 1, 1), ('b', 2, 2) returning ref as host_payment_key` };
    expect(await write(inserting, { reference: 'pos-1' })).toEqual({ kind: 'took_effect', hostPaymentKey: 'pos-1' });
  });

  it('is refused for a stale version, compared as the text that the database returned', async () => {
    expect(await write({}, { orderVersion: '2026-03-01 12:00:00.123' })).toEqual({ kind: 'refused' });
    expect(await callersRow()).toBe(1);
  });

  it('is undone when it is refused, also the part that was written before', async () => {
    const halfway = `with q as (insert into till.qris values (:reference, 7, 1) returning no) update till."order" o set state = 'paid' from q where o.no = q.no and false returning o.no`;
    expect(await write({ 'paid.sql': halfway })).toEqual({ kind: 'refused' });
    expect(await rows('select * from till.qris')).toEqual([]);
  });

  it.each([
    ['a check', `insert into till.qris values (:reference, 7, 0) returning no`, '23514', 'violates check constraint "qris_amount_check"'],
    ['a renamed column', `update till."order" set status = 'paid' returning no`, '42703', 'pos/paid.sql:1: column "status"'],
    ['a division', `select 1 / (:amount - :amount) as no`, '22012', 'division by zero'],
  ])('returns the message of PostgreSQL when the statement fails on %s, and keeps the rows of the caller', async (_, sql, code, words) => {
    expect(await write({ 'paid.sql': sql })).toEqual({ kind: 'raised', code, postgres: expect.stringContaining(words) });
    expect(await callersRow()).toBe(1);
  });

  it("returns the message when the host's trigger raises", async () => {
    await db.client.query(`create function till.no() returns trigger language plpgsql as $$ begin raise exception 'the shift is closed' using errcode = 'P0001', detail = 'shift 3'; end $$;
      create trigger no before update on till."order" for each row execute function till.no()`);
    expect(await write({})).toEqual({ kind: 'raised', code: 'P0001', postgres: expect.stringContaining('the shift is closed (shift 3)') });
  });

  it('checks a deferred constraint at once, not at the commit', async () => {
    await db.client.query(
      'alter table till.qris add constraint of_order foreign key (no) references till."order" deferrable initially deferred',
    );
    const dangling = { 'paid.sql': `insert into till.qris values (:reference, 404, 1) returning no` };
    expect(await write(dangling)).toEqual({
      kind: 'raised',
      code: '23503',
      postgres: expect.stringContaining('violates foreign key constraint'),
    });
    expect(await callersRow()).toBe(1);
  });

  it('is only refused when a deferred constraint fails on rows that are undone anyway', async () => {
    await db.client.query(
      'alter table till.qris add constraint of_order foreign key (no) references till."order" deferrable initially deferred',
    );
    const halfway = {
      'paid.sql': `with q as (insert into till.qris values (:reference, 404, 1) returning no) select no from q where false`,
    };
    expect(await write(halfway)).toEqual({ kind: 'refused' });
  });

  it.each(['40001', '40P01', '55P03', '57014', '57P01', '08006'])(
    'throws %s, so that the caller repeats the whole transaction',
    async (code) => {
      await db.client.query(`create function till.no() returns trigger language plpgsql as $$ begin raise exception 'busy' using errcode = '${code}'; end $$;
      create trigger no before update on till."order" for each row execute function till.no()`);
      const error = await write({}).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code });
      expect(isTransient(error)).toBe(true);
      expect(await callersRow()).toBe(0);
    },
  );

  it('throws a transient error when the connection is lost', async () => {
    const folder = tillWith({ 'paid.sql': 'select pg_sleep(60)::text as no' });
    const orders = hostOrders(folder, { log });
    const lost = await hostDatabase(referenceFolder('pos'), { demo: false });
    await lost.client.query('begin');
    lost.client.on('error', () => {});
    const { rows: mine } = await lost.client.query('select pg_backend_pid() as pid');
    const outcome = orders
      .writeInSavepoint(lost.client, 'paid', aWrite({ orderKey: '7', tenant: 'one' }))
      .catch((thrown: unknown) => thrown);
    for (;;) {
      const { rows: asleep } = await lost.other.query(`select 1 from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'`, [
        mine[0].pid,
      ]);
      if (asleep.length > 0) break;
    }
    await lost.other.query('select pg_terminate_backend($1)', [mine[0].pid]);
    expect(isTransient(await outcome)).toBe(true);
    await lost.close();
  });

  it('is absent where the host has no such statement', async () => {
    const outcome = await inTill(({ client, orders }) =>
      orders.writeInSavepoint(client, 'expired', aWrite({ orderKey: '7', tenant: 'one' })),
    );
    expect(outcome).toEqual({ kind: 'absent' });
  });

  it('is rolled back together with the transaction of the caller', async () => {
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

describe('a host that has one payment row per order', () => {
  it('can reuse or insert the row in one statement', async () => {
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

  it('refuses by returning no row', async () => {
    expect(await create(`select 'x' as host_payment_key where false`)).toEqual({ kind: 'refused' });
  });

  it.each([
    [`select 'x' as host_payment_key from generate_series(1, 2)`, 'must return one row with a host_payment_key, and returned 2 rows'],
    ['select null as host_payment_key', 'must return one row with a host_payment_key, and returned a null'],
  ])('throws when it does not return exactly one key: %s', async (sql, words) => {
    await expect(create(sql)).rejects.toThrow(`pos/created.sql: ${words}`);
  });

  it('receives each parameter with its declared type', async () => {
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
