import { setTimeout as delay } from 'node:timers/promises';

type Falsy = undefined | null | false;

/**
 * Evaluates the condition until it returns something, and returns that: every 10 ms, and after five seconds every 50 ms, because many tests
 * wait at the same time, and asking takes the time of the processes that they wait for.
 * @throws after `withinMs`: the error of the last evaluation, or one that names the condition
 */
export async function eventually<Fact>(condition: () => Fact | Falsy | Promise<Fact | Falsy>, withinMs = 30_000): Promise<Fact> {
  const start = performance.now();
  const pauseMs = () => (performance.now() - start < 5_000 ? 10 : 50);
  for (; ; await delay(pauseMs())) {
    const isLate = performance.now() > start + withinMs;
    try {
      const fact = await condition();
      if (fact) return fact;
    } catch (error) {
      if (isLate) throw error;
    }
    if (isLate) throw new Error(`waited ${withinMs} ms for ${condition}`);
  }
}
