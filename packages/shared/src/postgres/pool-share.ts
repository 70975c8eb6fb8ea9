import type pg from 'pg';
import { ErrorWithoutStack } from '../runtime/error-without-stack.ts';

/** Runs calls that may hold a connection of this pool for long. At most the share of its connections runs them at a time. */
export type PoolShare = <T>(pool: pg.Pool, call: () => Promise<T>, options?: WaitOptions) => Promise<T>;

interface WaitOptions {
  /** How long a call waits for a place, milliseconds. Default: for ever. */
  patienceMs?: number;
  /** How many calls may wait. Default: any number. */
  maxWaiting?: number;
}

/** Every place of a share was taken for as long as the call would wait, or too many others waited already. The call did not run. */
export class PoolShareFull extends ErrorWithoutStack {
  override readonly name = 'PoolShareFull';
}

/**
 * A share of every pool, at least one connection of each. A further call waits for a place without a connection, in the order of
 * arrival. PoolShareFull is thrown when `patienceMs` is over, and at once when `maxWaiting` calls wait already.
 * @param part of the pool's largest number of connections, from 0 to 1
 */
export function createPoolShare(part: number): PoolShare {
  const placesByPool = new WeakMap<pg.Pool, Places>();
  return (pool, call, options = {}) => {
    const places = placesByPool.get(pool) ?? new Places(Math.max(1, Math.floor(pool.options.max * part)));
    placesByPool.set(pool, places);
    return places.run(call, options);
  };
}

class Places {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(call: () => Promise<T>, options: WaitOptions): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#freePlace(options);
    try {
      return await call();
    } finally {
      const [next] = this.#waiting; // it takes over this place
      if (next) next();
      else this.#free++;
    }
  }

  #freePlace({ patienceMs, maxWaiting = Number.POSITIVE_INFINITY }: WaitOptions): Promise<void> {
    if (this.#waiting.size >= maxWaiting) throw new PoolShareFull('every place is taken, and too many calls wait for one');
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
