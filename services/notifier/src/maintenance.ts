import { clockSkewMs } from '@gateway/shared/postgres';
import { type Clock, type Logger, plusMs } from '@gateway/shared/runtime';
import { retention } from '@gateway/shared/store';
import type { RelayDatabase } from './relay.ts';

const dayMs = 86_400_000;
const everyMs = 3_600_000;
const retryMs = 60_000; // after an error: a database that was unavailable at the start needs its partitions soon
const trustedSkewMs = 3_600_000; // a dropped partition is lost, so a clock that is wrong by years must not decide

export interface Maintenance {
  /** Creates the next partitions, drops expired ones and deletes expired rows. May run twice, also at the same time. */
  runOnce(): Promise<void>;
}

interface MaintenanceDeps {
  database: RelayDatabase;
  clock: Clock;
  log: Logger;
  /** How long paid and void orders of tills are kept. Null: this database has none. */
  tillOrdersDays: number | null;
}

export function createMaintenance({ database: { key, db }, clock, log, tillOrdersDays }: MaintenanceDeps): Maintenance {
  return {
    runOnce: async () => {
      const at = clock.now();
      await retention.createPartitions(db, at);
      for (const { partition, result } of await retention.dropExpiredPartitions(db, at)) {
        const fields = { host: key, table: partition };
        if (result === 'dropped') log.info(fields, 'expired partition dropped');
        else log.warn({ ...fields, reason: result }, 'expired partition not dropped, will be retried');
      }
      const ended = tillOrdersDays === null ? 0 : await retention.pruneTillOrders(db, plusMs(at, -tillOrdersDays * dayMs));
      for (const [table, count] of Object.entries({ ...(await retention.pruneRows(db, at)), till_orders: ended })) {
        if (count > 0) log.info({ host: key, table, count }, 'expired rows deleted');
      }
    },
  };
}

export interface MaintenanceTimer {
  /** Waits for the run in progress. */
  close(): Promise<void>;
}

/** Runs maintenance at once and then every hour. Retries after a minute, without a change, while this process's clock differs from the database's by more than an hour. */
export function startMaintenance(
  maintenance: Maintenance,
  { database: { key, db }, clock, log }: Omit<MaintenanceDeps, 'tillOrdersDays'>,
): MaintenanceTimer {
  let timer: NodeJS.Timeout;
  let running: Promise<void> = Promise.resolve();

  async function round(): Promise<number> {
    try {
      const skew = await clockSkewMs(db, clock);
      if (Math.abs(skew) > trustedSkewMs) throw new Error(`this process's clock is ${Math.round(skew / 1_000)} s ahead of the database's`);
      await maintenance.runOnce();
      return everyMs;
    } catch (error) {
      log.warn({ host: key, err: error }, 'maintenance failed, retrying in 60 s');
      return retryMs;
    }
  }

  const next = (ms: number): void => {
    timer = setTimeout(() => {
      running = round().then(next);
    }, ms);
  };
  next(0);
  return {
    close: async () => {
      await running;
      clearTimeout(timer);
    },
  };
}
