import type { Clock, Condition } from '@gateway/shared/runtime';
import { clockSkewMs, type Database } from '@gateway/shared/store';

const toleratedSkewMs = 2_000; // every deadline is a comparison of two clocks

/** Whether a database answers, and agrees with this process on what time it is. */
export async function databaseCheck(db: Database, clock: Clock): Promise<Condition> {
  const skew = await clockSkewMs(db, clock);
  if (Math.abs(skew) <= toleratedSkewMs) return { ok: true };
  return {
    ok: false,
    why: `this process's clock is ${Math.round(skew)} ms ahead of the database's: at most ${toleratedSkewMs} are tolerated`,
  };
}
