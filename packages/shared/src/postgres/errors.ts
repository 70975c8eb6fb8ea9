/** The SQLSTATE codes that this project acts on. Source: PostgreSQL 16 documentation, appendix A, "PostgreSQL Error Codes". */
export const sqlState = {
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  inFailedTransaction: '25P02',
  readOnlyTransaction: '25006',
  uniqueViolation: '23505',
  invalidTextRepresentation: '22P02',
  numericValueOutOfRange: '22003',
  characterNotInRepertoire: '22021',
  untranslatableCharacter: '22P05',
  insufficientPrivilege: '42501',
  undefinedTable: '42P01',
  undefinedColumn: '42703',
  undefinedFunction: '42883',
} as const;

/** The fields that pg adds to the Error for an error that PostgreSQL reported. */
export interface PostgresError extends Error {
  /** The SQLSTATE. */
  code: string;
  detail?: string;
  hint?: string;
  /** From 1, in characters of the statement as it was sent. */
  position?: string;
  /** The function in PostgreSQL's source that raised the error. Unlike the message, it is the same in every language. */
  routine?: string;
}

/** Whether PostgreSQL itself reported the error. A broken connection is not such an error. */
export function isPostgresError(error: unknown): error is PostgresError {
  return error instanceof Error && 'severity' in error && /^[0-9A-Z]{5}$/.test(codeOf(error));
}

/** Whether PostgreSQL reported one of these SQLSTATEs. */
export function hasSqlState(error: unknown, ...states: string[]): boolean {
  return isPostgresError(error) && states.includes(error.code);
}

/** PostgreSQL's message, with its detail in parentheses. */
export function messageOf({ message, detail }: PostgresError): string {
  return detail ? `${message} (${detail})` : message;
}

const stalePlanRoutines = new Set(['RevalidateCachedQuery', 'FetchPreparedStatement', 'StorePreparedStatement']);

/**
 * Whether this connection cannot use a prepared statement any more: the type of a column changed ("cached plan must not change
 * result type"), or the prepared statements were discarded. The same statement under a new name succeeds in the next transaction.
 */
export function isStalePlan(error: unknown): boolean {
  return isPostgresError(error) && stalePlanRoutines.has(error.routine ?? '');
}

// Classes 28 (authorisation), 3D (database name), 3F (schema name) and 42 (a missing table or column, or a right).
const unusableStates = /^(28...|3D...|3F...|42...)$/;

/**
 * Whether the database answers but does not let us work: a wrong password, a renamed database, table or column, a revoked right. Each
 * repeat fails until someone corrects the database or our access to it.
 */
export function isUnusable(error: unknown): boolean {
  return isPostgresError(error) && unusableStates.test(error.code);
}

// Classes 08 (connection exception) and 53 (insufficient resources), 57P0x (server shutdown or start), and the two time limits
// after which the server closes the connection: 25P03 (idle in transaction) and 25P04 (transaction).
// 25006: the server became a standby.
const connectionStates = /^(08...|53...|57P0.|25P0[34]|25006)$/;
const networkCodes = /^(ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
// pg gives these errors no code. Knex puts the statement in front of the message.
const connectionMessages =
  /Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|Query read timeout/;

/** Whether the network or the server failed, and not the statement. The transaction is lost; its commit may have happened. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== '') return connectionStates.test(code) || networkCodes.test(code);
  return error instanceof Error && connectionMessages.test(error.message);
}

/**
 * Whether a new connection failed in a way that says little of the connections that are open: it was not made, or not answered, in time, as
 * happens on a machine with too much work, or the server has as many as it allows (53300).
 */
export function isNewConnectionDelayed(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== '') return code === '53300' || code === 'ETIMEDOUT';
  return error instanceof Error && /timeout expired|Query read timeout/.test(error.message);
}

const retryableStates: ReadonlySet<string> = new Set([
  sqlState.serializationFailure,
  sqlState.deadlockDetected,
  sqlState.lockNotAvailable,
  sqlState.queryCanceled, // by statement_timeout, or by an administrator
]);

/**
 * Whether the same transaction, repeated whole, may succeed a moment later. Only the SQLSTATE decides, so an error class of ours
 * that carries one (`OrderBusy`) counts too.
 */
export function isTransient(error: unknown): boolean {
  return retryableStates.has(codeOf(error)) || isConnectionLoss(error) || isStalePlan(error);
}

/**
 * Whether the statement did not get a lock in time, or ran for too long. An immediate repeat would wait again. `OrderBusy` counts too.
 */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === sqlState.lockNotAvailable || code === sqlState.queryCanceled;
}

/** Whether a statement did not get its lock in time. `OrderBusy` counts too. */
export const isLockTimeout = (error: unknown): boolean => codeOf(error) === sqlState.lockNotAvailable;

/** The SQLSTATE, or the error code of Node.js; empty when there is none. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
