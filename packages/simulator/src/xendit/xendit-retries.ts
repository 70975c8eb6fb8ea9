import type { Switches } from '../switches.ts';
import type { RetrySchedule } from '../webhook-sender.ts';

const minute = 60_000;

/** Time after the previous attempt; 24 hours in total. Source: providers.md 3.11. */
const intervals = [15 * minute, 45 * minute, 120 * minute, 180 * minute, 360 * minute, 720 * minute];

/** Xendit retries after every answer except 2xx. It does not retry after a timeout, unless a switch says so. Source: providers.md 3.11. */
export function xenditRetries(switches: Switches): RetrySchedule {
  return {
    timeoutMs: () => switches.current.xendit_webhook_timeout_ms,
    redirectHops: 0,
    nextAttemptAfter: (result, attemptsMade) => {
      if (result === 'timeout' && !switches.current.xendit_retries_after_timeout) return null;
      return intervals[attemptsMade - 1] ?? null;
    },
  };
}
