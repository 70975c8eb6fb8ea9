/** The durations of one kind of request: their number, rate, and quantiles in milliseconds. */
export interface Times {
  count: number;
  perSecond: number;
  p50: number;
  p99: number;
}

/** @param ms the durations, in any order @param seconds the time in which all of them happened */
export function timesOf(ms: readonly number[], seconds: number): Times {
  const sorted = ms.toSorted((a, b) => a - b);
  return { count: ms.length, perSecond: ms.length / seconds, p50: at(sorted, 0.5), p99: at(sorted, 0.99) };
}

export const median = (values: readonly number[]): number =>
  at(
    values.toSorted((a, b) => a - b),
    0.5,
  );

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
