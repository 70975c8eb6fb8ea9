import { type Enqueue, type Handlers, runJob } from '@gateway/shared/queue';
import type { Clock, Logger } from '@gateway/shared/runtime';
import { claimDue, type Database } from '@gateway/shared/store';
import { type Job, jobOf } from './due-job.ts';

const leaseMs = 20_000; // longer than two questions to a provider; a job sets its own next look when it is done
const chargeLeaseMs = 3_000; // a till waits: whoever works on it renews
const batch = 200; // of each kind, each round: more waits for the next round, half a second later
const byHand = 8; // jobs that the sweep itself runs at a time when the queue is away: slower, but a till still gets its QR

export interface Sweep {
  /** Stops, and waits for the round that is under way. */
  stop(): Promise<void>;
}

interface SweepDeps {
  /** One for each database: hosts may share one. */
  databases: () => readonly { database: string; db: Database }[];
  enqueue: Enqueue;
  handlers: Handlers;
  clock: Clock;
  log: Logger;
  everyMs?: number;
}

/** Rows that are due → jobs. What the flow lost (a crash, a flushed Redis) is found here and moves again. */
export function startSweep({ databases, enqueue, handlers, clock, log, everyMs = 500 }: SweepDeps): Sweep {
  let stopping = false;
  let inHand = 0;

  async function round({ database, db }: { database: string; db: Database }): Promise<void> {
    const now = clock.now();
    const after = (ms: number) => new Date(now.getTime() + ms);
    const limit = inHand >= byHand ? 0 : batch; // what is run by hand is not claimed faster than it is done
    const due = limit === 0 ? [] : await claimDue(db.pool, { now, until: after(leaseMs), chargeUntil: after(chargeLeaseMs), limit });
    if (due.length > 0) log.debug({ count: due.length, host: database }, 'due rows claimed');
    await Promise.all(due.map((row) => start(jobOf(row))));
  }

  async function start({ name, payload }: Job): Promise<void> {
    if (await enqueue(name, payload)) return;
    while (inHand >= byHand && !stopping) await new Promise((retry) => setTimeout(retry, 50));
    if (stopping) return; // its claim runs out, and another process takes it
    inHand++;
    runJob(name, payload, handlers, log)
      .catch(() => {}) // said in its line; the row stays due
      .finally(() => inHand--);
  }

  const loops = new Map<string, Promise<void>>();
  const timer = setInterval(() => {
    for (const each of databases()) {
      if (loops.has(each.database)) continue; // the last round is still under way
      const one = round(each)
        .catch((error) => log.warn({ err: error, host: each.database }, 'the sweep could not look'))
        .finally(() => loops.delete(each.database));
      loops.set(each.database, one);
    }
  }, everyMs);
  return {
    stop: async () => {
      stopping = true;
      clearInterval(timer);
      await Promise.all(loops.values());
    },
  };
}
