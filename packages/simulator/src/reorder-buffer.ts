import { type Random, shuffled } from './random.ts';

/** News of one second meets in the box; a till's pending and settlement are often that close. */
const maxHoldMs = 1_000;
const capacity = 8;

/** Holds back what is put in, and lets all of it out in another order once it is full or a second has passed. */
export class ReorderBuffer {
  #held: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;

  add(act: () => void, random: Random): void {
    this.#held.push(act);
    if (this.#held.length >= capacity) this.#flush(random);
    else this.#timer ??= setTimeout(() => this.#flush(random), maxHoldMs).unref();
  }

  clear(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#held = [];
  }

  #flush(random: Random): void {
    const held = this.#held;
    this.clear();
    for (const act of shuffled(held, random)) act();
  }
}
