import { ErrorWithoutStack } from '@gateway/shared/runtime';

/** Runs one piece of work at a time, one of each lane in order: a crowd in one lane does not keep the others waiting. */
export type FairQueue = <T>(lane: string, work: () => Promise<T>) => Promise<T>;

/** Too many wait in this lane. The work did not run. */
export class LaneFull extends ErrorWithoutStack {
  override readonly name = 'LaneFull';
}

interface FairQueueOptions {
  /** How many pieces of work may wait in one lane. */
  seats: number;
  /** At most this share of the time is spent on work, 0 to 1: the queue pauses after each piece, so that others get the processor. */
  busyShare: number;
}

/** @throws LaneFull at once when all seats of the lane are taken */
export function createFairQueue({ seats, busyShare }: FairQueueOptions): FairQueue {
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
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      const pauseMs = (performance.now() - startedAt) * (1 / busyShare - 1);
      if (pauseMs > 0) setTimeout(startNext, pauseMs).unref();
      else startNext();
    }
  };
}
