import type { Health, Logger } from '@gateway/shared/runtime';
import { newRequestId } from '@gateway/shared/runtime';
import type { RequestHandler, Response } from 'express';

const requestIdPattern = /^[A-Za-z0-9._-]{1,64}$/;

export interface RequestTimings {
  observe(route: string, method: string, status: number, seconds: number): void;
}

/** One line for each request, its id on every answer, and its time in the metrics. */
export function requestLog({
  log,
  health,
  timings,
}: {
  log: Logger;
  health: Pick<Health, 'isDraining'>;
  timings: RequestTimings;
}): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    const callerRequestId = req.headers['x-request-id'];
    const requestId = typeof callerRequestId === 'string' && requestIdPattern.test(callerRequestId) ? callerRequestId : newRequestId();
    res.setHeader('X-Request-Id', requestId);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    if (health.isDraining) res.setHeader('Connection', 'close');
    res.once('close', () => {
      const ms = performance.now() - started;
      const route = routeOf(req);
      if (!isStream(res)) timings.observe(route, req.method, res.statusCode, ms / 1_000);
      const { client_id } = res.locals as { client_id?: string };
      log.info(
        {
          request_id: requestId,
          method: req.method,
          route,
          status: res.statusCode,
          duration_ms: Math.round(ms),
          client_id,
          outcome: res.writableEnded ? 'completed' : 'aborted',
        },
        'request',
      );
    });
    next();
  };
}

/** A screen listens all day: its hours say nothing of how fast we answer. */
const isStream = (res: Response): boolean => res.getHeader('content-type')?.toString().startsWith('text/event-stream') ?? false;

/** The pattern, not the path: ids would make a metric of every payment. */
function routeOf(req: { route?: { path?: string } }): string {
  return req.route?.path ?? 'unknown';
}
