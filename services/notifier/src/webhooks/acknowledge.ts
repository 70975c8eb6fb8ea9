import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '@gateway/shared/postgres';
import { webhookCursors } from '@gateway/shared/store';

const mostInOneStatement = 200;
const gatherMs = 5; // while many end: delays only the next event of the same store and endpoint

/** Notes a delivery. @returns what follows it */
export type Acknowledge = (delivered: webhookCursors.Delivered) => Promise<webhookCursors.Following>;

interface Waiting {
  delivered: webhookCursors.Delivered;
  resolve: (following: webhookCursors.Following) => void;
  reject: (error: unknown) => void;
}

/**
 * One delivery is noted at once. Those that end while a statement runs are noted together by the next one. After a statement with several
 * deliveries, the next statement waits a moment for more of them, so that many cost few round trips, and a single one waits for nothing.
 */
export function createAcknowledge(db: Queryable): Acknowledge {
  const waiting: Waiting[] = [];
  let isRunning = false;
  let areMany = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      if (areMany) await sleep(gatherMs);
      const batch = waiting.splice(0, mostInOneStatement);
      areMany = batch.length > 1;
      await note(batch);
    }
    isRunning = false;
  }

  async function note(batch: readonly Waiting[]): Promise<void> {
    try {
      const deliveries = batch.map(({ delivered }) => delivered);
      const following = await webhookCursors.delivered(db, deliveries);
      for (const [n, { resolve }] of batch.entries()) resolve(following[n] ?? null);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return (delivered) =>
    new Promise((resolve, reject) => {
      waiting.push({ delivered, resolve, reject });
      if (!isRunning) void run();
    });
}
