// A row can become visible this long after the time in its deadline: statements are cancelled after 5 s, idle transactions after 10 s,
// and the clocks of two processes may differ by 2 s.
const visibleAfterMs = 30_000;
const fullScanEveryMs = 60_000; // the longest time for which a row that becomes visible even later stays unclaimed

/**
 * The deadline from which a sweep looks for due rows. Each claim and each poll leaves a dead entry in the index of deadlines. While a
 * host's report of half an hour is open, none of them can be vacuumed, and a scan from the start would read them all, twice a second.
 */
export interface SweepWatermark {
  /** Rows with an earlier deadline have been claimed. The Unix epoch at first, and again once a minute. */
  from(now: Date): Date;
  /** Reports that the round of `now` has claimed every row that was due. */
  completed(now: Date): void;
}

export function createSweepWatermark(): SweepWatermark {
  let completedMs: number | null = null;
  let lastFullScanMs = 0;
  return {
    from: (now) => {
      const isFullScan = now.getTime() - lastFullScanMs >= fullScanEveryMs;
      if (completedMs !== null && !isFullScan) return new Date(completedMs - visibleAfterMs);
      lastFullScanMs = now.getTime();
      return new Date(0);
    },
    completed: (now) => {
      completedMs = now.getTime();
    },
  };
}
