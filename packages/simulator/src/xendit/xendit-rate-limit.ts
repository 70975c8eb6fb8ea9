import type { SimulatorClock } from '../simulator-clock.ts';
import type { Switches } from '../switches.ts';

const minute = 60_000;

export interface RateLimitState {
  refused: boolean;
  /** Seconds until the count starts anew. */
  resetSeconds: number;
  headers: Record<string, string>;
}

/** So many requests a minute, per endpoint and account; off unless the switch sets a number. Source: providers.md 3.2, 3.13. */
export class XenditRateLimit {
  readonly #clock: SimulatorClock;
  readonly #switches: Switches;
  readonly #spans = new Map<string, { startedAt: number; count: number }>();

  constructor(clock: SimulatorClock, switches: Switches) {
    this.#clock = clock;
    this.#switches = switches;
  }

  /** Counts this call. Null: no limit is in force. */
  count(account: string, endpoint: string): RateLimitState | null {
    const limit = this.#switches.now.xendit_requests_per_minute;
    if (limit === null) return null;
    const now = this.#clock.now();
    const name = `${account} ${endpoint}`;
    const current = this.#spans.get(name);
    const span = current && now - current.startedAt < minute ? current : { startedAt: now, count: 0 };
    this.#spans.set(name, span);
    span.count += 1;
    const resetSeconds = (span.startedAt + minute - now) / 1_000;
    return {
      refused: span.count > limit,
      resetSeconds,
      headers: {
        'rate-limit-limit': String(limit),
        'rate-limit-remaining': String(Math.max(0, limit - span.count)),
        'rate-limit-reset': resetSeconds.toFixed(3),
      },
    };
  }

  clear(): void {
    this.#spans.clear();
  }
}
