import type { Clock } from '@gateway/shared/runtime';
import type { RequestHandler } from 'express';
import { callerAddress } from '../http/caller-address.ts';
import { Problem } from '../http/problem.ts';
import { createRateLimiter, type Rate, takeOrRefuse } from '../http/rate-limiter.ts';
import type { Cookie } from './sign-in/cookies.ts';

const ofAddress: Rate = { perSecond: 20, burst: 100 }; // a person who looks around, and a queue board that asks again automatically
const ofAllSignedIn: Rate = { perSecond: 25, burst: 100 }; // of one process: a page takes some milliseconds of the processor that tills need

/** Limits how many requests one address makes to the console. It comes before anything that costs something. */
export function limitAddress(clock: Clock): RequestHandler {
  const limiter = createRateLimiter(ofAddress, clock);
  return (req, _res, next) => {
    takeOrRefuse(limiter, callerAddress(req), 'Too many requests from this address. Wait a second, then try again.');
    next();
  };
}

/**
 * Limits how many requests all persons who are signed in make together, so that tills are not slowed down. A person who is not signed in counts nothing here,
 * and so keeps no operator out.
 */
export function limitSignedIn(
  clock: Clock,
  sessionCookie: Pick<Cookie, 'of'>,
): { beforeLookUp: RequestHandler; afterLookUp: RequestHandler } {
  const limiter = createRateLimiter(ofAllSignedIn, clock);
  const detail = 'Too many requests to the console. Wait a second, then try again.';
  return {
    /** Refuses a request with a session's cookie while nothing is left: its session is not even looked up, and counts nothing. */
    beforeLookUp: (req, _res, next) => {
      const retryAfter = sessionCookie.of(req) === null ? null : limiter.waitOf('all');
      if (retryAfter !== null) throw new Problem('rate_limited', detail, { retryAfter });
      next();
    },
    afterLookUp: (_req, _res, next) => {
      takeOrRefuse(limiter, 'all', detail);
      next();
    },
  };
}
