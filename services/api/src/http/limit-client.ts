import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { clientOf } from './authenticate-client.ts';
import { Problem } from './problem.ts';

/** Limits the requests per second of each key in this process. So a till caught in a loop does not slow down the others. */
export function limitClient(perSecond: number): RequestHandler {
  return rateLimit({
    windowMs: 1_000,
    limit: perSecond,
    keyGenerator: (_req, res) => clientOf(res).id,
    standardHeaders: false,
    legacyHeaders: false,
    validate: false, // the library's checks are about IP addresses behind proxies, and this limit counts by key
    handler: () => {
      throw new Problem('rate_limited', `At most ${perSecond} requests a second with one key. Try again in a second.`, { retryAfter: 1 });
    },
  });
}
