import type { Work } from './regular-work.ts';

/** The middle of the values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * Runs each piece of work `rounds` times, one after the other, so that whatever else the machine does meets all of them alike. Each round begins with
 * another one. @returns how many milliseconds each took, without the first tenth of the rounds, which warms up
 */
export async function alternating(work: readonly (() => Promise<number>)[], rounds: number): Promise<number[][]> {
  const times: number[][] = work.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < work.length; n++) {
      const index = (n + round) % work.length;
      const ms = await work[index]?.();
      if (ms !== undefined && round >= rounds / 10) times[index]?.push(ms);
    }
  }
  return times;
}

/** How long `run` takes, milliseconds, without `prepare`. */
export const timed =
  ({ run, prepare }: Work) =>
  async (): Promise<number> => {
    await prepare?.();
    const start = performance.now();
    await run();
    return performance.now() - start;
  };
