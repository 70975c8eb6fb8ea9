import type { Clock } from '@gateway/shared/runtime';
import { Problem } from '../http/problem.ts';

/** Runs the call, unless it was refused a moment ago because its order got too many payments. That refusal is then thrown again. */
export type UnlessFull = <T>(name: string, call: () => Promise<T>) => Promise<T>;

const maxRemembered = 1_000; // beyond that the database is asked again

/**
 * Remembers which orders got as many payments as a minute allows, so that a till in a loop does not lock and read its order each time. The
 * refusal ends with the minute, also when the database would answer otherwise by then: a payment failed, or money came.
 */
export function rememberFullOrders(clock: Clock): UnlessFull {
  const refusals = new Map<string, { problem: Problem; untilMs: number }>();
  return async (name, call) => {
    const refusal = refusals.get(name);
    const leftMs = refusal ? refusal.untilMs - clock.now().getTime() : 0;
    if (refusal && leftMs > 0) throw new Problem(refusal.problem.code, refusal.problem.message, { retryAfter: Math.ceil(leftMs / 1_000) });
    refusals.delete(name);
    try {
      return await call();
    } catch (error) {
      const { retryAfter } = error instanceof Problem && error.code === 'rate_limited' ? error.extras : {};
      if (retryAfter) {
        if (refusals.size >= maxRemembered) refusals.clear();
        refusals.set(name, { problem: error as Problem, untilMs: clock.now().getTime() + retryAfter * 1_000 });
      }
      throw error;
    }
  };
}
