import type { Queue } from 'bullmq';
import { type JobName, type JobPayload, jobCatalog, jobId, type QueueName, queues } from './job-catalog.ts';
import { openQueue, producerConnection } from './redis.ts';

/**
 * Adds a job; true when the queue has it. False after `withinMs`, and when Redis is unavailable. Never throws: the row that implies
 * the job has a deadline, so the sweep finds it. May run twice: the same row with the same lease number is one job.
 */
export type Enqueue = <Name extends JobName>(name: Name, payload: JobPayload<Name>) => Promise<boolean>;

export interface JobQueues {
  enqueue: Enqueue;
  /** The queues, for Bull Board and metrics. */
  all: readonly Queue[];
  close(): Promise<void>;
}

export function openQueues(
  redisUrl: string,
  { onError = () => {}, withinMs = 250 }: { onError?: (error: Error) => void; withinMs?: number } = {},
): JobQueues {
  const producer = producerConnection(redisUrl);
  const open = Object.fromEntries(Object.keys(queues).map((name) => [name, openQueue(name, producer.connection, onError)])) as Record<
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
      // A queue that never connected to Redis waits for the connection before it closes.
      await Promise.allSettled(Object.values(open).map((queue) => within(queue.close(), 1_000)));
      producer.close();
    },
  };
}

/** `Queue#add` waits for the first connection, whatever the options of the client say. So it is limited here; the job may still be added later. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const { promise: answer, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(Object.assign(new Error(`the queue did not answer within ${ms} ms`), { code: 'EQUEUE' })), ms);
  promise.then(resolve, reject); // it may fail after the timeout
  return answer.finally(() => clearTimeout(timer));
}
