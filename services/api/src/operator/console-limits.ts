import type { Clock } from '@gateway/shared/runtime';
import type { RequestHandler } from 'express';
import { callerAddress } from '../http/caller-address.ts';
import { createRateLimiter, type Rate, takeOrRefuse } from '../http/rate-limiter.ts';

const ofAddress: Rate = { perSecond: 20, burst: 100 }; // a person who looks around, and a queue board that asks again automatically
const ofAllSignedIn: Rate = { perSecond: 60, burst: 200 }; // of one process: tills need its processor

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
export function limitSignedIn(clock: Clock): RequestHandler {
  const limiter = createRateLimiter(ofAllSignedIn, clock);
  return (_req, _res, next) => {
    takeOrRefuse(limiter, 'all', 'Too many requests to the console. Wait a second, then try again.');
    next();
  };
}
