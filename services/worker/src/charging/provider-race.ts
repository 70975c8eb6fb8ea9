/** Calls that run at the same time, whose answers are taken one by one in the order of their arrival. No answer is lost. */
export class ProviderRace<T> {
  #inFlight = 0;
  readonly #answers: (() => T)[] = []; // each returns its answer, or throws what its call threw
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

  /** How many answers are still to be taken. */
  get pending(): number {
    return this.#inFlight + this.#answers.length;
  }

  /**
   * Takes the next answer. Call it only while some are pending.
   * @param withinMs how long to wait; null: until an answer arrives
   * @returns `timeout` when none arrived in time @throws what the call threw
   */
  async next(withinMs: number | null): Promise<T | 'timeout'> {
    if (this.#answers.length === 0) await this.#answerWithin(withinMs);
    const answer = this.#answers.shift();
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
    this.#answers.push(answer);
    this.#wake?.();
    this.#wake = null;
  }
}
