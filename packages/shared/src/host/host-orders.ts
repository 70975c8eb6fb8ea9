import type pg from 'pg';
import type { HostLine } from '../payment/index.ts';
import type { Queryable } from '../postgres/index.ts';
import type { Logger } from '../runtime/index.ts';
import type { HostFolder } from './host-folder.ts';
import type { HostOrder } from './host-order.ts';
import { type HostParts, hostParts } from './host-parts.ts';
import { hostReads, type PayableRead } from './host-reads.ts';
import { type StatementLimits, sessionOf } from './host-session.ts';
import { type GuardedWriteOutcome, type HostWriteOutcome, hostWrites } from './host-writes.ts';
import { preparedStatements } from './statements/prepared-statements.ts';
import type { HostWrite, HostWriteName } from './statements/statement-parameters.ts';

/**
 * The orders of one host. The caller begins a `read committed` transaction with `begin`, or sends `sessionStatement` in one. Each function
 * sends its statements before it awaits anything, so the caller may send more in the same round trip. An error aborts the transaction.
 */
export interface HostOrders {
  /**
   * Begins a transaction with the host's time zone, search path and settings: one message to the server.
   * @param limits how long each statement waits for a lock, and runs; default: `poolDeadlines`
   */
  begin(tenant: string, limits?: StatementLimits): pg.QueryConfig;

  /** The statements as parts of larger ones. */
  readonly parts: HostParts;

  /** Sets the host's time zone, search path and settings until the transaction ends. */
  sessionStatement(tenant: string): pg.QueryConfig;

  /**
   * Locks the order and reads it with its lines and charges. Null: this tenant has no such order, or the id has an invalid format
   * for this host; the invalid format aborts the transaction.
   * @throws OrderBusy the lock was not free in time
   * @throws OrderUnreadable the host returned an invalid order
   * @throws OrderKeyNotCanonical begin a new transaction and read the error's `orderKey`
   * @throws HostStatementFailed a mistake in the host's statements
   */
  readPayable(connection: Queryable, order: { orderId: string; tenant: string }): Promise<PayableRead | null>;

  /** Locks the order and reads it under the lock, also when it is not payable. Null and errors as in `readPayable`. */
  lockOrder(connection: Queryable, order: { orderKey: string; tenant: string }): Promise<HostOrder | null>;

  /** Reads the lines of the order with `items.sql`. @throws OrderUnreadable, HostStatementFailed */
  readLines(connection: Queryable, order: { orderKey: string }): Promise<HostLine[]>;

  /** Reads the order as committed now, without a lock and without waiting. Not exact enough to judge money that arrived. */
  readDue(connection: Queryable, order: { orderKey: string; tenant: string }): Promise<HostOrder | null>;

  /**
   * Runs every read of the creation of a payment, on the order that was read last if there was one, and locks nothing. For readiness.
   * @throws the first error that says that the host cannot be read
   */
  proveReads(connection: Queryable): Promise<void>;

  /** Runs the statement. @throws HostStatementFailed also when `created.sql` returned several rows or no key */
  write(connection: Queryable, name: HostWriteName, values: HostWrite): Promise<HostWriteOutcome>;

  /**
   * Runs the statement in a savepoint and checks deferred constraints. A statement that is refused or raises is undone; the rows
   * that the caller wrote stay. A savepoint that took effect ends with the transaction.
   * @throws a transient error (`isTransient`): this transaction is aborted, and the caller repeats it whole
   */
  writeInSavepoint(connection: Queryable, name: HostWriteName, values: HostWrite): Promise<GuardedWriteOutcome>;
}

/** @param options.onUnusable called when a statement fails as it does when the host's tables or rights have changed */
export function hostOrders(folder: HostFolder, { log, onUnusable }: { log: Logger; onUnusable?: (error: Error) => void }): HostOrders {
  const prepared = preparedStatements(folder.id, onUnusable);
  const session = sessionOf(folder);
  const reads = hostReads(folder, prepared, log);
  const writes = hostWrites(folder, prepared);
  return {
    begin: (tenant, limits) => ({ text: session.begin(tenant, limits) }),
    parts: hostParts(folder, reads),
    sessionStatement: (tenant) => {
      const { text, values } = session.settings(tenant);
      return prepared.query('session', text, values);
    },
    readPayable: (...args) => handled(reads.readPayable(...args)),
    lockOrder: (...args) => handled(reads.lockOrder(...args)),
    readLines: (...args) => handled(reads.readLines(...args)),
    readDue: (...args) => handled(reads.readDue(...args)),
    proveReads: (...args) => handled(reads.proveReads(...args)),
    write: (...args) => handled(writes.write(...args)),
    writeInSavepoint: (...args) => handled(writes.writeInSavepoint(...args)),
  };
}

/** The caller awaits the result after it has sent other statements. A failure before that must not end the process. */
function handled<T>(result: Promise<T>): Promise<T> {
  result.catch(() => {});
  return result;
}
