import { setTimeout as delay } from 'node:timers/promises';
import { audit } from '@gateway/operations/audit';
import type { HostedDatabase, Hosts } from '@gateway/shared/host';
import { type Clock, type Logger, plusMs } from '@gateway/shared/runtime';
import { auditRuns } from '@gateway/shared/store';

const dayMs = 86_400_000;
const firstAfterMs = 15 * 60_000; // a database that is new has little to audit, and its processes have just started
const quietHourUtc = 20; // 3 o'clock in Jakarta: restaurants are closed
const sinceMs = 7 * dayMs; // most wallets refund for seven days; late money arrives within two
const leaseMs = 5 * 60_000; // renewed after each page of 1,000 payments, which takes seconds
const retryMs = 3_600_000;
const lookEveryMs = 60_000;

export interface DailyAudit {
  /** Audits each database whose audit is due. May run in several processes at the same time: each database is audited by one. */
  runDue(): Promise<void>;
  /** Ends the run in progress after its page. What it found is not stored, and another process begins anew. */
  stop(): Promise<void>;
}

export interface DailyAuditDeps {
  hosts: Pick<Hosts, 'databases' | 'ready' | 'states'>;
  clock: Clock;
  log: Logger;
  /** The most payments of one run. */
  maxPayments?: number;
  /** Between two pages of payments, so that the audit takes a small part of what the database can do. */
  pauseMs?: number;
}

/** Compares the records of the last week with the invariants once a day, at the quiet hour, and stores what it finds. */
export function createDailyAudit({ hosts, clock, log, maxPayments = 500_000, pauseMs = 500 }: DailyAuditDeps): DailyAudit {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function auditOne({ db, database, hosts: ids }: HostedDatabase): Promise<void> {
    const startedAt = clock.now();
    await auditRuns.scheduleFirst(db.pool, plusMs(startedAt, firstAfterMs));
    const leaseNo = await auditRuns.claim(db.pool, startedAt, plusMs(startedAt, leaseMs));
    if (leaseNo === null) return;
    const ready = hosts.ready().filter((host) => host.db === db);
    const since = plusMs(startedAt, -sinceMs);
    let isHeld = true;
    const goesOn = async (count: number): Promise<boolean> => {
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
      isHeld = !stopping.signal.aborted && (await auditRuns.postpone(db.pool, leaseNo, plusMs(clock.now(), leaseMs)));
      return isHeld && count < maxPayments;
    };
    try {
      const { payments, findings, isComplete } = await audit({
        db: db.pool,
        hosts: ready,
        readCharges: null,
        now: startedAt,
        since,
        goesOn,
      });
      if (!isHeld) return;
      const broken = findings.filter(({ state }) => state === 'broken').length;
      const counts = { payments, broken, waiting: findings.length - broken };
      const run = { since, startedAt, finishedAt: clock.now(), ...counts, isComplete: isComplete && ready.length === ids.length };
      const isStored = await auditRuns.store(db, leaseNo, { run, findings, nextAt: nextQuietHour(startedAt) });
      if (isStored && broken > 0) log.warn({ host: database, count: broken }, 'daily audit found broken invariants, see ops -- audit');
      else if (isStored) log.info({ host: database, count: payments }, 'daily audit found nothing broken');
    } catch (error) {
      log.warn({ host: database, err: error }, 'daily audit failed, retrying in an hour');
      await auditRuns.postpone(db.pool, leaseNo, plusMs(clock.now(), retryMs)).catch(() => {}); // else the lease ends by its time
    }
  }

  const runDue = async (): Promise<void> => {
    for (const database of hosts.databases()) {
      if (stopping.signal.aborted) return;
      await auditOne(database).catch((error: unknown) => log.warn({ host: database.database, err: error }, 'daily audit not started'));
    }
  };
  return {
    runDue: () => {
      running = running.then(runDue);
      return running;
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Looks each minute whether an audit is due. */
export function startDailyAudit(deps: DailyAuditDeps): { close(): Promise<void> } {
  const dailyAudit = createDailyAudit(deps);
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    void dailyAudit.runDue().finally(() => {
      isRunning = false;
    });
  }, lookEveryMs);
  return {
    close: async () => {
      clearInterval(timer);
      await dailyAudit.stop();
    },
  };
}

function nextQuietHour(after: Date): Date {
  const next = new Date(after);
  next.setUTCHours(quietHourUtc, 0, 0, 0);
  return next > after ? next : plusMs(next, dayMs);
}
