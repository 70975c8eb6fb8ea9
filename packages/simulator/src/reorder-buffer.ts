import { type Random, shuffled } from './random.ts';

/** Webhooks within one second are reordered. The pending and the settlement webhook of a charge are often that close. */
const maxHoldMs = 1_000;
const capacity = 8;

/** Collects actions, and runs them in another order when eight are collected or a second has passed. */
export class ReorderBuffer {
  #held: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;

  add(action: () => void, random: Random): void {
    this.#held.push(action);
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
    for (const action of shuffled(held, random)) action();
  }
}
