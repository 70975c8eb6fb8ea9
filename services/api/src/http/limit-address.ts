import type { Clock } from '@gateway/shared/runtime';
import type { Request, RequestHandler } from 'express';
import { callerAddress } from './caller-address.ts';
import { Problem } from './problem.ts';
import { createRateLimiter } from './rate-limiter.ts';

/**
 * What can be reached without a key, in groups that are counted apart, so that a flood of one closes no other: requests that are refused
 * for want of a key, forged webhooks, pages, health, and the preflights of browsers.
 */
export type OpenGroup = 'refused' | 'webhooks' | 'pages' | 'health' | 'preflights';

const rate = { perSecond: 20, burst: 100 }; // for one address in one process: several people and programs may share it

/** Limits what an address may do without a key. A request with a valid key, and a genuine webhook, are never counted. */
export interface AddressLimit {
  /** Counts every request, for what is served to anybody. */
  countRequests(group: OpenGroup): RequestHandler;
  /** Refuses at once while this address has too many refusals: where finding out costs something. Counts nothing itself. */
  refuseEarly(group: OpenGroup): RequestHandler;
  /** Counts a request that was refused. The problem that takes the place of the refusal when there were too many; else null. */
  countRefusal(req: Request, group: OpenGroup): Problem | null;
}

export function createAddressLimit(clock: Clock): AddressLimit {
  const limiter = createRateLimiter(rate, clock);
  const nameOf = (req: Request, group: OpenGroup) => `${group} ${callerAddress(req)}`;
  return {
    countRefusal: (req, group) => tooMany(limiter.take(nameOf(req, group))),
    countRequests: (group) => (req, _res, next) => next(tooMany(limiter.take(nameOf(req, group))) ?? undefined),
    refuseEarly: (group) => (req, _res, next) => next(tooMany(limiter.waitOf(nameOf(req, group))) ?? undefined),
  };
}

const tooMany = (retryAfter: number | null): Problem | null =>
  retryAfter === null
    ? null
    : new Problem('rate_limited', 'Too many requests without a valid key from this address. Wait, then try again.', { retryAfter });
