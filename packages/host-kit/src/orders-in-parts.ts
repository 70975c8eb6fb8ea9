import {
  composeStatement,
  type GuardedWriteOutcome,
  type HostOrders,
  HostStatementFailed,
  type HostWrite,
  type HostWriteName,
  isHostRefusal,
  OneStatement,
  rowsAsJson,
} from '@gateway/shared/host';
import { isPostgresError, isTransient, messageOf, type Queryable } from '@gateway/shared/postgres';

/**
 * The orders of a host, read and written by its statements as parts of larger ones, as the usual case of a payment is. A statement that
 * cannot be a part runs alone, as it does in the gateway.
 */
export function ordersInParts(orders: HostOrders): HostOrders {
  const { parts } = orders;

  async function write(connection: Queryable, name: HostWriteName, values: HostWrite): Promise<GuardedWriteOutcome> {
    const part = parts.write(name, values);
    if (!part || !(name === 'created' || name === 'paid')) return orders.writeInSavepoint(connection, name, values);
    await connection.query({ text: 'savepoint in_parts' });
    try {
      const hostPaymentKey = await new OneStatement(part).send(connection);
      await connection.query({ text: 'set constraints all immediate' });
      return { kind: 'took_effect', hostPaymentKey };
    } catch (error) {
      await connection.query({ text: 'rollback to savepoint in_parts' });
      if (isHostRefusal(error)) return { kind: 'refused' };
      if (!isPostgresError(error) || isTransient(error)) throw error;
      return { kind: 'raised', postgres: messageOf(error), code: error.code };
    }
  }

  return {
    ...orders,
    readPayable: async (connection, { orderId, tenant }) => {
      const whole = await orders.readPayable(connection, { orderId, tenant }); // tells an unknown id and another spelling
      if (!whole || whole.order.orderKey !== orderId) return whole;
      const order = { orderKey: orderId, tenant };
      const { rows } = await connection.query<Record<'order' | 'lines' | 'charges', string>>(
        composeStatement(
          'read in parts',
          [parts.order(order), parts.lines(order), parts.charges(order)],
          (texts) => `select ${texts.map((text, index) => `${rowsAsJson(text)} as ${['"order"', 'lines', 'charges'][index]}`).join(', ')}`,
        ),
      );
      const [read] = rows as [Record<'order' | 'lines' | 'charges', string>];
      const found = parts.orderIn(read.order, tenant);
      return (
        found && {
          order: found,
          lines: whole.lines.length > 0 ? parts.linesIn(read.lines) : [],
          charges: whole.charges.length > 0 ? parts.chargesIn(read.charges) : [],
        }
      );
    },
    writeInSavepoint: write,
    write: async (connection, name, values) => {
      const outcome = await write(connection, name, values);
      if (outcome.kind === 'raised') throw new HostStatementFailed(name, outcome.postgres, { code: outcome.code });
      return outcome;
    },
  };
}
