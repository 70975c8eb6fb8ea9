import type { Answer } from '../provider-call.ts';
import type { SimulatorClock } from '../simulator-clock.ts';

const lifetimeMs = 5 * 60_000;
const longestKey = 46;
const mostKeys = 100_000; // five minutes of a busy day; the oldest make room

interface Kept {
  until: number;
  /** Null while the first call is being processed. */
  answer: Answer | null;
}

/**
 * Midtrans' `Idempotency-Key`: for five minutes a successful answer is repeated, whatever the new request says and whichever
 * endpoint it goes to; while the first call runs the second is told to wait. Source: providers.md 2.8.
 */
export class MidtransIdempotency {
  readonly #clock: SimulatorClock;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** `stillRunning` is the answer to a call that came too early. */
  once(account: string, key: string | undefined, stillRunning: () => Answer, act: () => Answer): Answer {
    if (key === undefined || key === '' || key.length > longestKey) return act();
    const name = `${account} ${key}`;
    const kept = this.#kept.get(name);
    if (kept && kept.until > this.#clock.now()) return kept.answer ?? stillRunning();
    const answer = act();
    if (!isSuccess(answer)) return answer;
    const entry: Kept = { until: this.#clock.now() + lifetimeMs, answer: null };
    this.#kept.delete(name); // so that it moves to the end, among the youngest
    this.#kept.set(name, entry);
    this.#makeRoom();
    const { done: _, ...repeatable } = answer;
    const done = () => {
      entry.answer = repeatable;
    };
    return { ...answer, done };
  }

  clear(): void {
    this.#kept.clear();
  }

  #makeRoom(): void {
    if (this.#kept.size <= mostKeys) return;
    for (const name of this.#kept.keys()) {
      this.#kept.delete(name);
      if (this.#kept.size <= mostKeys * 0.9) return;
    }
  }
}

/** Created, done, or expired at the merchant's word; a denial is none. */
const isSuccess = ({ outcome }: Answer): boolean => outcome === '200' || outcome === '201' || outcome === '407';
