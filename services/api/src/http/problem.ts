import { HostStatementFailed, HostUnavailable, OrderBusy, OrderUnreadable, UnknownHost } from '@gateway/shared/host';
import { AmountOutOfRange, OrderDoesNotReconcile, OrderNotPayable } from '@gateway/shared/payment';
import { isConnectionLoss, isTransient, isUnusable, PoolFull, PoolShareFull } from '@gateway/shared/postgres';
import { UnknownProvider, WebhookUnreadable } from '@gateway/shared/provider';
import { ErrorWithoutStack } from '@gateway/shared/runtime';
import { stores } from '@gateway/shared/store';
import { z } from 'zod';
import type { ProblemCode } from './problem-codes.ts';
import { validationErrors } from './validation-errors.ts';

export interface ProblemExtras {
  /** Seconds after which the caller should try again. Sent as the `Retry-After` header. */
  retryAfter?: number;
  errors?: { path: string; message: string }[];
  [field: string]: unknown;
}

/** An error that is shown to the caller. Its message is the `detail`, which says what to do and never contains a secret. */
export class Problem extends ErrorWithoutStack {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.code = code;
    this.extras = extras;
  }
}

/** The problem that a caller is shown for any error. An unexpected error shows nothing of its own message: the log has it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isOfBodyParser(error)) return ofBodyParser(error);
  if (error instanceof z.ZodError) return invalidRequest(error);
  if (error instanceof OrderNotPayable) return new Problem('order_not_payable', `${error.message}.`, { reason: error.reason });
  if (error instanceof OrderDoesNotReconcile)
    return new Problem(
      'order_does_not_reconcile',
      "The lines and charges of the order do not add up to its total. Correct the order, or the host's charges.sql and items.sql.",
    );
  if (error instanceof AmountOutOfRange) return new Problem('amount_out_of_range', error.message);
  if (error instanceof OrderBusy)
    return new Problem('order_busy', 'The order is locked by another transaction. Try again in a second.', { retryAfter: 1 });
  if (error instanceof stores.StoreConflict) return new Problem('store_conflict', error.message);
  if (error instanceof PoolFull)
    return new Problem('database_unavailable', 'Too many requests are in progress. Try again in a second.', { retryAfter: 1 });
  if (error instanceof UnknownHost || error instanceof HostUnavailable || isHostOutage(error)) return hostUnavailable();
  if (error instanceof PoolShareFull)
    return new Problem('database_unavailable', 'Too many requests of this tenant are in progress. Try again in a second.', {
      retryAfter: 1,
    });
  if (error instanceof UnknownProvider) return new Problem('not_found', 'Unknown provider.');
  if (error instanceof WebhookUnreadable) return new Problem('validation_failed', 'The body must be a JSON object.');
  if (isTransient(error)) return databaseUnavailable();
  if (error instanceof OrderUnreadable || error instanceof HostStatementFailed)
    return new Problem('internal', 'The host database returned an invalid result. Report the request id.');
  return ofBodyParser(error as { type?: string; status?: number });
}

/**
 * The body parsers say in `type` what is wrong with a body. When the caller ends the connection in the middle of one, the error has a code
 * of the network too, which must not be taken for that of a database.
 */
const isOfBodyParser = (error: unknown): error is { type: string; status: number } =>
  error instanceof Error && 'type' in error && typeof error.type === 'string' && 'status' in error && typeof error.status === 'number';

/** The errors of Express's body parsers, and every other error that is not known here. */
function ofBodyParser({ type, status }: { type?: string; status?: number }): Problem {
  if (type === 'entity.too.large') return new Problem('payload_too_large', 'The body exceeds the size limit of this route.');
  if (type === 'entity.parse.failed') return new Problem('validation_failed', 'The body is not JSON.');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return new Problem('unsupported_media_type', 'Send JSON in UTF-8, not compressed.');
  if (status !== undefined && status >= 400 && status < 500) return new Problem('validation_failed', 'The request could not be read.');
  return new Problem('internal', 'Try again. If the error persists, report the request id.');
}

/** A host whose database cannot be reached, or whose password, names, tables or rights have changed while it was served. */
export function isHostOutage(error: unknown): boolean {
  if (error instanceof PoolFull || isOfBodyParser(error)) return false;
  return isConnectionLoss(error) || isUnusable(error) || (error instanceof HostStatementFailed && isUnusable(error.cause));
}

const hostUnavailable = () =>
  new Problem('host_unavailable', 'The database of this POS or ERP cannot be used at the moment. Try again in a few seconds.', {
    retryAfter: 5,
  });

const databaseUnavailable = () =>
  new Problem('database_unavailable', 'The database cannot be used at the moment. Try again in a few seconds.', { retryAfter: 5 });

/** Awaits an answer of the control database. @throws Problem `database_unavailable`, which does not blame the caller's host */
export async function fromControl<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isHostOutage(error) ? Object.assign(databaseUnavailable(), { cause: error }) : error;
  }
}

function invalidRequest(error: z.ZodError): Problem {
  const errors = validationErrors(error);
  const messages = errors.map(({ path, message }) => `${path || 'body'}: ${message}.`);
  return new Problem('validation_failed', messages.join(' '), { errors });
}
