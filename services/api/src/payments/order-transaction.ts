import type { Host } from '@gateway/shared/host';
import { createPoolShare, inTransaction, isLockTimeout, PoolShareFull, type Transaction } from '@gateway/shared/postgres';

/**
 * How long the first try waits for each lock, milliseconds. The gateway and a POS hold an order, or a counter of documents, for some
 * milliseconds. An editor holds an order for minutes, and a press on such an order must give its connection back soon.
 */
const firstLockTimeoutMs = 100;
const lockWaiters = createPoolShare(0.25); // the rest of the connections is for tills whose orders are not locked
const lockWaitersPatienceMs = 2_000;

/**
 * Runs a transaction that locks an order of the host, in the host's session. When a lock was not free at once, runs it again with the usual wait for locks: all
 * such transactions together take at most a quarter of the pool's connections. An error rolls back and is thrown again.
 * @throws the error of the lock that was not free, also when too many others wait for locks
 */
export async function inOrderTransaction<T>(
  { db, orders }: Pick<Host, 'db' | 'orders'>,
  tenant: string,
  work: (trx: Transaction) => Promise<T>,
): Promise<T> {
  try {
    return await inTransaction(db, work, orders.begin(tenant, { lockTimeoutMs: firstLockTimeoutMs }));
  } catch (lockTimeout) {
    if (!isLockTimeout(lockTimeout)) throw lockTimeout;
    const waiting = () => inTransaction(db, work, orders.begin(tenant));
    return lockWaiters(db.pool, waiting, { patienceMs: lockWaitersPatienceMs }).catch((error) => {
      throw error instanceof PoolShareFull ? lockTimeout : error;
    });
  }
}
