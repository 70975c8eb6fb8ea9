import type { Clock, Condition } from '../runtime/index.ts';
import type { Database, Statement } from './database.ts';

const serverTime: Statement = { name: 'clock', text: 'select clock_timestamp() as now' };

/**
 * How far this process's clock is ahead of the database's, in milliseconds; negative when it is behind. The database's time is
 * compared with the middle of the round trip.
 */
export async function clockSkewMs({ pool }: Pick<Database, 'pool'>, clock: Clock): Promise<number> {
  const startedAt = clock.now().getTime();
  const { rows } = await pool.query<{ now: Date }>(serverTime);
  const middle = (startedAt + clock.now().getTime()) / 2;
  return middle - (rows[0]?.now.getTime() ?? middle);
}

const toleratedSkewMs = 2_000; // every deadline compares the clocks of two processes

/** For readiness: whether a database answers, and whether its clock agrees with this process's clock. @throws when it does not answer */
export async function databaseCheck(db: Pick<Database, 'pool'>, clock: Clock): Promise<Condition> {
  const skew = await clockSkewMs(db, clock);
  if (Math.abs(skew) <= toleratedSkewMs) return { ok: true };
  return {
    ok: false,
    why: `this process's clock is ${Math.round(skew)} ms ahead of the database's: at most ${toleratedSkewMs} are tolerated`,
  };
}

/** The clock check of several databases. A database that does not answer is skipped: the host check reports it. */
export async function clockCheck(databases: readonly { database: string; db: Pick<Database, 'pool'> }[], clock: Clock): Promise<Condition> {
  const checks = await Promise.allSettled(databases.map(({ db }) => databaseCheck(db, clock)));
  const problems = checks.flatMap((check, index) =>
    check.status === 'fulfilled' && !check.value.ok ? [`${databases[index]?.database}: ${check.value.why}`] : [],
  );
  return problems.length === 0 ? { ok: true } : { ok: false, why: problems.join('\n') };
}
