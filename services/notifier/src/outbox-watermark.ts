import type { Clock } from '@gateway/shared/runtime';
import type { outbox } from '@gateway/shared/store';

// PostgreSQL assigns an id before the transaction commits, so a lower id may appear later. The watermark rises to an id only when every
// transaction of that time has ended: a statement is cancelled after 5 s, and an idle transaction after 10 s.
const settledAfterMs = 30_000;

/** Below every row: a query from here finds all unpublished events. */
export const fromStart: outbox.Watermark = { id: 0, position: 0 };

/** Where one relay's queries start. It rises behind published events, so that a query costs the same however many there are. */
export interface OutboxWatermark {
  readonly current: outbox.Watermark;
  /** Every event up to this position is published. */
  published(position: number): void;
  /** The result of `outbox.lag`. An unpublished event below the watermark lowers it. */
  measured(found: Pick<outbox.OutboxLag, 'lowest' | 'reached'>): void;
  /** The next query starts at the first row. */
  reset(): void;
}

export function createWatermark(clock: Clock): OutboxWatermark {
  let current = fromStart;
  let observed: { at: number; reached: outbox.Watermark }[] = [];

  /** The ids and positions that were assigned so long ago that every transaction of that time has ended. */
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
