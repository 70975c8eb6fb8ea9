import type { Clock } from '@gateway/shared/runtime';
import { Problem } from './problem.ts';

/** `perSecond` on average, and at most `burst` at once. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** Limits how often something happens in this process, for each name: a key, a store, a tenant, an address. */
export interface RateLimiter {
  /** Counts one request. Seconds until the next one is allowed; null: this one is allowed. A refused request is not counted. */
  take(name: string): number | null;
  /** As `take`, and counts nothing. */
  waitOf(name: string): number | null;
}

const maxNames = 10_000; // limits the memory: the name that was quiet for the longest time is forgotten

/** A token bucket for each name: it holds `burst` tokens and gains `perSecond` of them in a second. */
export function createRateLimiter({ perSecond, burst }: Rate, clock: Clock): RateLimiter {
  const buckets = new Map<string, { tokens: number; at: number }>();

  function tokensOf(name: string, now: number): number {
    const bucket = buckets.get(name);
    if (!bucket) return burst;
    return Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
  }

  const secondsUntilOne = (tokens: number): number | null => (tokens >= 1 ? null : Math.ceil((1 - tokens) / perSecond));

  return {
    take: (name) => {
      const now = clock.now().getTime();
      const tokens = tokensOf(name, now);
      const wait = secondsUntilOne(tokens);
      buckets.delete(name); // moves the name to the end
      buckets.set(name, { tokens: wait === null ? tokens - 1 : tokens, at: now });
      if (buckets.size > maxNames) buckets.delete(buckets.keys().next().value as string);
      return wait;
    },
    waitOf: (name) => secondsUntilOne(tokensOf(name, clock.now().getTime())),
  };
}

/** Counts one request. @throws Problem `rate_limited` with this detail, when the name may not make another one now */
export function takeOrRefuse(limiter: RateLimiter, name: string, detail: string): void {
  const retryAfter = limiter.take(name);
  if (retryAfter !== null) throw new Problem('rate_limited', detail, { retryAfter });
}
