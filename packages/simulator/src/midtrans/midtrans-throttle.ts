import { type Charge, stateOf } from '../charge.ts';
import type { SimulatorClock } from '../simulator-clock.ts';
import type { Switches } from '../switches.ts';

const minuteMs = 60_000;

/** Rate limits. Midtrans publishes no figures, so they are off unless a switch sets them. Source: providers.md 2.8, 10. */
export class MidtransThrottle {
  readonly #clock: SimulatorClock;
  readonly #switches: Switches;
  #lastPoll = new WeakMap<Charge, number>();
  #charges = new Map<string, { startedAt: number; count: number }>();

  constructor(clock: SimulatorClock, switches: Switches) {
    this.#clock = clock;
    this.#switches = switches;
  }

  /** True when a pending charge was polled too recently. A refused poll does not extend the gap. */
  refusesPoll(charge: Charge): boolean {
    const gapMs = this.#switches.current.midtrans_status_poll_gap_s * 1_000;
    if (gapMs === 0 || stateOf(charge).lifecycle !== 'pending') return false;
    const now = this.#clock.now();
    if (now - (this.#lastPoll.get(charge) ?? Number.NEGATIVE_INFINITY) < gapMs) return true;
    this.#lastPoll.set(charge, now);
    return false;
  }

  /** True when the account has used up its charges of this minute. */
  refusesCharge(account: string): boolean {
    const limit = this.#switches.current.midtrans_charges_per_minute;
    if (limit === null) return false;
    const now = this.#clock.now();
    const current = this.#charges.get(account);
    const window = current && now - current.startedAt < minuteMs ? current : { startedAt: now, count: 0 };
    this.#charges.set(account, window);
    if (window.count >= limit) return true;
    window.count += 1;
    return false;
  }

  clear(): void {
    this.#lastPoll = new WeakMap();
    this.#charges.clear();
  }
}
