import type { FakeResponse } from '../provider-call.ts';
import type { SimulatorClock } from '../simulator-clock.ts';
import { xenditError } from './xendit-wire.ts';

const lifetimeMs = 24 * 3_600_000; // not documented; other payment APIs keep keys for a day
const maxKeys = 100_000;

/** The header `idempotency-key`, which the v2 SDKs send. v3 does not document it, so a switch enables it. Source: providers.md 3.2, 10. */
export class XenditIdempotency {
  readonly #clock: SimulatorClock;
  readonly #stored = new Map<string, { expiresAt: number; text: string; response: FakeResponse }>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Repeats the first answer to the same request. Another body with the same key is an error. */
  once(name: string, text: string, act: () => FakeResponse): FakeResponse {
    const stored = this.#stored.get(name);
    if (stored && stored.expiresAt > this.#clock.now()) {
      return stored.text === text ? stored.response : xenditError(409, 'IDEMPOTENCY_ERROR', 'This key was used for another request');
    }
    const response = act();
    if (response.status < 300) {
      this.#stored.set(name, { expiresAt: this.#clock.now() + lifetimeMs, text, response });
      const [oldest] = this.#stored.keys();
      if (this.#stored.size > maxKeys && oldest !== undefined) this.#stored.delete(oldest);
    }
    return response;
  }

  clear(): void {
    this.#stored.clear();
  }
}
