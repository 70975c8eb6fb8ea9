import { type Enqueue, type Handlers, runJob } from '@gateway/shared/queue';
import type { Logger } from '@gateway/shared/runtime';
import type { Job } from './due-job.ts';

// Jobs at a time without the queue: slower, but a till still gets its QR. A charge job may take any of the places. The other jobs leave
// some free, because a provider or a host that is slow would otherwise keep every till waiting.
const placesWithoutQueue = 12;
const placesForOthers = 8;

/** How many more jobs to start now. */
export interface Capacity {
  /** Charge jobs: a till waits for each. Undefined: they count among `others`. */
  tills: number | undefined;
  others: number;
}

/** Adds jobs to the queue. While the queue does not accept jobs, runs them in this process. */
export interface JobStarter {
  /** At most `limit`. Without the queue, rows are not claimed faster than their jobs are finished. */
  capacity(limit: number): Capacity;
  /** Adds the job; without the queue, starts it as soon as a place is free, charge jobs first. Never throws. */
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
  const running = new Map<Promise<unknown>, Job>();
  let waiting: Job[] = [];
  const scheduled = new Set<NodeJS.Timeout>();

  async function start(job: Job): Promise<void> {
    isQueueDown = !(await enqueue(job.name, job.payload));
    if (!isQueueDown || isStopping) return;
    waiting.push(job);
    fillPlaces();
  }

  /** A job that waits until its lease has ended is superseded when it starts: its row has been claimed again. */
  function fillPlaces(): void {
    for (let job = nextJob(); job; job = nextJob()) run(job);
  }

  function nextJob(): Job | undefined {
    if (running.size >= placesWithoutQueue) return undefined;
    const mayStart = othersAmong([...running.values()]) < placesForOthers ? () => true : isCharge;
    const next = waiting.find(isCharge) ?? waiting.find(mayStart);
    waiting = waiting.filter((job) => job !== next);
    return next;
  }

  function run({ name, payload }: Job): void {
    const run = runJob(name, payload, handlers, log)
      .catch(() => {}) // runJob has logged it, and its row stays due
      .finally(() => {
        running.delete(run);
        fillPlaces();
      });
    running.set(run, { name, payload } as Job);
  }

  return {
    capacity: (limit) => {
      if (!isQueueDown) return { tills: undefined, others: limit };
      const started = [...running.values(), ...waiting];
      return {
        tills: placesWithoutQueue - running.size - waiting.filter(isCharge).length,
        others: placesForOthers - othersAmong(started) - scheduled.size,
      };
    },
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
      waiting = [];
      for (const timer of scheduled) clearTimeout(timer);
      await Promise.all(running.keys());
    },
  };
}

const isCharge = ({ name }: Job): boolean => name === 'charge';
const othersAmong = (jobs: readonly Job[]): number => jobs.filter((job) => !isCharge(job)).length;
