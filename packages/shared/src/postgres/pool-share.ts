import type pg from 'pg';

/** Runs calls that may hold a connection of this pool for long. At most the share of its connections runs them at a time. */
export type PoolShare = <T>(pool: pg.Pool, call: () => Promise<T>, options?: { patienceMs?: number }) => Promise<T>;

/** Every place of a share was taken for as long as the call would wait. The call did not run. */
export class PoolShareFull extends Error {
  override readonly name = 'PoolShareFull';
}

/**
 * A share of every pool, at least one connection of each. A further call waits for a place without a connection, in the order of
 * arrival: for ever, or for `patienceMs`, and then PoolShareFull is thrown.
 * @param part of the pool's largest number of connections, from 0 to 1
 */
export function createPoolShare(part: number): PoolShare {
  const placesByPool = new WeakMap<pg.Pool, Places>();
  return (pool, call, { patienceMs } = {}) => {
    const places = placesByPool.get(pool) ?? new Places(Math.max(1, Math.floor(pool.options.max * part)));
    placesByPool.set(pool, places);
    return places.run(call, patienceMs);
  };
}

class Places {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(call: () => Promise<T>, patienceMs: number | undefined): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#freePlace(patienceMs);
    try {
      return await call();
    } finally {
      const [next] = this.#waiting; // it takes over this place
      if (next) next();
      else this.#free++;
    }
  }

  #freePlace(patienceMs: number | undefined): Promise<void> {
    return new Promise((resume, giveUp) => {
      const waiter = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        resume();
      };
      const onTimeout = () => {
        this.#waiting.delete(waiter);
        giveUp(new PoolShareFull('every connection of the share is taken'));
      };
      const timer = patienceMs === undefined ? undefined : setTimeout(onTimeout, patienceMs);
      this.#waiting.add(waiter);
    });
  }
}
