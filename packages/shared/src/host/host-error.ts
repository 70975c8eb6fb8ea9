import { DomainError } from '../payment/index.ts';
import { sqlState } from '../postgres/index.ts';

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
  /** `isTransient` recognises the error by this SQLSTATE. */
  readonly code = sqlState.lockNotAvailable;

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
