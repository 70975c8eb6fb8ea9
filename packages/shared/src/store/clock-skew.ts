import type { Clock } from '../runtime/index.ts';
import type { Database, Statement } from './database.ts';

const now: Statement = { name: 'clock', text: 'select clock_timestamp() as now' };

/** How far this process's clock is ahead of the database's, in milliseconds; negative when it is behind. The way there and back is halved out. */
export async function clockSkewMs({ pool }: Pick<Database, 'pool'>, clock: Clock): Promise<number> {
  const asked = clock.now().getTime();
  const { rows } = await pool.query<{ now: Date }>(now);
  const middle = (asked + clock.now().getTime()) / 2;
  return middle - (rows[0]?.now.getTime() ?? middle);
}
