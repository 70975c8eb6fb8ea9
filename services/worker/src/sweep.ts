import { type Enqueue, type Handlers, runJob } from '@gateway/shared/queue';
import type { Clock, Logger } from '@gateway/shared/runtime';
import { claimDue, type Database, type Due, type DuePayment } from '@gateway/shared/store';
import { createDueFloor, type DueFloor } from './due-floor.ts';
import { type Job, jobOf } from './due-job.ts';

const batch = 200; // of each kind, each round: more waits for the next round, half a second later
const attemptsAtOnce = 10; // nobody waits for them, and a provider that hung leaves a hundred at a time: tills come first
const byHand = 8; // jobs that the sweep itself runs at a time when the queue is away: slower, but a till still gets its QR

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
  let stopping = false;
  let queueIsAway = false;
  const inHand = new Set<Promise<unknown>>();
  const floors = new Map<string, DueFloor>();
  const early = new Set<NodeJS.Timeout>();

  async function round({ database, db }: { database: string; db: Pick<Database, 'pool'> }): Promise<void> {
    const limit = queueIsAway ? byHand - inHand.size - early.size : batch; // what is run by hand is not claimed faster than it is done
    if (limit <= 0) return;
    const now = clock.now();
    const floor = floorOf(database);
    const due = await claimDue(db.pool, { now, limit, attempts: attemptsAtOnce, after: floor.at(now), aheadMs: everyMs });
    const attempts = due.filter(({ kind }) => kind === 'attempt').length;
    if (due.length < limit && attempts < attemptsAtOnce) floor.swept(now);
    if (due.length > 0) log.debug({ count: due.length, host: database }, 'due rows claimed');
    const isEarly = (each: Due): each is DuePayment => each.kind === 'payment' && each.dueAt > now;
    for (const each of due.filter(isEarly)) startLater(jobOf(each), each.dueAt.getTime() - now.getTime());
    await Promise.all(
      due
        .filter((each) => !isEarly(each))
        .map(jobOf)
        .sort(tillsFirst)
        .map(start),
    );
  }

  function floorOf(database: string): DueFloor {
    const floor = floors.get(database) ?? createDueFloor();
    floors.set(database, floor);
    return floor;
  }

  function startLater(job: Job, inMs: number): void {
    const timer = setTimeout(() => {
      early.delete(timer);
      void start(job);
    }, inMs);
    early.add(timer);
  }

  async function start({ name, payload }: Job): Promise<void> {
    queueIsAway = !(await enqueue(name, payload));
    if (!queueIsAway) return;
    while (inHand.size >= byHand) await Promise.race(inHand);
    if (stopping) return; // its claim runs out, and another process takes it
    const running = runJob(name, payload, handlers, log)
      .catch(() => {}) // said in its line; the row stays due
      .finally(() => inHand.delete(running));
    inHand.add(running);
  }

  const rounds = new Map<string, Promise<void>>();
  const timer = setInterval(() => {
    for (const each of databases()) {
      if (rounds.has(each.database)) continue; // the last round is still under way
      const one = round(each)
        .catch((error) => log.warn({ err: error, host: each.database }, 'the sweep could not look'))
        .finally(() => rounds.delete(each.database));
      rounds.set(each.database, one);
    }
  }, everyMs);
  return {
    stop: async () => {
      stopping = true;
      clearInterval(timer);
      await Promise.all(rounds.values());
      for (const each of early) clearTimeout(each); // their claims run out, and another process takes them
      await Promise.all(inHand);
    },
  };
}

/** Somebody stands at the till and waits for a charge; the others can wait. */
const tillsFirst = (a: Job, b: Job): number => Number(b.name === 'charge') - Number(a.name === 'charge');
