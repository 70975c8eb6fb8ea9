import type pg from 'pg';
import type { Queryable } from '../postgres/index.ts';
import type { Logger } from '../runtime/index.ts';
import type { HostFolder } from './host-folder.ts';
import type { HostOrder } from './host-order.ts';
import { hostReads, type PayableRead } from './host-reads.ts';
import { sessionOf } from './host-session.ts';
import { type GuardedWriteOutcome, type HostWriteOutcome, hostWrites } from './host-writes.ts';
import { preparedStatements } from './prepared-statements.ts';
import type { HostWrite, HostWriteName } from './statement-parameters.ts';

/**
 * The repository that every host answers. Each function sends its statements at once, before it awaits anything, into the
 * `read committed` transaction that the caller has begun and made the host's own by `sessionStatement`; so a caller may send
 * more behind them in the same round trip. An error leaves that transaction aborted.
 */
export interface HostOrders {
  /** Binds the host's time zone, search path and settings, until the transaction ends. */
  sessionStatement(tenant: string): pg.QueryConfig;

  /**
   * Locks the order and reads it with its lines and charges. Null: no such order of this tenant, or an id that can be none in
   * this host (the transaction is aborted then).
   * @throws OrderBusy the lock was not had in time
   * @throws OrderUnreadable the host returned what cannot be taken for an order
   * @throws OrderKnownByAnotherKey begin again, with its `orderKey`
   * @throws HostStatementFailed a mistake in the host's statements
   */
  readPayable(connection: Queryable, order: { orderId: string; tenant: string }): Promise<PayableRead | null>;

  /** Locks the order and reads what is due under the lock, whether `payable` or not. Null and errors as in `readPayable`. */
  lockOrder(connection: Queryable, order: { orderKey: string; tenant: string }): Promise<HostOrder | null>;

  /** The order as committed now. Locks nothing, waits for nobody: good for a hint, not for judging money that arrived. */
  readDue(connection: Queryable, order: { orderKey: string; tenant: string }): Promise<HostOrder | null>;

  /** The statement alone. @throws HostStatementFailed also when `created.sql` returned several rows or no key */
  write(connection: Queryable, name: HostWriteName, values: HostWrite): Promise<HostWriteOutcome>;

  /**
   * The statement in a savepoint, deferred constraints included: what the host refuses or raises is undone, and the caller's
   * own rows stand. A savepoint that was kept ends with the transaction.
   * @throws what may be tried again (`isTransient`): the whole transaction, since this one is aborted
   */
  writeInSavepoint(connection: Queryable, name: HostWriteName, values: HostWrite): Promise<GuardedWriteOutcome>;
}

export function hostOrders(folder: HostFolder, { log }: { log: Logger }): HostOrders {
  const prepared = preparedStatements(folder.id);
  const session = sessionOf(folder);
  const reads = hostReads(folder, prepared, log);
  const writes = hostWrites(folder, prepared);
  return {
    sessionStatement: (tenant) => prepared.query('session', session.text, session.values(tenant)),
    readPayable: (...args) => handled(reads.readPayable(...args)),
    lockOrder: (...args) => handled(reads.lockOrder(...args)),
    readDue: (...args) => handled(reads.readDue(...args)),
    write: (...args) => handled(writes.write(...args)),
    writeInSavepoint: (...args) => handled(writes.writeInSavepoint(...args)),
  };
}

/** A caller sends first and awaits when it has sent the rest: a failure in between must not end the process. */
function handled<T>(result: Promise<T>): Promise<T> {
  result.catch(() => {});
  return result;
}
