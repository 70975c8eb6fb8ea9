import type { Database } from '@gateway/shared/postgres';
import type { Enqueue, Handlers } from '@gateway/shared/queue';
import type { Clock, Logger } from '@gateway/shared/runtime';
import { due } from '@gateway/shared/store';
import { type Job, jobFor } from './due-job.ts';
import { createJobStarter, type JobStarter } from './job-starter.ts';
import { createSweepWatermark, type SweepWatermark } from './watermark.ts';

const batchSize = 200; // rows of each kind per round; the others wait half a second for the next round
const attemptBatchSize = 10; // no till waits for unknown attempts, and an outage leaves a hundred of them at once: charge jobs come first

export interface Sweep {
  /** Stops claiming, and waits for what is running. */
  stop(): Promise<void>;
}

interface SweepDeps {
  /** Each database once: hosts may share one. */
  databases: () => readonly SweptDatabase[];
  enqueue: Enqueue;
  handlers: Handlers;
  clock: Clock;
  log: Logger;
  everyMs?: number;
}

interface SweptDatabase {
  database: string;
  db: Pick<Database, 'pool'>;
}

interface SweepContext {
  starter: JobStarter;
  clock: Clock;
  log: Logger;
  everyMs: number;
}

/**
 * Claims due rows and starts their jobs, in every database, each `everyMs`. Whatever a crash or an emptied Redis lost is due again
 * when its lease ends, and is found here.
 */
export function startSweep({ databases, enqueue, handlers, clock, log, everyMs = 500 }: SweepDeps): Sweep {
  const starter = createJobStarter({ enqueue, handlers, log });
  const context = { starter, clock, log, everyMs };
  const watermarks = new Map<string, SweepWatermark>();
  const rounds = new Map<string, Promise<void>>();

  const timer = setInterval(() => {
    for (const swept of databases()) {
      const { database } = swept;
      if (rounds.has(database)) continue; // the previous round still runs
      const watermark = watermarks.get(database) ?? createSweepWatermark();
      watermarks.set(database, watermark);
      const round = sweepOnce(context, swept, watermark)
        .catch((error) => log.warn({ err: error, host: database }, 'sweep query failed'))
        .finally(() => rounds.delete(database));
      rounds.set(database, round);
    }
  }, everyMs);

  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all([starter.stop(), ...rounds.values()]);
    },
  };
}

/** One round in one database. */
async function sweepOnce(
  { starter, clock, log, everyMs }: SweepContext,
  { database, db }: SweptDatabase,
  watermark: SweepWatermark,
): Promise<void> {
  const { tills, others: limit } = starter.capacity(batchSize);
  if (limit <= 0 && !(tills && tills > 0)) return;
  const now = clock.now();
  const limits = { limit, tillLimit: tills, attemptLimit: attemptBatchSize };
  const dueRows = await due.claim(db.pool, { ...limits, now, after: watermark.from(now), aheadMs: everyMs });
  const attemptCount = dueRows.filter(({ kind }) => kind === 'attempt').length;
  const isComplete = dueRows.length < Math.min(limit, tills ?? limit) && attemptCount < attemptBatchSize;
  if (isComplete) watermark.completed(now);
  if (dueRows.length > 0) log.debug({ count: dueRows.length, host: database }, 'due rows claimed');

  const isAhead = (row: due.Due): row is due.DueInSlot => 'dueAt' in row && row.dueAt > now;
  for (const row of dueRows.filter(isAhead)) starter.startLater(jobFor(row), row.dueAt.getTime() - now.getTime());
  const jobs = dueRows.filter((row) => !isAhead(row)).map(jobFor);
  await Promise.all(jobs.sort(chargeJobsFirst).map(starter.start));
}

/** A till waits for a charge job and for no other. */
const chargeJobsFirst = (a: Job, b: Job): number => Number(b.name === 'charge') - Number(a.name === 'charge');
