import type { Database } from '@gateway/shared/postgres';
import { systemClock as clock } from '@gateway/shared/runtime';
import { type FaultInjectingPool, faultInjectingPool } from '@gateway/testing/database/fault-injecting-pool';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { clientOf, type HostId, hostSoftware, startBothHosts } from '@gateway/testing/pos/both-hosts';
import { problemOf } from '../http/problem.ts';
import { type OpenRequest, openPayment } from './open-payment.ts';
import { createStoreRegistry } from './store-registry.ts';

let database: TestDatabase;
let hosts: Awaited<ReturnType<typeof startBothHosts>>;
let pool: FaultInjectingPool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = faultInjectingPool();
  hosts = await startBothHosts({ pos: database.url, erp: database.url }, { max: 1, wrapDatabase: pool.wrapDatabase }); // both hosts in one database, over one connection
});
afterAll(async () => {
  await hosts?.close();
  await database?.drop();
});

const db = (): Database => hosts.byId('pos').db;
const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await db().pool.query(sql)).rows;
const stores = () => createStoreRegistry(db(), clock);
let registry: ReturnType<typeof createStoreRegistry>;
beforeAll(() => {
  registry = stores();
});
const open = (id: HostId, orderId: string, more: Partial<OpenRequest> = {}, options = {}) =>
  openPayment(
    registry,
    {
      host: hosts.byId(id),
      client: clientOf(id),
      orderId,
      expiresInMs: 900_000,
      key: null,
      now: clock.now(),
      replyTo: 'api',
      ...more,
    },
    options,
  );
const anOrder = (id: HostId) => hostSoftware[id].anOrder(db().pool, 55_000);

describe.each(['pos', 'erp'] as const)('making an order of the %s host payable', (id) => {
  const stepByStep = [
    ['begin', 'idempotency-payment', `${id}/order.sql`, `${id}/order.sql`, `${id}/items.sql`, `${id}/charges.sql`, 'payment-decisive'],
    [`${id}/created.sql`],
    ['idempotency-bind', 'payment-insert', 'commit'],
  ];
  const atOnce = [
    ['begin', 'lock order', 'read for payment'],
    ['write with the key of the host', 'commit'],
  ];

  it.each([
    ['two round trips and five statements', true, atOnce],
    ['three round trips when its statements run one by one', false, stepByStep],
  ])('takes %s', async (_, isAtOnce, expected) => {
    await open(id, await anOrder(id)); // registers the store
    const order = await anOrder(id);
    const client = clientOf(id);
    const { roundTrips } = pool.recordRoundTrips();
    const key = { clientId: client.id, operation: 'create-payment' as const, key: `k ${isAtOnce}`, fingerprint: 'f' };
    const { kind } = await open(id, order, { client, key }, { isAtOnce });
    expect(kind).toBe('created');
    expect(roundTrips).toEqual(expected);
  });

  it.each([
    ['two statements', true, atOnce],
    ['two statements that run one by one', false, stepByStep],
  ])('leaves no row of the host and none of the gateway when the process dies between any %s', async (_, isAtOnce, sent) => {
    const order = await anOrder(id);
    const left = async () => [
      ...(await hostSoftware[id].paymentsOf(db().pool, order)),
      ...(await rows(`select 'payment' from gateway.payments where order_key = '${order}'`)),
      ...(await rows(`select 'key' from gateway.idempotency_keys where key = 'dies ${id} ${isAtOnce}'`)),
    ];
    const client = clientOf(id);
    const options = {
      client,
      key: { clientId: client.id, operation: 'create-payment' as const, key: `dies ${id} ${isAtOnce}`, fingerprint: 'f' },
    };
    const numbers = async () => rows(`select last_value::int as n from erp."Document Counter" where prefix like 'PAY/RSA/JKT/%'`);
    const before = await numbers();
    let crashes = 0;
    for (let n = 1; ; n++) {
      pool.crashBefore(n);
      const opened = await open(id, order, options, { isAtOnce }).catch((error: Error) => error.message);
      if (!pool.hasFailed) {
        expect(opened).toMatchObject({ kind: 'created' });
        break;
      }
      crashes++;
      expect([n, opened, await left()]).toEqual([n, 'simulated crash', []]);
    }
    pool.crashBefore(null);
    expect(crashes).toBe(sent.flat().length);
    expect(await left()).toHaveLength(3);
    expect(await numbers()).toEqual(before.map(({ n }) => ({ n: Number(n) + (id === 'erp' ? 1 : 0) })));
  });
});

