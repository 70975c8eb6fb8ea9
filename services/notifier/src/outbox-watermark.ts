import type { Clock } from '@gateway/shared/runtime';
import type { outbox } from '@gateway/shared/store';

// Ids are given out before their transaction commits, so a low one may appear late: a floor is laid only where nobody can be
// at work any more. Our statements are cut off after 5 s and an idle transaction after 10 s.
const settledAfterMs = 30_000;

/** Below everything: a look from here sees all that waits. */
export const fromStart: outbox.Watermark = { id: 0, position: 0 };

/** From where one relay looks: it rises behind what has been told, so that a look costs the same however much that is. */
export interface OutboxWatermark {
  readonly current: outbox.Watermark;
  /** Everything that was ever given a turn up to this one has been told. */
  published(position: number): void;
  /** What a look at the outbox has found. Something that waits below the floor lowers it again. */
  measured(found: Pick<outbox.OutboxLag, 'lowest' | 'reached'>): void;
  /** Nothing is known any more: the next look sees everything. */
  reset(): void;
}

export function createWatermark(clock: Clock): OutboxWatermark {
  let current = fromStart;
  let observed: { at: number; reached: outbox.Watermark }[] = [];

  /** What had been given out so long ago that every transaction of that time has ended. */
  function settled(now: number): outbox.Watermark {
    let reached = current;
    while (observed[0] && now - observed[0].at >= settledAfterMs) reached = observed.shift()?.reached ?? reached;
    return reached;
  }

  return {
    get current() {
      return current;
    },
    published: (position) => {
      current = { id: current.id, position: Math.max(current.position, position) };
    },
    measured: ({ lowest, reached }) => {
      const now = clock.now().getTime();
      const { id, position } = settled(now);
      current = {
        id: Math.min(Math.max(current.id, id), (lowest.id ?? Number.POSITIVE_INFINITY) - 1),
        position: Math.min(Math.max(current.position, position), (lowest.position ?? Number.POSITIVE_INFINITY) - 1),
      };
      observed.push({ at: now, reached });
    },
    reset: () => {
      current = fromStart;
      observed = [];
    },
  };
}
