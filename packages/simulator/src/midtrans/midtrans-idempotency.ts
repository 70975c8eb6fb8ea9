import type { FakeResponse } from '../provider-call.ts';
import type { SimulatorClock } from '../simulator-clock.ts';

const lifetimeMs = 5 * 60_000;
const maxKeyLength = 46;
const maxKeys = 100_000; // bounds the memory; the oldest answers are dropped first

interface StoredResponse {
  expiresAt: number;
  /** Null while the first call is being processed. */
  response: FakeResponse | null;
}

/**
 * Midtrans' `Idempotency-Key`: a successful answer is repeated for five minutes, to any request with the key and at every
 * endpoint. A second call during the first one is answered with 202. Source: providers.md 2.8.
 */
export class MidtransIdempotency {
  readonly #clock: SimulatorClock;
  readonly #stored = new Map<string, StoredResponse>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** `stillRunning` answers a call that arrives while the first call with its key is processed. */
  once(account: string, key: string | undefined, stillRunning: () => FakeResponse, act: () => FakeResponse): FakeResponse {
    if (key === undefined || key === '' || key.length > maxKeyLength) return act();
    const name = `${account} ${key}`;
    const stored = this.#stored.get(name);
    if (stored && stored.expiresAt > this.#clock.now()) return stored.response ?? stillRunning();
    const response = act();
    if (!isSuccess(response)) return response;
    const entry: StoredResponse = { expiresAt: this.#clock.now() + lifetimeMs, response: null };
    this.#stored.delete(name); // a new entry is at the end of the Map: eviction starts at the oldest
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

/** Done (200), created (201) or expired on request (407). A denial (202) is no success. */
const isSuccess = ({ outcome }: FakeResponse): boolean => outcome === '200' || outcome === '201' || outcome === '407';
