/** Calls under way, answered in whatever order. No answer is lost, also when two come in the same instant. */
export class Answers<T> {
  #underWay = 0;
  readonly #ready: (() => T)[] = []; // each gives its answer, or throws what the call threw
  #wake: (() => void) | null = null;

  add(call: Promise<T>): void {
    this.#underWay++;
    call.then(
      (answer) => this.#settle(() => answer),
      (error) =>
        this.#settle(() => {
          throw error;
        }),
    );
  }

  /** How many are still to be heard. */
  get awaited(): number {
    return this.#underWay + this.#ready.length;
  }

  /** The next answer; `silent` when none came within `withinMs` (null: as long as it takes). Call it only while some are awaited. */
  async next(withinMs: number | null): Promise<T | 'silent'> {
    if (this.#ready.length === 0) await this.#answerWithin(withinMs);
    const answer = this.#ready.shift();
    return answer ? answer() : 'silent';
  }

  #answerWithin(ms: number | null): Promise<void> {
    return new Promise((heard) => {
      const timer = ms === null ? undefined : setTimeout(heard, ms);
      this.#wake = () => {
        clearTimeout(timer);
        heard();
      };
    });
  }

  #settle(answer: () => T): void {
    this.#underWay--;
    this.#ready.push(answer);
    this.#wake?.();
    this.#wake = null;
  }
}
