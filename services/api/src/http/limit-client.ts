import type { Clock } from '@gateway/shared/runtime';
import type { RequestHandler } from 'express';
import { clientOf } from './authenticate-client.ts';
import { createRateLimiter, takeOrRefuse } from './rate-limiter.ts';

/** Limits the requests per second of each key in this process. So a till caught in a loop does not slow down the others. */
export function limitClient(perSecond: number, clock: Clock): RequestHandler {
  const limiter = createRateLimiter({ perSecond, burst: perSecond }, clock);
  return (_req, res, next) => {
    takeOrRefuse(limiter, clientOf(res).id, `At most ${perSecond} requests a second with one key. Try again in a second.`);
    next();
  };
}
