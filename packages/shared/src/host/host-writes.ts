import { isPostgresError, isTransient, messageOf, type Queryable } from '../postgres/index.ts';
import { HostStatementFailed } from './host-error.ts';
import type { HostFolder } from './host-folder.ts';
import type { PreparedStatements } from './statements/prepared-statements.ts';
import { type HostWrite, type HostWriteName, valuesFor } from './statements/statement-parameters.ts';

/** `refused`: the statement returned no row, which is the host's veto. `absent`: the host has no such statement. */
export type HostWriteOutcome = { kind: 'took_effect'; hostPaymentKey: string | null } | { kind: 'refused' } | { kind: 'absent' };

/** `raised`: the statement failed. `postgres` is PostgreSQL's message, `code` its SQLSTATE. */
export type GuardedWriteOutcome = HostWriteOutcome | { kind: 'raised'; postgres: string; code: string | null };

const setSavepoint = { name: 'host:savepoint', text: 'savepoint host_write' };
const checkConstraints = { name: 'host:constraints', text: 'set constraints all immediate' };
const rollbackToSavepoint = { name: 'host:undo', text: 'rollback to savepoint host_write' };

/** The writes of `HostOrders`. */
export function hostWrites({ statements }: HostFolder, prepared: PreparedStatements) {
  async function write(connection: Queryable, name: HostWriteName, values: HostWrite): Promise<HostWriteOutcome> {
    const statement = statements[name];
    if (!statement) return { kind: 'absent' };
    const rows = await prepared.send(connection, statement, valuesFor(statement.parameters, values));
    if (!rows[0]) return { kind: 'refused' };
    const hostPaymentKey = rows[0].host_payment_key ?? null;
    if (name !== 'created' || (rows.length === 1 && hostPaymentKey !== null)) return { kind: 'took_effect', hostPaymentKey };
    const returned = rows.length === 1 ? 'a null' : `${rows.length} rows`;
    throw new HostStatementFailed(statement.file, `must return one row with a host_payment_key, and returned ${returned}`);
  }

  async function writeInSavepoint(connection: Queryable, name: HostWriteName, values: HostWrite): Promise<GuardedWriteOutcome> {
    if (!statements[name]) return { kind: 'absent' };
    const [saved, written, checked] = await Promise.allSettled([
      connection.query(setSavepoint),
      write(connection, name, values),
      connection.query(checkConstraints), // otherwise a deferred constraint fails the commit, and our payment is lost with it
    ]);
    if (saved.status === 'rejected') throw saved.reason;
    const outcome = outcomeOf(written, checked);
    // A refused statement is undone too: one part of it may have written before another part found no row.
    if (outcome.kind !== 'took_effect') await connection.query(rollbackToSavepoint);
    return outcome;
  }

  return { write, writeInSavepoint };
}

/** @throws a transient error or an error of ours, neither of which is the host's answer */
function outcomeOf(written: PromiseSettledResult<HostWriteOutcome>, checked: PromiseSettledResult<unknown>): GuardedWriteOutcome {
  if (written.status === 'rejected') return outcomeOfError(written.reason);
  if (written.value.kind === 'took_effect' && checked.status === 'rejected') return outcomeOfError(checked.reason);
  return written.value;
}

function outcomeOfError(error: unknown): GuardedWriteOutcome {
  if (error instanceof HostStatementFailed) return { kind: 'raised', postgres: error.message, code: error.code };
  if (isPostgresError(error) && !isTransient(error)) return { kind: 'raised', postgres: messageOf(error), code: error.code };
  throw error;
}
