import type { Clock, Logger } from '@gateway/shared/runtime';
import { clockSkewMs, dropOldPartitions, makePartitions, pruneRows } from '@gateway/shared/store';
import type { RelayDatabase } from './relay.ts';

const everyMs = 3_600_000;
const againMs = 60_000; // after trouble: a database that was away at the start needs its partitions soon
const trustedSkewMs = 3_600_000; // what is dropped is gone: a clock that is wrong by years must not decide it

export interface Upkeep {
  /** Makes the partitions to come, drops those that are over, deletes what expired. May run twice, also at the same time. */
  runOnce(): Promise<void>;
}

export function createUpkeep({ database: { key, db }, clock, log }: { database: RelayDatabase; clock: Clock; log: Logger }): Upkeep {
  return {
    runOnce: async () => {
      const at = clock.now();
      await makePartitions(db, at);
      for (const { partition, fate } of await dropOldPartitions(db, at)) {
        const fields = { host: key, table: partition };
        if (fate === 'dropped') log.info(fields, 'a partition was over, and was dropped');
        else log.warn({ ...fields, reason: fate }, 'a partition is over and could not be dropped: the next round tries again');
      }
      for (const [table, count] of Object.entries(await pruneRows(db, at))) {
        if (count > 0) log.info({ host: key, table, count }, 'rows that were over were deleted');
      }
    },
  };
}

export interface UpkeepTimer {
  /** Waits for the round in hand. */
  close(): Promise<void>;
}

/** Runs it at once and every hour, as long as this process's clock can be believed. */
export function startUpkeep(upkeep: Upkeep, { database: { key, db }, clock, log }: Parameters<typeof createUpkeep>[0]): UpkeepTimer {
  let timer: NodeJS.Timeout;
  let inHand: Promise<void> = Promise.resolve();

  async function round(): Promise<number> {
    try {
      const skew = await clockSkewMs(db, clock);
      if (Math.abs(skew) > trustedSkewMs) throw new Error(`this process's clock is ${Math.round(skew / 1_000)} s ahead of the database's`);
      await upkeep.runOnce();
      return everyMs;
    } catch (error) {
      log.warn({ host: key, err: error }, 'upkeep of the database was not finished; it is tried again in a minute');
      return againMs;
    }
  }

  const next = (ms: number): void => {
    timer = setTimeout(() => {
      inHand = round().then(next);
    }, ms);
  };
  next(0);
  return {
    close: async () => {
      await inHand;
      clearTimeout(timer);
    },
  };
}