describe('two hosts on one connection of one pool', () => {
  const shown = `select current_setting('TimeZone') as zone, current_setting('search_path') as path, current_setting('role') as role,
    current_setting('app.tenant', true) as tenant`;

  it('leave no setting on the connection, after success and after failure', async () => {
    const before = await rows(shown);
    for (const id of ['pos', 'erp', 'erp', 'pos'] as const) {
      await open(id, await anOrder(id));
      expect(await rows(shown)).toEqual(before);
      await expect(open(id, 'no such order')).rejects.toThrow();
      expect(await rows(shown)).toEqual(before);
    }
    expect(await rows('select pg_backend_pid() as pid')).toEqual(await rows('select pg_backend_pid() as pid'));
  });

  it('keep their payments and payment numbers apart', async () => {
    expect(await rows('select distinct host from gateway.payments order by host')).toEqual([{ host: 'erp' }, { host: 'pos' }]);
    expect(await rows(`select count(*) from gateway.payments where split_part(reference, '-', 1) <> host`)).toEqual([{ count: 0 }]);
    expect(await rows(`select pay_no from erp."Payment Entry" where reference_no is not null and pay_no not like 'PAY/RSA/JKT/%'`)).toEqual(
      [],
    );
  });
});

it('a store that is registered in its own database can be used while the control database is unavailable', async () => {
  const unavailable = { pool: { query: () => Promise.reject(new Error('the control database is unavailable')) } } as unknown as Database;
  const order = await anOrder('pos');
  const opened = openPayment(createStoreRegistry(unavailable, clock), {
    host: hosts.byId('pos'),
    client: clientOf('pos'),
    orderId: order,
    expiresInMs: 900_000,
    key: null,
    now: clock.now(),
    replyTo: 'api',
  });
  expect(await opened).toMatchObject({ kind: 'created' });
});

describe('a host that refuses a payment', () => {
  const openWith = async (created: string) => {
    const refusingHosts = await startBothHosts({ pos: database.url, erp: database.url }, { created });
    const order = await anOrder('pos');
    const outcome = await openPayment(registry, {
      host: refusingHosts.byId('pos'),
      client: clientOf('pos'),
      orderId: order,
      expiresInMs: 900_000,
      key: null,
      now: clock.now(),
      replyTo: 'api',
    }).catch((error: Error) => ({ problem: problemOf(error), message: error.message }));
    await refusingHosts.close();
    expect(await rows(`select from gateway.payments where order_key = '${order}'`)).toEqual([]);
    return outcome;
  };

  it('because created.sql returns no row: 409', async () => {
    const outcome = await openWith(`select 'x' as host_payment_key where :amount < 0`);
    expect(outcome).toMatchObject({
      problem: { code: 'order_not_payable' },
      message: expect.stringContaining('the host refused a new payment'),
    });
  });

  it('because created.sql raises an error: 500, and the log names the file', async () => {
    const outcome = await openWith(`select (1 / (:amount - :amount))::text as host_payment_key`);
    expect(outcome).toMatchObject({ problem: { code: 'internal' }, message: 'pos/created.sql: division by zero' });
  });
});

it('payments of the erp host are numbered without a gap, although many are created at once and one is rolled back', async () => {
  const crashingPool = faultInjectingPool();
  const many = await startBothHosts({ pos: database.url, erp: database.url }, { max: 8, wrapDatabase: crashingPool.wrapDatabase });
  const numbers = async () =>
    (await rows(`select right(pay_no, 5)::int as n from erp."Payment Entry" where reference_no is not null order by 1`)).map(({ n }) =>
      Number(n),
    );
  const before = await numbers();
  const orders = await Promise.all(Array.from({ length: 24 }, () => anOrder('erp')));
  crashingPool.crashBefore(5); // one transaction, before its commit
  const opened = await Promise.allSettled(
    orders.map((orderId) =>
      openPayment(registry, {
        host: many.byId('erp'),
        client: clientOf('erp'),
        orderId,
        expiresInMs: 900_000,
        key: null,
        now: clock.now(),
        replyTo: 'api',
      }),
    ),
  );
  await many.close();
  expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(23);
  const after = await numbers();
  expect(after).toHaveLength(before.length + 23);
  expect(after).toEqual(after.map((_, index) => Number(after[0]) + index));
});
