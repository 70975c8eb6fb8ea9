import { HostOut, HostStatementFailed, isTransient, OrderBusy, OrderUnreadable, UnknownHost } from '@gateway/shared/host';
import { AmountOutOfRange, OrderDoesNotReconcile, OrderNotPayable } from '@gateway/shared/payment';
import { UnknownProvider, WebhookRefused, WebhookUnreadable } from '@gateway/shared/provider';
import type { Logger } from '@gateway/shared/runtime';
import { isConnectionLoss, StoreConflict } from '@gateway/shared/store';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { whatIsWrong } from './what-is-wrong.ts';

/** Code → status and title. The one place that picks an error's status code. */
export const problems = {
  validation_failed: [400, 'The request is not as agreed'],
  idempotency_key_required: [400, 'An Idempotency-Key is required'],
  unauthenticated: [401, 'The key is missing or not valid'],
  forbidden: [403, 'The key does not allow this'],
  order_not_found: [404, 'There is no such order'],
  payment_not_found: [404, 'There is no such payment'],
  refund_not_found: [404, 'There is no such refund'],
  store_not_found: [404, 'There is no such store'],
  not_found: [404, 'There is nothing here'],
  method_not_allowed: [405, 'This address does not take that method'],
  order_not_payable: [409, 'The order cannot be paid'],
  payment_not_cancellable: [409, 'The payment cannot be cancelled'],
  already_paid: [409, 'The payment is paid'],
  store_conflict: [409, 'The store belongs to somebody else'],
  qr_gone: [410, 'The QR must not be scanned any more'],
  events_gone: [410, 'These events are no longer kept'],
  payload_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The body must be JSON'],
  order_does_not_reconcile: [422, 'The parts of the order are not its total'],
  amount_out_of_range: [422, 'QRIS cannot carry this amount'],
  idempotency_key_reused: [422, 'The Idempotency-Key was used for another request'],
  refund_exceeds_paid: [422, 'More than was paid cannot be refunded'],
  refund_not_supported: [422, 'This payment cannot be refunded so'],
  rate_limited: [429, 'Too many requests'],
  internal: [500, 'Something went wrong on our side'],
  providers_unavailable: [503, 'No provider could make a QR'],
  order_busy: [503, 'The order is being changed by somebody else'],
  database_unavailable: [503, 'The database of this host cannot be reached'],
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
  if (error instanceof z.ZodError) return invalid(error);
  if (error instanceof OrderNotPayable) return new Problem('order_not_payable', `${error.message}.`, { reason: error.reason });
  if (error instanceof OrderDoesNotReconcile)
    return new Problem(
      'order_does_not_reconcile',
      `${error.message} The order, or the host's charges.sql and items.sql, must be corrected.`,
    );
  if (error instanceof AmountOutOfRange) return new Problem('amount_out_of_range', error.message);
  if (error instanceof OrderBusy)
    return new Problem('order_busy', 'Somebody holds the order at this moment. Try again in a second.', { retryAfter: 1 });
  if (error instanceof StoreConflict) return new Problem('store_conflict', error.message);
  if (error instanceof UnknownHost || error instanceof HostOut) return databaseUnavailable();
  if (error instanceof UnknownProvider) return new Problem('not_found', 'There is no such provider.');
  if (error instanceof WebhookRefused) return new Problem('unauthenticated', 'The signature or token does not hold.');
  if (error instanceof WebhookUnreadable) return new Problem('validation_failed', 'The body must be a JSON object.');
  if (isConnectionLoss(error) || isTransient(error)) return databaseUnavailable();
  if (error instanceof OrderUnreadable || error instanceof HostStatementFailed)
    return new Problem('internal', "The host's database returned what cannot be read. The request id finds it in our log.");
  return ofExpress(error as { type?: string; status?: number });
}

/** What express's own body parser throws. */
function ofExpress({ type, status }: { type?: string; status?: number }): Problem {
  if (type === 'entity.too.large') return new Problem('payload_too_large', 'The body is larger than this address takes.');
  if (type === 'entity.parse.failed') return new Problem('validation_failed', 'The body is not JSON.');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return new Problem('unsupported_media_type', 'Send JSON in UTF-8, not compressed.');
  if (status !== undefined && status >= 400 && status < 500) return new Problem('validation_failed', 'The request could not be read.');
  return new Problem('internal', 'Try again; if it stays, tell us the request id.');
}

const databaseUnavailable = () =>
  new Problem(
    'database_unavailable',
    'The database of this host cannot be reached at the moment. Try again in a few seconds; nothing is lost.',
    { retryAfter: 5 },
  );

function invalid(error: z.ZodError): Problem {
  const errors = whatIsWrong(error);
  const sentences = errors.map(({ path, message }) => `${path || 'The body'} ${message}.`);
  return new Problem('validation_failed', sentences.join(' '), { errors });
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
      log.error({ err: error, code: problem.code, request_id: res.getHeader('x-request-id') }, 'a request failed');
    else if (error instanceof OrderDoesNotReconcile)
      log.warn({ parts: [JSON.stringify(error.parts)], request_id: res.getHeader('x-request-id') }, 'an order does not reconcile');
    sendProblem(res, problem);
  };
}

export const notFound: RequestHandler = (req) => {
  throw new Problem('not_found', `There is nothing at ${req.method} ${req.path.slice(0, 100)}. The addresses are in /openapi.json.`);
};
