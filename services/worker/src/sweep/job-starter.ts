import { type Enqueue, type Handlers, runJob } from '@gateway/shared/queue';
import type { Logger } from '@gateway/shared/runtime';
import type { Job } from './due-job.ts';

const inProcessLimit = 8; // jobs at a time without the queue: slower, but a till still gets its QR

/** Adds jobs to the queue. While the queue does not accept jobs, runs them in this process. */
export interface JobStarter {
  /** How many more jobs to start now, at most `limit`. Without the queue, rows are not claimed faster than their jobs are finished. */
  capacity(limit: number): number;
  /** Adds the job; without the queue, waits for a free place and starts it. Never throws. */
  start(job: Job): Promise<void>;
  startLater(job: Job, delayMs: number): void;
  /** Starts nothing more, and waits for the jobs that run in this process. Rows whose jobs were not started are claimed again later. */
  stop(): Promise<void>;
}

interface JobStarterDeps {
  enqueue: Enqueue;
  handlers: Handlers;
  log: Logger;
}

export function createJobStarter({ enqueue, handlers, log }: JobStarterDeps): JobStarter {
  let isStopping = false;
  let isQueueDown = false;
  const running = new Set<Promise<unknown>>();
  const scheduled = new Set<NodeJS.Timeout>();

  async function start({ name, payload }: Job): Promise<void> {
    isQueueDown = !(await enqueue(name, payload));
    if (!isQueueDown) return;
    while (running.size >= inProcessLimit) await Promise.race(running);
    if (isStopping) return;
    const run = runJob(name, payload, handlers, log)
      .catch(() => {}) // runJob has logged it, and its row stays due
      .finally(() => running.delete(run));
    running.add(run);
  }

  return {
    capacity: (limit) => (isQueueDown ? inProcessLimit - running.size - scheduled.size : limit),
    start,
    startLater: (job, delayMs) => {
      if (isStopping) return;
      const timer = setTimeout(() => {
        scheduled.delete(timer);
        void start(job);
      }, delayMs);
      scheduled.add(timer);
    },
    stop: async () => {
      isStopping = true;
      for (const timer of scheduled) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
