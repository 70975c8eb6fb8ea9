import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { type PosHost, startPosHost } from '@gateway/testing/pos/pos-host';
import { anOrder, lockOrderRow } from '@gateway/testing/pos/pos-orders';
import { inOrderTransaction, orderLockTimeoutMs } from './order-transaction.ts';

const poolSize = 4;
let database: TestDatabase;
let editors: Database;
let pos: PosHost;
let tenant: string;
beforeAll(async () => {
  database = await freshDatabase();
  editors = connectDatabase(database.url, { name: 'editors' });
  pos = await startPosHost(database.url, { max: poolSize });
  ({ tenant } = await pos.client());
});
afterAll(async () => {
  await pos?.close();
  await editors?.close();
  await database?.drop();
});

const lockTimeoutInside = () =>
  inOrderTransaction(
    pos.host,
    { tenant },
    async (trx) => (await trx.query<{ lock_timeout: string }>({ text: 'show lock_timeout' })).rows[0]?.lock_timeout,
  );

const lockOrder = (orderKey: string) =>
  inOrderTransaction(pos.host, { tenant }, (trx) => pos.host.orders.lockOrder(trx, { orderKey, tenant }));

describe('transactions that lock an order', () => {
  it('leave half of the pool free, however many of them wait for a locked order', async () => {
    const orderKey = await anOrder(pos.db.pool);
    const unlock = await lockOrderRow(editors.pool, orderKey);
    const { pool } = pos.db;
    let mostInUse = 0;
    const count = () => {
      mostInUse = Math.max(mostInUse, pool.totalCount - pool.idleCount);
    };
    pool.on('acquire', count);
    const waiting = await Promise.allSettled(Array.from({ length: 6 }, () => lockOrder(orderKey)));
    pool.off('acquire', count);
    expect(waiting.map(({ status }) => status)).toEqual(Array(6).fill('rejected'));
    expect(mostInUse).toBe(poolSize / 2);
    await unlock();
  });

  it('end soon when the order stays locked, and a later one finds it free', async () => {
    const orderKey = await anOrder(pos.db.pool);
    const unlock = await lockOrderRow(editors.pool, orderKey);
    await expect(lockOrder(orderKey)).rejects.toThrow('the order is locked by another transaction');
    expect(await lockTimeoutInside()).toBe(`${orderLockTimeoutMs}ms`);
    await unlock();
    expect(await lockOrder(orderKey)).toMatchObject({ orderKey });
  });

  it('leave no lock timeout on their connection', async () => {
    const orderKey = await anOrder(pos.db.pool);
    await lockOrder(orderKey);
    const { rows } = await pos.db.pool.query('show lock_timeout');
    expect(rows).toEqual([{ lock_timeout: '2s' }]);
  });
});
