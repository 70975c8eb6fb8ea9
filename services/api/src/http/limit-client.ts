import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { clientOf } from './authenticate-client.ts';
import { Problem } from './problem.ts';

/** A till that is caught in a loop shall not take the time of the others: so many requests a second of each key, in each process. */
export function limitClient(perSecond: number): RequestHandler {
  return rateLimit({
    windowMs: 1_000,
    limit: perSecond,
    keyGenerator: (_req, res) => clientOf(res).id,
    standardHeaders: false,
    legacyHeaders: false,
    validate: false, // it would look for addresses behind proxies: we count keys
    handler: () => {
      throw new Problem('rate_limited', `At most ${perSecond} requests a second with one key. Try again in a second.`, { retryAfter: 1 });
    },
  });
}
