import { DomainError, OrderNotPayable } from '../payment/index.ts';
import { sqlState } from '../postgres/index.ts';

/** A statement file is invalid. `offset` is the place, in UTF-16 units from the start of the file. */
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

/** Another transaction holds the order's row for longer than our lock timeout. In the API 503 `order_busy`; a job repeats its transaction. */
export class OrderBusy extends DomainError {
  /** `isTransient` recognises the error by this SQLSTATE. */
  readonly code = sqlState.lockNotAvailable;

  constructor(cause: unknown) {
    super('the order is locked by another transaction');
    this.cause = cause;
  }
}

/** The host returned an invalid order: a null or an unknown value. The message names file and column for the host's maintainer. */
export class OrderUnreadable extends DomainError {
  constructor(file: string, column: string, why: string) {
    super(`${file} returned an order that cannot be read: ${column} ${why}`);
  }
}

/**
 * The host's key of the order differs from the id that the caller gave, and the items or charges could not be read with that id.
 * The transaction is aborted: begin a new one and read `orderKey`.
 */
export class OrderKeyNotCanonical extends DomainError {
  /** The host's key of the order. */
  readonly orderKey: string;

  constructor(orderKey: string) {
    super('the order has another canonical key');
    this.orderKey = orderKey;
  }
}

/** No host has this id: the client key, the job or the reference is older than the removal of the host. */
export class UnknownHost extends DomainError {
  constructor(id: string) {
    super(`unknown host ${id}`);
  }
}

/** The host is configured but unavailable: its statements do not fit its tables, or its database is unreachable. 503; a job is retried. */
export class HostUnavailable extends DomainError {
  constructor(id: string, why: string) {
    super(`host ${id} unavailable: ${why}`);
  }
}

/** A statement of the host failed or returned an invalid result: a mistake in the host's folder or in the host. */
export class HostStatementFailed extends Error {
  override readonly name = 'HostStatementFailed';
  /** PostgreSQL's SQLSTATE; null when the gateway rejected the result. */
  readonly code: string | null;

  constructor(where: string, message: string, { cause, code = null }: { cause?: unknown; code?: string | null } = {}) {
    super(`${where}: ${message}`, cause === undefined ? {} : { cause });
    this.code = code;
  }
}

/**
 * True when the host cannot read or write this order until someone corrects the host or its folder: a renamed column, a revoked grant,
 * a null or NaN where a value must be. Trying again soon does not help.
 */
export function isHostFailure(error: unknown): error is Error {
  return error instanceof HostStatementFailed || error instanceof OrderUnreadable || error instanceof OrderNotPayable;
}
