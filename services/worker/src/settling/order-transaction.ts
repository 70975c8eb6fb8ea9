import type { Host } from '@gateway/shared/host';
import { createPoolShare, inTransaction, type Transaction } from '@gateway/shared/postgres';
import type pg from 'pg';

/**
 * How long a job waits for a lock of the host, milliseconds. Transactions of the gateway and of a POS hold an order for some
 * milliseconds. An editor holds it for minutes, and no wait inside a job is long enough for that: the row is tried again later.
 */
export const orderLockTimeoutMs = 250;

/** Sets the host's session of a job: as the host wants it, with a short wait for locks. */
export const jobSession = (host: Host, tenant: string): pg.QueryConfig =>
  host.orders.sessionStatement(tenant, { lockTimeoutMs: orderLockTimeoutMs });

const orderShare = createPoolShare(0.5); // the other half is for tills: no number of locked orders keeps a charge job from a connection

/**
 * Runs a transaction that locks an order of the host. All of them together take at most half of the pool's connections, because each may
 * wait for a lock; a further one waits for its turn. An error rolls back and is thrown again.
 */
export function inOrderTransaction<T>({ db }: Pick<Host, 'db'>, work: (trx: Transaction) => Promise<T>): Promise<T> {
  return orderShare(db.pool, () => inTransaction(db, work));
}
