import type { Host } from '@gateway/shared/host';
import { createPoolShare, inTransaction, type Transaction } from '@gateway/shared/postgres';

/**
 * How long a job waits for a lock of the host, milliseconds. Transactions of the gateway and of a POS hold an order for some
 * milliseconds. An editor holds it for minutes, and no wait inside a job is long enough for that: the row is tried again later.
 */
export const orderLockTimeoutMs = 250;

const orderShare = createPoolShare(0.5); // the other half is for tills: no number of locked orders keeps a charge job from a connection

interface OrderOf {
  tenant: string;
  /** As the database allows it, instead of the short wait of a job: for a transaction that does not lock the order. */
  isWithoutHost?: boolean;
}

/**
 * Runs a transaction that locks an order of the host, in the host's session. All of them together take at most half of the pool's
 * connections, because each may wait for a lock; a further one waits for its turn. An error rolls back and is thrown again.
 */
export function inOrderTransaction<T>(
  { db, orders }: Pick<Host, 'db' | 'orders'>,
  { tenant, isWithoutHost = false }: OrderOf,
  work: (trx: Transaction) => Promise<T>,
): Promise<T> {
  const beginning = orders.begin(tenant, isWithoutHost ? {} : { lockTimeoutMs: orderLockTimeoutMs });
  return orderShare(db.pool, () => inTransaction({ pool: db.pool }, work, beginning));
}
