import type pg from 'pg';

/**
 * What may change while requests are refused: the last use of a key, sessions that end, copies of a genuine webhook, the evidence of polls,
 * and the daily audit.
 */
const changeable = /^gateway\.(clients|operator_sessions|(webhook_inbox|provider_calls)\w*|audit_(schedule|runs|findings))$/;

/**
 * A digest of the rows of every table that has any. @param marks only rows that contain one of these texts; null: all rows
 */
export async function storedIn(db: pg.Pool, marks: readonly string[] | null): Promise<Record<string, string>> {
  const { rows } = await db.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)' order by 1`,
  );
  const digests: Record<string, string> = {};
  for (const { name } of rows.filter((table) => !changeable.test(table.name))) {
    const { rows: found } = await db.query<{ digest: string | null }>(
      `select count(*) || ' ' || md5(string_agg(md5(t::text), '' order by md5(t::text))) as digest
       from ${name} t where $1::text[] is null or t::text like any ($1)`,
      [marks?.map((mark) => `%${mark}%`) ?? null],
    );
    if (found[0]?.digest) digests[name] = found[0].digest;
  }
  return digests;
}

/** How many webhooks are stored. */
export async function webhooksIn(db: pg.Pool): Promise<number> {
  const { rows } = await db.query<{ count: string }>('select count(*) from gateway.webhook_inbox');
  return Number(rows[0]?.count);
}
