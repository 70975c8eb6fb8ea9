import type { HostCharge, HostLine } from '../payment/index.ts';
import { hasSqlState, isTransient, isUnusable, type Queryable, sqlState } from '../postgres/index.ts';
import type { Logger } from '../runtime/index.ts';
import { cleanRow } from './clean-row.ts';
import { HostStatementFailed, OrderBusy, OrderKeyNotCanonical } from './host-error.ts';
import type { HostFolder } from './host-folder.ts';
import { chargeOf, type HostOrder, lineOf, orderOf, type TextRow } from './host-order.ts';
import type { HostStatement } from './host-statement.ts';
import type { PreparedStatements } from './statements/prepared-statements.ts';
import { valuesFor } from './statements/statement-parameters.ts';
import { withoutLock } from './statements/without-lock.ts';

/** An order with its parts. Both lists are empty when the order is not payable: a void order may have no valid parts. */
export interface PayableRead {
  order: HostOrder;
  lines: HostLine[];
  charges: HostCharge[];
}

type RowsResult = PromiseSettledResult<TextRow[]>;

// The id cannot be one of this host's: not a uuid, too large a number, or a character that its encoding does not have.
const invalidIdStates = new Set<string | null>([
  sqlState.invalidTextRepresentation,
  sqlState.numericValueOutOfRange,
  sqlState.characterNotInRepertoire,
  sqlState.untranslatableCharacter,
]);

export type HostReads = ReturnType<typeof hostReads>;

/** The reads of `HostOrders`. */
export function hostReads(folder: HostFolder, prepared: PreparedStatements, log: Logger) {
  const { order: orderSql, items: itemsSql, charges: chargesSql } = folder.statements;
  const unlockedSql = withoutLock(orderSql);
  let lastOrder = { orderId: '0', tenant: '' };

  const sendOrder = (connection: Queryable, statement: HostStatement, orderId: string, tenant: string) =>
    prepared.send(connection, statement, valuesFor(statement.parameters, { orderId, tenant }));

  const sendParts = (connection: Queryable, statement: HostStatement | undefined, orderKey: string) =>
    statement ? prepared.send(connection, statement, valuesFor(statement.parameters, { orderKey })) : Promise.resolve([]);

  /** Takes the result of the last run: a run that waited for its lock saw the other tables as they were before the wait. */
  function orderFrom(results: RowsResult[], tenant: string): HostOrder | null {
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) return orderReadFailed(failed.reason, folder.id, log);
    return orderOfRows(rowsOf(results.at(-1)), tenant);
  }

  /** @throws HostStatementFailed, OrderUnreadable, OrderNotPayable */
  function orderOfRows([row, second]: TextRow[], tenant: string): HostOrder | null {
    if (second) throw new HostStatementFailed(orderSql.file, 'returned more than one order for one id');
    if (!row) return null;
    if (row.tenant === tenant || row.tenant == null) return orderOf(row, orderSql); // a null is refused there
    log.warn({ host: folder.id, file: orderSql.file }, 'order.sql returned an order of another tenant; it must filter by :tenant');
    return null;
  }

  async function readOnce(connection: Queryable, orderId: string, tenant: string): Promise<PayableRead | null> {
    const [first, second, items, charges] = await Promise.allSettled([
      sendOrder(connection, orderSql, orderId, tenant),
      sendOrder(connection, orderSql, orderId, tenant),
      sendParts(connection, itemsSql, orderId),
      sendParts(connection, chargesSql, orderId),
    ]);
    const order = orderFrom([first, second], tenant);
    if (!order) return null;
    const isSameSpelling = order.orderKey === orderId;
    const failed = [items, charges].find((part) => part.status === 'rejected');
    if (failed && !isSameSpelling && !isTransient(failed.reason)) throw new OrderKeyNotCanonical(order.orderKey);
    if (failed) throw failed.reason;
    if (!isSameSpelling || !order.payable) return { order, lines: [], charges: [] };
    return {
      order,
      lines: partsOf(items, itemsSql, lineOf),
      charges: partsOf(charges, chargesSql, chargeOf),
    };
  }

  return {
    orderOfRows,

    readPayable: async (connection: Queryable, { orderId, tenant }: { orderId: string; tenant: string }): Promise<PayableRead | null> => {
      const read = await readOnce(connection, orderId, tenant);
      if (read) lastOrder = { orderId: read.order.orderKey, tenant };
      if (!read || read.order.orderKey === orderId) return read;
      const reread = await readOnce(connection, read.order.orderKey, tenant);
      if (reread?.order.orderKey === read.order.orderKey) return reread;
      throw new HostStatementFailed(orderSql.file, 'does not find the order by the order_key that it returned');
    },

    lockOrder: async (connection: Queryable, { orderKey, tenant }: { orderKey: string; tenant: string }) => {
      const send = () => sendOrder(connection, orderSql, orderKey, tenant);
      return orderFrom(await Promise.allSettled([send(), send()]), tenant);
    },

    proveReads: async (connection: Queryable): Promise<void> => {
      const { orderId, tenant } = lastOrder;
      const sends = [
        () => sendOrder(connection, unlockedSql, orderId, tenant),
        () => sendOrder(connection, orderSql, orderId, ''), // of no tenant: locks no row, but needs the right to lock one
        () => sendParts(connection, itemsSql, orderId),
        () => sendParts(connection, chargesSql, orderId),
      ];
      for (const send of sends) {
        await connection.query({ text: 'savepoint host_read' });
        await send().catch((error: Error) => {
          if (isUnusable(error.cause) || isTransient(error)) throw error; // any other error only says that the id is none of this host's
        });
        await connection.query({ text: 'rollback to savepoint host_read' });
      }
    },

    readLines: async (connection: Queryable, { orderKey }: { orderKey: string }): Promise<HostLine[]> => {
      const rows = await sendParts(connection, itemsSql, orderKey);
      return itemsSql ? rows.map((row) => lineOf(cleanRow(row), itemsSql)) : [];
    },

    readDue: async (connection: Queryable, { orderKey, tenant }: { orderKey: string; tenant: string }) =>
      orderFrom(await Promise.allSettled([sendOrder(connection, unlockedSql, orderKey, tenant)]), tenant),
  };
}

/** Null when the id has an invalid format for this host. @throws OrderBusy for a lock timeout; any other error unchanged */
function orderReadFailed(error: unknown, hostId: string, log: Logger): null {
  if (hasSqlState(error, sqlState.lockNotAvailable)) throw new OrderBusy(error);
  if (!(error instanceof HostStatementFailed && invalidIdStates.has(error.code))) throw error;
  // A wrong cast in the statement gives the same SQLSTATE, so the log keeps PostgreSQL's message.
  log.info({ host: hostId, code: error.code, postgres: error.message }, 'order id has an invalid format for this host');
  return null;
}

const rowsOf = (result: RowsResult | undefined): TextRow[] => (result?.status === 'fulfilled' ? result.value.map(cleanRow) : []);

function partsOf<T>(
  result: RowsResult | undefined,
  statement: HostStatement | undefined,
  read: (row: TextRow, statement: HostStatement) => T,
): T[] {
  return statement ? rowsOf(result).map((row) => read(row, statement)) : [];
}
