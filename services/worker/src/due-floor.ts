// A row's deadline is its writer's time, which may come to light late: our statements are cut off after 5 s, an idle transaction after
// 10 s, and clocks may differ by 2 s.
const settledAfterMs = 30_000;
const fullLookEveryMs = 60_000; // how long what appears below the floor all the same may stay unseen

/**
 * From where a sweep looks. Each claim and each poll leaves a dead entry in the index of deadlines; while a host's report of half an hour
 * is open, none of them is vacuumed, and a sweep that began at the beginning would read them all, twice a second.
 */
export interface DueFloor {
  /** What was due before has been claimed. */
  at(now: Date): Date;
  /** A round that began at `now` has claimed all that was due by then. */
  swept(now: Date): void;
}

export function createDueFloor(): DueFloor {
  let sweptUpTo: number | null = null;
  let fullLookAt = 0;
  return {
    at: (now) => {
      const isFull = sweptUpTo === null || now.getTime() - fullLookAt >= fullLookEveryMs;
      if (!isFull && sweptUpTo !== null) return new Date(sweptUpTo - settledAfterMs);
      fullLookAt = now.getTime();
      return new Date(0);
    },
    swept: (now) => {
      sweptUpTo = now.getTime();
    },
  };
}
