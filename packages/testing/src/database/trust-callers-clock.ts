import type { Database } from '@gateway/shared/postgres';

/** Lets the retention of this database believe the time that its caller gives, for tests that move a clock. */
export async function trustCallersClock({ pool }: Pick<Database, 'pool'>): Promise<void> {
  await pool.query(
    `create or replace function gateway.latest_time() returns timestamptz language sql stable as $$ select 'infinity'::timestamptz $$`,
  );
}
