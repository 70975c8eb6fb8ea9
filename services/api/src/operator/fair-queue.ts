import { ErrorWithoutStack } from '@gateway/shared/runtime';

/** Runs one piece of work at a time, one of each lane in order: a crowd in one lane does not keep the others waiting. */
export type FairQueue = <T>(lane: string, work: () => Promise<T>) => Promise<T>;

/** Too many wait in this lane. The work did not run. */
export class LaneFull extends ErrorWithoutStack {
  override readonly name = 'LaneFull';
}

/** @throws LaneFull at once when `seats` pieces of work wait in the lane */
export function createFairQueue(seats: number): FairQueue {
  const lanes = new Map<string, (() => void)[]>(); // the first one is served next
  let isRunning = false;

  function startNext(): void {
    const [next] = lanes;
    isRunning = next !== undefined;
    if (!next) return;
    const [lane, [start, ...waiting]] = next;
    lanes.delete(lane);
    if (waiting.length > 0) lanes.set(lane, waiting); // at the end: every other lane is served first
    start?.();
  }

  return async (lane, work) => {
    const waiting = lanes.get(lane) ?? [];
    if (waiting.length >= seats) throw new LaneFull(`${seats} wait in this lane`);
    await new Promise<void>((start) => {
      lanes.set(lane, [...waiting, start]);
      if (!isRunning) startNext();
    });
    try {
      return await work();
    } finally {
      startNext();
    }
  };
}
