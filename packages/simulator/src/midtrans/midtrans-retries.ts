import type { PostResult } from '../post-webhook.ts';
import type { Random } from '../random.ts';
import type { Switches } from '../switches.ts';
import type { RetrySchedule } from '../webhook-sender.ts';

const minute = 60_000;

/** Time after the previous attempt. Source: providers.md 2.11. */
const growing = [2 * minute, 10 * minute, 30 * minute, 90 * minute, 210 * minute];
const oneMinute = growing.map(() => minute);

/** How often Midtrans retries, by the merchant's answer. `otherRetries` counts for all other answers, and for no answer. Source: providers.md 2.11. */
const retriesFor = new Map<PostResult, number>([
  [500, 1],
  [503, 4],
  [400, 2],
  [404, 2],
  [301, 0],
  [302, 0],
  [303, 0],
]);
const otherRetries = 5;

/** "Each with a random shift (the first can come after only ~33 s)": from 28 % to 120 % of the interval. Source: providers.md 2.11. */
const shifted = (interval: number, random: Random): number => interval * (0.28 + 0.92 * random());

export function midtransRetries(switches: Switches, random: () => Random): RetrySchedule {
  return {
    timeoutMs: () => switches.current.midtrans_webhook_timeout_ms,
    redirectHops: 5,
    nextAttemptAfter: (result, attemptsMade) => {
      if (attemptsMade > (retriesFor.get(result) ?? otherRetries)) return null;
      const intervals = switches.current.midtrans_webhook_intervals === 'growing' ? growing : oneMinute;
      const interval = intervals[attemptsMade - 1];
      return interval === undefined ? null : shifted(interval, random());
    },
  };
}
