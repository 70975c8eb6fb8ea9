import type { Answer } from '../provider-call.ts';
import type { SimulatorClock } from '../simulator-clock.ts';
import { xenditError } from './xendit-wire.ts';

const lifetimeMs = 24 * 3_600_000; // not documented; a day is what others keep
const mostKeys = 100_000;

/** `idempotency-key` as the v2 SDKs send it; v3 documents none, so a switch decides. Source: providers.md 3.2, 10. */
export class XenditIdempotency {
  readonly #clock: SimulatorClock;
  readonly #kept = new Map<string, { until: number; text: string; answer: Answer }>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** The same request again gets the first answer; another body under the same key is an error. */
  once(name: string, text: string, act: () => Answer): Answer {
    const kept = this.#kept.get(name);
    if (kept && kept.until > this.#clock.now()) {
      return kept.text === text ? kept.answer : xenditError(409, 'IDEMPOTENCY_ERROR', 'This key was used for another request');
    }
    const answer = act();
    if (answer.status < 300) {
      this.#kept.set(name, { until: this.#clock.now() + lifetimeMs, text, answer });
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > mostKeys && oldest !== undefined) this.#kept.delete(oldest);
    }
    return answer;
  }

  clear(): void {
    this.#kept.clear();
  }
}
