/** Calls under way, answered in whatever order. No answer is lost, also when two come in the same instant. */
export class ProviderRace<T> {
  #inFlight = 0;
  readonly #ready: (() => T)[] = []; // each gives its answer, or throws what the call threw
  #wake: (() => void) | null = null;

  add(call: Promise<T>): void {
    this.#inFlight++;
    call.then(
      (answer) => this.#settle(() => answer),
      (error) =>
        this.#settle(() => {
          throw error;
        }),
    );
  }

  /** How many are still to be heard. */
  get pending(): number {
    return this.#inFlight + this.#ready.length;
  }

  /** The next answer; `timeout` when none came within `withinMs` (null: as long as it takes). Call it only while some are awaited. */
  async next(withinMs: number | null): Promise<T | 'timeout'> {
    if (this.#ready.length === 0) await this.#answerWithin(withinMs);
    const answer = this.#ready.shift();
    return answer ? answer() : 'timeout';
  }

  #answerWithin(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === null ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #settle(answer: () => T): void {
    this.#inFlight--;
    this.#ready.push(answer);
    this.#wake?.();
    this.#wake = null;
  }
}
