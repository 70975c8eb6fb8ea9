import { HostStatementFailed, HostUnavailable, OrderBusy, OrderUnreadable, UnknownHost } from '@gateway/shared/host';
import { AmountOutOfRange, OrderDoesNotReconcile, OrderNotPayable } from '@gateway/shared/payment';
import { isTransient } from '@gateway/shared/postgres';
import { UnknownProvider, WebhookRefused, WebhookUnreadable } from '@gateway/shared/provider';
import type { Logger } from '@gateway/shared/runtime';
import { stores } from '@gateway/shared/store';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { validationErrors } from './validation-errors.ts';

/** Code → status and title. The one place that picks an error's status code. */
export const problems = {
  validation_failed: [400, 'Invalid request'],
  idempotency_key_required: [400, 'Idempotency-Key required'],
  unauthenticated: [401, 'Missing or invalid credentials'],
  forbidden: [403, 'Not allowed'],
  order_not_found: [404, 'Order not found'],
  payment_not_found: [404, 'Payment not found'],
  refund_not_found: [404, 'Refund not found'],
  store_not_found: [404, 'Store not found'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  order_not_payable: [409, 'Order not payable'],
  payment_not_cancellable: [409, 'Payment cannot be cancelled'],
  already_paid: [409, 'Payment already paid'],
  store_conflict: [409, 'Store belongs to another tenant'],
  qr_gone: [410, 'QR no longer valid'],
  events_gone: [410, 'Events no longer available'],
  payload_too_large: [413, 'Body too large'],
  unsupported_media_type: [415, 'Body must be JSON'],
  order_does_not_reconcile: [422, 'Order parts do not add up to its total'],
  amount_out_of_range: [422, 'Amount not supported by QRIS'],
  idempotency_key_reused: [422, 'Idempotency-Key already used for another request'],
  refund_exceeds_paid: [422, 'Refund exceeds the amount paid'],
  refund_not_supported: [422, 'Refund not supported'],
  rate_limited: [429, 'Too many requests'],
  internal: [500, 'Internal error'],
  providers_unavailable: [503, 'No provider available'],
  order_busy: [503, 'Order is locked'],
  database_unavailable: [503, 'Host database unavailable'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof problems;

export interface ProblemExtras {
  /** Seconds until it is worth trying again. */
  retryAfter?: number;
  errors?: { path: string; message: string }[];
  [field: string]: unknown;
}

/** What a caller did wrong, or what is wrong with us. `detail` says what to do. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.code = code;
    this.extras = extras;
  }
}

/** Any error → the problem a caller sees: never our words about our inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
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
  if (error instanceof UnknownHost || error instanceof HostUnavailable) return databaseUnavailable();
  if (error instanceof UnknownProvider) return new Problem('not_found', 'Unknown provider.');
  if (error instanceof WebhookRefused) return new Problem('unauthenticated', 'Invalid signature or token.');
  if (error instanceof WebhookUnreadable) return new Problem('validation_failed', 'The body must be a JSON object.');
  if (isTransient(error)) return databaseUnavailable();
  if (error instanceof OrderUnreadable || error instanceof HostStatementFailed)
    return new Problem('internal', 'The host database returned an invalid result. Report the request id.');
  return ofBodyParser(error as { type?: string; status?: number });
}

/** What express's own body parser throws. */
function ofBodyParser({ type, status }: { type?: string; status?: number }): Problem {
  if (type === 'entity.too.large') return new Problem('payload_too_large', 'The body exceeds the size limit of this route.');
  if (type === 'entity.parse.failed') return new Problem('validation_failed', 'The body is not JSON.');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return new Problem('unsupported_media_type', 'Send JSON in UTF-8, not compressed.');
  if (status !== undefined && status >= 400 && status < 500) return new Problem('validation_failed', 'The request could not be read.');
  return new Problem('internal', 'Try again. If the error persists, report the request id.');
}

const databaseUnavailable = () =>
  new Problem('database_unavailable', 'The host database cannot be reached at the moment. Try again in a few seconds.', { retryAfter: 5 });

function invalidRequest(error: z.ZodError): Problem {
  const errors = validationErrors(error);
  const messages = errors.map(({ path, message }) => `${path || 'body'}: ${message}.`);
  return new Problem('validation_failed', messages.join(' '), { errors });
}

/** RFC 9457. */
export function sendProblem(res: Response, { code, message, extras: { retryAfter, ...extras } }: Problem): void {
  const [status, title] = problems[code];
  if (retryAfter !== undefined) res.setHeader('Retry-After', String(retryAfter));
  if (status === 401 && !res.hasHeader('WWW-Authenticate')) res.setHeader('WWW-Authenticate', 'Bearer');
  res.status(status).type('application/problem+json');
  res.send(
    JSON.stringify({
      type: `/docs/problems#${code}`,
      title,
      status,
      detail: message,
      code,
      request_id: res.getHeader('x-request-id'),
      ...extras,
    }),
  );
}

/** Last in the chain. */
export function handleErrors(log: Logger): ErrorRequestHandler {
  return (error: unknown, _req: Request, res: Response, next) => {
    if (res.headersSent) return next(error);
    const problem = problemOf(error);
    if (problems[problem.code][0] >= 500)
      log.error({ err: error, code: problem.code, request_id: res.getHeader('x-request-id') }, 'request failed');
    else if (error instanceof OrderDoesNotReconcile)
      log.warn({ parts: [JSON.stringify(error.parts)], request_id: res.getHeader('x-request-id') }, 'order does not reconcile');
    sendProblem(res, problem);
  };
}

export const notFound: RequestHandler = (req) => {
  throw new Problem('not_found', `No route ${req.method} ${req.path.slice(0, 100)}. See /openapi.json.`);
};
