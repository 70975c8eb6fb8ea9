import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { type PosHost, startPosHost } from '@gateway/testing/pos/pos-host';
import { anOrder, lockOrderRow } from '@gateway/testing/pos/pos-orders';
import { inOrderTransaction, jobSession, orderLockTimeoutMs } from './order-transaction.ts';

let database: TestDatabase;
let editors: Database;
let pos: PosHost;
let tenant: string;
beforeAll(async () => {
  database = await freshDatabase();
  editors = connectDatabase(database.url, { name: 'editors' });
  pos = await startPosHost(database.url, { max: 4 });
  ({ tenant } = await pos.client());
});
afterAll(async () => {
  await pos?.close();
  await editors?.close();
  await database?.drop();
});

const lockOrder = (orderKey: string) =>
  inOrderTransaction(pos.host, async (trx) => {
    void trx.query(jobSession(pos.host, tenant));
    return pos.host.orders.lockOrder(trx, { orderKey, tenant });
  });

describe('transactions that lock an order', () => {
  it('leave half of the pool free, however many of them wait for a locked order', async () => {
    const orderKey = await anOrder(pos.db.pool);
    const unlock = await lockOrderRow(editors.pool, orderKey);
    const waiting = Promise.allSettled(Array.from({ length: 6 }, () => lockOrder(orderKey)));
    const startedAt = performance.now();
    for (let n = 0; n < 5; n++) await pos.db.pool.query('select');
    expect(performance.now() - startedAt).toBeLessThan(orderLockTimeoutMs);
    expect((await waiting).map(({ status }) => status)).toEqual(Array(6).fill('rejected'));
    await unlock();
  });

  it('end soon when the order stays locked, and a later one finds it free', async () => {
    const orderKey = await anOrder(pos.db.pool);
    const unlock = await lockOrderRow(editors.pool, orderKey);
    const startedAt = performance.now();
    await expect(lockOrder(orderKey)).rejects.toThrow('the order is locked by another transaction');
    expect(performance.now() - startedAt).toBeLessThan(1_500);
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
