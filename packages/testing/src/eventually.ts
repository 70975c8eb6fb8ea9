import { setTimeout as delay } from 'node:timers/promises';

type Falsy = undefined | null | false;

/**
 * Evaluates the condition every 10 ms until it returns something, and returns that.
 * @throws after `withinMs`: the error of the last evaluation, or one that names the condition
 */
export async function eventually<Fact>(condition: () => Fact | Falsy | Promise<Fact | Falsy>, withinMs = 10_000): Promise<Fact> {
  for (const deadline = performance.now() + withinMs; ; await delay(10)) {
    const isLate = performance.now() > deadline;
    try {
      const fact = await condition();
      if (fact) return fact;
    } catch (error) {
      if (isLate) throw error;
    }
    if (isLate) throw new Error(`waited ${withinMs} ms for ${condition}`);
  }
}
