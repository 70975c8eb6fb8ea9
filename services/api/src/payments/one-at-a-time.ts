import { isLockTimeout } from '@gateway/shared/postgres';
import { Problem } from '../http/problem.ts';

/** Runs at most one call for each key at a time in this process. Further calls wait without a connection, in the order of arrival. */
export type OneAtATime = <T>(key: string, call: () => Promise<T>) => Promise<T>;

interface Waiter {
  start(): void;
  refuse(error: unknown): void;
}

/**
 * When a call does not get its lock in time, the calls that wait for the same key at that moment fail alike: each of them would wait for
 * the same lock, one after the other.
 * @throws Problem `order_busy` at once when `maxWaiting` calls wait for the key
 */
export function createOneAtATime(maxWaiting: number): OneAtATime {
  const queues = new Map<string, Waiter[]>();
  return async (key, call) => {
    const queue = queues.get(key) ?? [];
    if (!queues.has(key)) queues.set(key, queue);
    else {
      if (queue.length >= maxWaiting)
        throw new Problem('order_busy', 'Too many requests for this order at once. Try again in a second.', { retryAfter: 1 });
      await new Promise<void>((start, refuse) => queue.push({ start, refuse }));
    }
    try {
      return await call();
    } catch (error) {
      if (isLockTimeout(error)) for (const waiter of queue.splice(0)) waiter.refuse(error);
      throw error;
    } finally {
      const next = queue.shift();
      if (next) next.start();
      else queues.delete(key);
    }
  };
}
