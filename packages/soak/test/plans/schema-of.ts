import type pg from 'pg';

/** The definitions of all tables, columns, constraints, indexes and triggers of the gateway and of the host, and whether each is valid. */
export async function schemaOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ text: string }>(`
    with tables as (
      select c.oid, c.oid::regclass as name, c.relkind, c.relpersistence, c.reloptions from pg_class c
      where c.relnamespace::regnamespace::text in ('gateway', 'pos') and c.relkind in ('r', 'p'))
    select concat_ws(' ', name, relkind, relpersistence, reloptions) as text from tables
    union all select concat_ws(' ', name, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid))
      from tables join pg_attribute on attrelid = oid and attnum > 0 and not attisdropped left join pg_attrdef on adrelid = attrelid and adnum = attnum
    union all select concat_ws(' ', name, conname, pg_get_constraintdef(c.oid), convalidated, conenforced)
      from tables t join pg_constraint c on conrelid = t.oid
    union all select concat_ws(' ', name, pg_get_indexdef(indexrelid), indisvalid, indisready, indislive) from tables join pg_index on indrelid = oid
    union all select concat_ws(' ', name, pg_get_triggerdef(g.oid), tgenabled) from tables t join pg_trigger g on tgrelid = t.oid and not tgisinternal
    union all select concat_ws(' ', name, tgfoid::regproc, tgenabled) from tables t join pg_trigger g on tgrelid = t.oid and tgisinternal
    order by 1`);
  return rows.map(({ text }) => text);
}
