import type { Clock } from '@gateway/shared/runtime';
import type { Floor, OutboxLag } from '@gateway/shared/store';

// Ids are given out before their transaction commits, so a low one may appear late: a floor is laid only where nobody can be
// at work any more. Our statements are cut off after 5 s and an idle transaction after 10 s.
const settledAfterMs = 30_000;

/** Below everything: a look from here sees all that waits. */
export const ground: Floor = { id: 0, turn: 0 };

/** From where one relay looks: it rises behind what has been told, so that a look costs the same however much that is. */
export interface OutboxFloor {
  readonly current: Floor;
  /** Everything that was ever given a turn up to this one has been told. */
  told(turn: number): void;
  /** What a look at the outbox has found. Something that waits below the floor lowers it again. */
  looked(found: Pick<OutboxLag, 'lowest' | 'reached'>): void;
  /** Nothing is known any more: the next look sees everything. */
  reset(): void;
}

export function createFloor(clock: Clock): OutboxFloor {
  let current = ground;
  let settling: { at: number; reached: Floor }[] = [];

  /** What had been given out so long ago that every transaction of that time has ended. */
  function settled(now: number): Floor {
    let reached = current;
    while (settling[0] && now - settling[0].at >= settledAfterMs) reached = settling.shift()?.reached ?? reached;
    return reached;
  }

  return {
    get current() {
      return current;
    },
    told: (turn) => {
      current = { id: current.id, turn: Math.max(current.turn, turn) };
    },
    looked: ({ lowest, reached }) => {
      const now = clock.now().getTime();
      const { id, turn } = settled(now);
      current = {
        id: Math.min(Math.max(current.id, id), (lowest.id ?? Number.POSITIVE_INFINITY) - 1),
        turn: Math.min(Math.max(current.turn, turn), (lowest.turn ?? Number.POSITIVE_INFINITY) - 1),
      };
      settling.push({ at: now, reached });
    },
    reset: () => {
      current = ground;
      settling = [];
    },
  };
}
