import { type Health, type Logger, newRequestId, type Sampling } from '@gateway/shared/runtime';
import type { Request, RequestHandler, Response } from 'express';

const requestIdPattern = /^[A-Za-z0-9._-]{1,64}$/;

export interface RequestTimings {
  observe(route: string, method: string, status: number, seconds: number): void;
}

export interface RequestLogDeps {
  log: Logger;
  health: Pick<Health, 'isDraining'>;
  timings: RequestTimings;
}

/** In ten seconds at most so many lines of one kind are written; a key is known, so its requests are worth more lines. */
export const requestSampling: Sampling = {
  by: ['method', 'route', 'status', 'code', 'client_id', 'outcome', 'provider', 'account', 'store_id', 'operation'],
  periodMs: 10_000,
  linesOf: ({ client_id }) => (client_id === undefined ? 20 : 500),
  maxKinds: 500,
};

/** Writes one log line for each request, measures its duration, and puts its id on every answer. */
export function requestLog({ log, health, timings }: RequestLogDeps): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    const requestId = requestIdOf(req);
    res.setHeader('X-Request-Id', requestId);
    if (health.isDraining) res.setHeader('Connection', 'close');
    res.once('close', () => {
      const durationMs = performance.now() - startedAt;
      const route = routeOf(req);
      if (!isStream(res)) timings.observe(route, req.method, res.statusCode, durationMs / 1_000);
      const { client_id } = res.locals as { client_id?: string };
      log.info(
        {
          request_id: requestId,
          method: req.method,
          route,
          status: res.statusCode,
          duration_ms: Math.round(durationMs),
          client_id,
          outcome: res.writableEnded ? 'completed' : 'aborted',
        },
        'request',
      );
    });
    next();
  };
}

/** The caller's own request id when it is well-formed, else a new one. */
function requestIdOf(req: Request): string {
  const id = req.headers['x-request-id'];
  return typeof id === 'string' && requestIdPattern.test(id) ? id : newRequestId();
}

/** Event streams are left out of the durations: they stay open for hours. */
const isStream = (res: Response): boolean => res.getHeader('content-type')?.toString().startsWith('text/event-stream') ?? false;

/** The pattern of the route, not its path: ids in a metric label would create one time series for each payment. */
export function routeOf(req: { route?: { path?: string } }): string {
  return req.route?.path ?? 'unknown';
}
