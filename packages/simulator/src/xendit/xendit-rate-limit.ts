import type { SimulatorClock } from '../simulator-clock.ts';
import type { Switches } from '../switches.ts';

const minuteMs = 60_000;

export interface RateLimitState {
  isRefused: boolean;
  /** Seconds until the count restarts. */
  resetSeconds: number;
  headers: Record<string, string>;
}

/** Limits the requests per minute of an account at an endpoint. Off unless the switch `xendit_requests_per_minute` sets a number. Source: providers.md 3.2, 3.13. */
export class XenditRateLimit {
  readonly #clock: SimulatorClock;
  readonly #switches: Switches;
  readonly #windows = new Map<string, { startedAt: number; count: number }>();

  constructor(clock: SimulatorClock, switches: Switches) {
    this.#clock = clock;
    this.#switches = switches;
  }

  /** Counts one call. Null: no limit is in force. */
  count(account: string, endpoint: string): RateLimitState | null {
    const limit = this.#switches.current.xendit_requests_per_minute;
    if (limit === null) return null;
    const now = this.#clock.now();
    const name = `${account} ${endpoint}`;
    const current = this.#windows.get(name);
    const window = current && now - current.startedAt < minuteMs ? current : { startedAt: now, count: 0 };
    this.#windows.set(name, window);
    window.count += 1;
    const resetSeconds = (window.startedAt + minuteMs - now) / 1_000;
    return {
      isRefused: window.count > limit,
      resetSeconds,
      headers: {
        'rate-limit-limit': String(limit),
        'rate-limit-remaining': String(Math.max(0, limit - window.count)),
        'rate-limit-reset': resetSeconds.toFixed(3),
      },
    };
  }

  clear(): void {
    this.#windows.clear();
  }
}
