import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { type PosHost, startPosHost } from '@gateway/testing/pos/pos-host';
import { anOrder, lockOrderRow } from '@gateway/testing/pos/pos-orders';
import { inOrderTransaction } from './order-transaction.ts';

let database: TestDatabase;
let others: Database; // the connections of the POS software, and of the test
let pos: PosHost;
let tenant: string;
beforeAll(async () => {
  database = await freshDatabase();
  others = connectDatabase(database.url, { name: 'others' });
  pos = await startPosHost(database.url, { max: 4 });
  ({ tenant } = await pos.client());
});
afterAll(async () => {
  await pos?.close();
  await others?.close();
  await database?.drop();
});

const press = (orderKey: string) => inOrderTransaction(pos.host, tenant, (trx) => pos.host.orders.lockOrder(trx, { orderKey, tenant }));

async function waitingForLocks(): Promise<number> {
  const { rows } = await others.pool.query<{ count: number }>(
    `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}

describe('presses on an order that is open in an editor', () => {
  it('leave three quarters of the pool to other tills, however many there are, and get the order when it is closed', async () => {
    const orderKey = await anOrder(pos.db.pool);
    const unlock = await lockOrderRow(others.pool, orderKey);
    const presses = Promise.all(Array.from({ length: 8 }, () => press(orderKey)));
    // Every first try has ended when only the share waits and no press wants a connection.
    await eventually(async () => (await waitingForLocks()) === 1 && pos.db.pool.waitingCount === 0 && pos.db.pool.idleCount === 3);
    await unlock();
    expect(await presses).toEqual(Array(8).fill(expect.objectContaining({ orderKey })));
  });

  it('end with the error of the lock while the editor stays open', async () => {
    const orderKey = await anOrder(pos.db.pool);
    const unlock = await lockOrderRow(others.pool, orderKey);
    await expect(Promise.any([press(orderKey), press(orderKey), press(orderKey)])).rejects.toMatchObject({
      errors: Array(3).fill(expect.objectContaining({ message: 'the order is locked by another transaction' })),
    });
    await unlock();
  });
});
