import type { Hosts } from '@gateway/shared/host';
import { OrderDoesNotReconcile } from '@gateway/shared/payment';
import type { Logger } from '@gateway/shared/runtime';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { callerAddress } from './caller-address.ts';
import type { AddressLimit } from './limit-address.ts';
import { isHostOutage, Problem, problemOf } from './problem.ts';
import { problems } from './problem-codes.ts';
import { Refusal } from './refusal.ts';
import { routeOf } from './request-log.ts';
import type { SecurityLog } from './security-log.ts';

export interface HandleErrorsDeps {
  log: Logger;
  security: SecurityLog;
  addresses: AddressLimit;
  publicUrl: string;
  hosts: Pick<Hosts, 'suspect'>;
}

/**
 * The last middleware: answers every error as a problem. Records security events, counts the refusals of callers without a key by their
 * address, and logs errors with status 500 or higher, and orders that do not reconcile. A host that fails is compared with its folder at
 * once, so that readiness names the reason.
 */
export function handleErrors({ log, security, addresses, publicUrl, hosts }: HandleErrorsDeps): ErrorRequestHandler {
  return (error: unknown, req: Request, res: Response, next) => {
    if (res.headersSent) return next(error);
    const refused = problemOf(error);
    if (refused instanceof Refusal) security.record(refused.event, securityDetails(refused, req, res));
    const problem = tooManyRefusals(addresses, refused, req, res) ?? refused;
    const requestId = res.getHeader('x-request-id');
    const { client } = res.locals as { client?: { host: string } };
    if (client && isHostOutage(error)) hosts.suspect(client.host, error as Error);
    if (problems[problem.code].status >= 500) log.error({ err: error, code: problem.code, request_id: requestId }, 'request failed');
    else if (error instanceof OrderDoesNotReconcile)
      log.warn({ parts: [JSON.stringify(error.parts)], request_id: requestId }, 'order does not reconcile');
    sendProblem(res, problem, publicUrl);
  };
}

/** The 429 that takes the place of a refusal, when an address without a key had too many of them. */
function tooManyRefusals(addresses: AddressLimit, { code }: Problem, req: Request, res: Response): Problem | null {
  const isKnownCaller = res.locals.client !== undefined || res.locals.operator !== undefined;
  if (isKnownCaller || code === 'rate_limited' || problems[code].status >= 500) return null;
  return addresses.countRefusal(req, req.path.startsWith('/webhooks/') ? 'webhooks' : 'refused');
}

const securityDetails = ({ principal }: Refusal, req: Request, res: Response) => ({
  address: callerAddress(req),
  principal: principal ?? String(res.locals.client_id),
  route: routeOf(req),
  request_id: String(res.getHeader('x-request-id')),
});

/** Answers with `application/problem+json` (RFC 9457). `type` is the page that explains the code. */
function sendProblem(res: Response, { code, message, extras: { retryAfter, ...extras } }: Problem, publicUrl: string): void {
  const { status, title } = problems[code];
  if (retryAfter !== undefined) res.setHeader('Retry-After', String(retryAfter));
  if (status === 401 && !res.hasHeader('WWW-Authenticate')) res.setHeader('WWW-Authenticate', 'Bearer');
  res.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  const request_id = res.getHeader('x-request-id');
  const body = { type: `${publicUrl}/problems/${code}`, title, status, detail: message, code, request_id, ...extras };
  res.status(status).end(JSON.stringify(body)); // `res.send` would look for a charset, an ETag and a fresh copy
}

export const notFound: RequestHandler = (req) => {
  throw new Problem('not_found', `No route ${req.method} ${req.path.slice(0, 100)}. See /openapi.json.`);
};
