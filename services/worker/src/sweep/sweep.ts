import type { Database } from '@gateway/shared/postgres';
import { type Enqueue, type Handlers, runJob } from '@gateway/shared/queue';
import type { Clock, Logger } from '@gateway/shared/runtime';
import { due, type leases } from '@gateway/shared/store';
import { type Job, jobFor } from './due-job.ts';
import { createSweepWatermark, type SweepWatermark } from './watermark.ts';

const batch = 200; // of each kind, each round: more waits for the next round, half a second later
const attemptsAtOnce = 10; // nobody waits for them, and a provider that hung leaves a hundred at a time: tills come first
const inProcessLimit = 8; // jobs that the sweep itself runs at a time when the queue is away: slower, but a till still gets its QR

export interface Sweep {
  /** Stops, and waits for what is under way. */
  stop(): Promise<void>;
}

interface SweepDeps {
  /** One for each database: hosts may share one. */
  databases: () => readonly { database: string; db: Pick<Database, 'pool'> }[];
  enqueue: Enqueue;
  handlers: Handlers;
  clock: Clock;
  log: Logger;
  everyMs?: number;
}

/** Rows that are due → jobs. What the flow lost (a crash, a flushed Redis) is found here and moves again. */
export function startSweep({ databases, enqueue, handlers, clock, log, everyMs = 500 }: SweepDeps): Sweep {
  let isStopping = false;
  let isQueueDown = false;
  const running = new Set<Promise<unknown>>();
  const watermarks = new Map<string, SweepWatermark>();
  const scheduled = new Set<NodeJS.Timeout>();

  async function round({ database, db }: { database: string; db: Pick<Database, 'pool'> }): Promise<void> {
    const limit = isQueueDown ? inProcessLimit - running.size - scheduled.size : batch; // what is run by hand is not claimed faster than it is done
    if (limit <= 0) return;
    const now = clock.now();
    const watermark = watermarkOf(database);
    const dueRows = await due.claim(db.pool, { now, limit, attemptLimit: attemptsAtOnce, after: watermark.from(now), aheadMs: everyMs });
    const attempts = dueRows.filter(({ kind }) => kind === 'attempt').length;
    if (dueRows.length < limit && attempts < attemptsAtOnce) watermark.completed(now);
    if (dueRows.length > 0) log.debug({ count: dueRows.length, host: database }, 'due rows claimed');
    const isAhead = (each: due.Due): each is leases.DuePayment => each.kind === 'payment' && each.dueAt > now;
    for (const each of dueRows.filter(isAhead)) scheduleStart(jobFor(each), each.dueAt.getTime() - now.getTime());
    await Promise.all(
      dueRows
        .filter((each) => !isAhead(each))
        .map(jobFor)
        .sort(chargeJobsFirst)
        .map(start),
    );
  }

  function watermarkOf(database: string): SweepWatermark {
    const watermark = watermarks.get(database) ?? createSweepWatermark();
    watermarks.set(database, watermark);
    return watermark;
  }

  function scheduleStart(job: Job, inMs: number): void {
    const timer = setTimeout(() => {
      scheduled.delete(timer);
      void start(job);
    }, inMs);
    scheduled.add(timer);
  }

  async function start({ name, payload }: Job): Promise<void> {
    isQueueDown = !(await enqueue(name, payload));
    if (!isQueueDown) return;
    while (running.size >= inProcessLimit) await Promise.race(running);
    if (isStopping) return; // its claim runs out, and another process takes it
    const run = runJob(name, payload, handlers, log)
      .catch(() => {}) // said in its line; the row stays due
      .finally(() => running.delete(run));
    running.add(run);
  }

  const rounds = new Map<string, Promise<void>>();
  const timer = setInterval(() => {
    for (const each of databases()) {
      if (rounds.has(each.database)) continue; // the last round is still under way
      const one = round(each)
        .catch((error) => log.warn({ err: error, host: each.database }, 'sweep query failed'))
        .finally(() => rounds.delete(each.database));
      rounds.set(each.database, one);
    }
  }, everyMs);
  return {
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      await Promise.all(rounds.values());
      for (const each of scheduled) clearTimeout(each); // their claims run out, and another process takes them
      await Promise.all(running);
    },
  };
}

/** Somebody stands at the till and waits for a charge; the others can wait. */
const chargeJobsFirst = (a: Job, b: Job): number => Number(b.name === 'charge') - Number(a.name === 'charge');
