import type { FakeResponse } from '../provider-call.ts';
import type { SimulatorClock } from '../simulator-clock.ts';

const lifetimeMs = 5 * 60_000;
const maxKeyLength = 46;
const maxKeys = 100_000; // five minutes of a busy day; the oldest make room

interface StoredResponse {
  expiresAt: number;
  /** Null while the first call is being processed. */
  response: FakeResponse | null;
}

/**
 * Midtrans' `Idempotency-Key`: for five minutes a successful answer is repeated, whatever the new request says and whichever
 * endpoint it goes to; while the first call runs the second is told to wait. Source: providers.md 2.8.
 */
export class MidtransIdempotency {
  readonly #clock: SimulatorClock;
  readonly #stored = new Map<string, StoredResponse>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** `stillRunning` is the answer to a call that came too early. */
  once(account: string, key: string | undefined, stillRunning: () => FakeResponse, act: () => FakeResponse): FakeResponse {
    if (key === undefined || key === '' || key.length > maxKeyLength) return act();
    const name = `${account} ${key}`;
    const stored = this.#stored.get(name);
    if (stored && stored.expiresAt > this.#clock.now()) return stored.response ?? stillRunning();
    const response = act();
    if (!isSuccess(response)) return response;
    const entry: StoredResponse = { expiresAt: this.#clock.now() + lifetimeMs, response: null };
    this.#stored.delete(name); // so that it moves to the end, among the youngest
    this.#stored.set(name, entry);
    this.#evictOldest();
    const { onFinished: _, ...repeatable } = response;
    const onFinished = () => {
      entry.response = repeatable;
    };
    return { ...response, onFinished };
  }

  clear(): void {
    this.#stored.clear();
  }

  #evictOldest(): void {
    if (this.#stored.size <= maxKeys) return;
    for (const name of this.#stored.keys()) {
      this.#stored.delete(name);
      if (this.#stored.size <= maxKeys * 0.9) return;
    }
  }
}

/** Created, done, or expired at the merchant's word; a denial is none. */
const isSuccess = ({ outcome }: FakeResponse): boolean => outcome === '200' || outcome === '201' || outcome === '407';
