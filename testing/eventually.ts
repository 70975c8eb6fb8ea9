import { setTimeout as delay } from 'node:timers/promises';

type Nothing = undefined | null | false;

/** Looks until there is something, every 10 ms. @throws with what was waited for, or with what the last look threw. */
export async function eventually<Fact>(look: () => Fact | Nothing | Promise<Fact | Nothing>, withinMs = 10_000): Promise<Fact> {
  for (const deadline = performance.now() + withinMs; ; await delay(10)) {
    const late = performance.now() > deadline;
    try {
      const fact = await look();
      if (fact) return fact;
    } catch (error) {
      if (late) throw error;
    }
    if (late) throw new Error(`waited ${withinMs} ms in vain for ${look}`);
  }
}
