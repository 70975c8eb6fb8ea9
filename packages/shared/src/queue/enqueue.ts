import type { Queue } from 'bullmq';
import { type JobName, type JobPayload, jobCatalog, jobId, type QueueName, queues } from './job-catalog.ts';
import { openQueue } from './redis.ts';

/**
 * Adds a job; true when the queue has it. False after `withinMs` or when Redis is away: never an error, because the row that
 * implies the job has a deadline, and the sweep will find it. May be called twice: the same claim is one job.
 */
export type Enqueue = <Name extends JobName>(name: Name, payload: JobPayload<Name>) => Promise<boolean>;

export interface JobQueues {
  enqueue: Enqueue;
  /** The queues themselves, for those who look at them (Bull Board, metrics). */
  all: readonly Queue[];
  close(): Promise<void>;
}

export function openQueues(
  redisUrl: string,
  { onError = () => {}, withinMs = 250 }: { onError?: (error: Error) => void; withinMs?: number } = {},
): JobQueues {
  const open = Object.fromEntries(Object.keys(queues).map((name) => [name, openQueue(name, redisUrl, onError)])) as Record<
    QueueName,
    Queue
  >;
  return {
    all: Object.values(open),
    enqueue: async (name, payload) => {
      try {
        await within(open[jobCatalog[name].queue].add(name, payload, { jobId: jobId(name, payload) }), withinMs);
        return true;
      } catch (error) {
        onError(error as Error);
        return false;
      }
    },
    close: async () => {
      // A queue that never reached its Redis waits for it even to close.
      await Promise.allSettled(Object.values(open).map((queue) => within(queue.close(), 1_000)));
    },
  };
}

/** Queue#add waits for the *first* connection whatever the client's options say, so it is bounded here. The add may still happen later. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(Object.assign(new Error(`the queue did not answer within ${ms} ms`), { code: 'EQUEUE' })), ms);
  promise.catch(() => {}); // it lost the race; whoever called has its answer
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
