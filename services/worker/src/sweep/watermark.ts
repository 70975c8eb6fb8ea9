// A row's deadline is its writer's time, which may come to light late: our statements are cut off after 5 s, an idle transaction after
// 10 s, and clocks may differ by 2 s.
const settledAfterMs = 30_000;
const fullScanEveryMs = 60_000; // how long what appears below the floor all the same may stay unseen

/**
 * From where a sweep looks. Each claim and each poll leaves a dead entry in the index of deadlines; while a host's report of half an hour
 * is open, none of them is vacuumed, and a sweep that began at the beginning would read them all, twice a second.
 */
export interface SweepWatermark {
  /** What was due before has been claimed. */
  from(now: Date): Date;
  /** A round that began at `now` has claimed all that was due by then. */
  completed(now: Date): void;
}

export function createSweepWatermark(): SweepWatermark {
  let completedUpTo: number | null = null;
  let lastFullScanAt = 0;
  return {
    from: (now) => {
      const isFull = completedUpTo === null || now.getTime() - lastFullScanAt >= fullScanEveryMs;
      if (!isFull && completedUpTo !== null) return new Date(completedUpTo - settledAfterMs);
      lastFullScanAt = now.getTime();
      return new Date(0);
    },
    completed: (now) => {
      completedUpTo = now.getTime();
    },
  };
}
