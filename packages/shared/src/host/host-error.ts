import { DomainError } from '../payment/index.ts';

/** A statement that cannot be read. `offset` is where, in UTF-16 units of its file. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  readonly offset: number;
  readonly advice: string | undefined;

  constructor(offset: number, message: string, advice?: string) {
    super(message);
    this.offset = offset;
    this.advice = advice;
  }
}

/** Somebody else holds the order's row, and our lock timeout ran out: 503 `order_busy`; in a write, the whole transaction again. */
export class OrderBusy extends DomainError {
  /** So that whoever retries by SQLSTATE needs to know one word only. */
  readonly code = '55P03';

  constructor(cause: unknown) {
    super('the order is locked by another transaction');
    this.cause = cause;
  }
}

/** What the host returned cannot be taken for an order: a null or a word we do not know. Named, so that its keeper can mend it. */
export class OrderUnreadable extends DomainError {
  constructor(file: string, column: string, why: string) {
    super(`${file} returned an order that cannot be read: ${column} ${why}`);
  }
}

/**
 * The host knows the order by another key than the caller's spelling of it, and its items or charges could not be read with
 * that spelling. The transaction is aborted: begin again, asking for `orderKey`.
 */
export class OrderKeyNotCanonical extends DomainError {
  readonly orderKey: string;

  constructor(orderKey: string) {
    super('the order has another canonical key');
    this.orderKey = orderKey;
  }
}

/** No host has this id: a key, a job or a reference from before the host was taken away. */
export class UnknownHost extends DomainError {
  constructor(id: string) {
    super(`unknown host ${id}`);
  }
}

/** The host is there but out: its statements do not fit its tables, or its database was not reached. 503; a job tries again. */
export class HostUnavailable extends DomainError {
  constructor(id: string, why: string) {
    super(`host ${id} unavailable: ${why}`);
  }
}

/** A host's statement failed, or returned what it must not. A mistake in the host's folder, or in the host. */
export class HostStatementFailed extends Error {
  override readonly name = 'HostStatementFailed';
  /** Postgres's SQLSTATE, null when it was we who refused. */
  readonly code: string | null;

  constructor(where: string, message: string, { cause, code = null }: { cause?: unknown; code?: string | null } = {}) {
    super(`${where}: ${message}`, cause === undefined ? {} : { cause });
    this.code = code;
  }
}

/** What Postgres tells of an error. pg hangs these on the Error it throws. */
export interface PostgresError extends Error {
  code: string;
  detail?: string;
  hint?: string;
  /** From 1, in characters of the statement as it was sent. */
  position?: string;
  /** The function in Postgres's source that raised it: unlike the message, the same in every language. */
  routine?: string;
}

/** Postgres itself said no, as opposed to a connection that broke. */
export function isPostgresError(error: unknown): error is PostgresError {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error
  );
}

/** Postgres's own words, with what it adds to them. */
export function messageOf({ message, detail }: PostgresError): string {
  return detail ? `${message} (${detail})` : message;
}

const stalePlanRoutines = new Set(['RevalidateCachedQuery', 'FetchPreparedStatement', 'StorePreparedStatement']);

/**
 * A prepared statement that this connection cannot use any more: the host changed a column's type under us ("cached plan must
 * not change result type"), or somebody threw the prepared statements away. New names, and the next transaction is well.
 */
export function isStalePlan(error: unknown): boolean {
  return isPostgresError(error) && stalePlanRoutines.has(error.routine ?? '');
}

// Serialization failure, deadlock, lock not had in time, statement timeout or cancelled.
const transientStates = new Set(['40001', '40P01', '55P03', '57014']);
// The server is going, starting, or has dropped us: 08 connection, 57P operator intervention, 25P03 and 25P04 its own time limits.
const connectionStates = /^(08...|57P0.|25P0[34])$/;
const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
// pg gives these no code.
const connectionMessages =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded|Query read timeout)/;

/** Nothing is wrong with what was asked: the same transaction, whole, may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof OrderBusy) return true;
  if (isPostgresError(error)) return transientStates.has(error.code) || connectionStates.test(error.code) || isStalePlan(error);
  if (!(error instanceof Error)) return false;
  return connectionCodes.has((error as NodeJS.ErrnoException).code ?? '') || connectionMessages.test(error.message);
}
