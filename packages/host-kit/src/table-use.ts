import type pg from 'pg';

/** The number of rows that a transaction wrote in one table. */
export interface TableUse {
  /** `erp."Sales Invoice"`, as SQL writes it. */
  table: string;
  inserted: number;
  updated: number;
  deleted: number;
}

/** The relations that a transaction used, also by triggers. Reads by foreign keys are not included: they need no rights of the role. */
export interface Touched {
  /** Tables and views that were read. */
  read: string[];
  written: TableUse[];
  /** Sequences that gave a number, without those of identity columns, which need no grant. */
  sequences: string[];
}

/** The rows that this transaction wrote per table, by statements and triggers. With `before`, only the rows since then. */
export async function rowsWritten(client: pg.Client, before: readonly TableUse[] = []): Promise<TableUse[]> {
  const { rows } = await client.query<Record<keyof TableUse, string>>(
    `select format('%I.%I', schemaname, relname) as table, n_tup_ins as inserted, n_tup_upd as updated, n_tup_del as deleted
     from pg_catalog.pg_stat_xact_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0 order by 1`,
  );
  return rows
    .map((row) => {
      const earlier = before.find(({ table }) => table === row.table);
      const since = (field: 'inserted' | 'updated' | 'deleted') => Number(row[field]) - (earlier?.[field] ?? 0);
      return { table: row.table, inserted: since('inserted'), updated: since('updated'), deleted: since('deleted') };
    })
    .filter(({ inserted, updated, deleted }) => inserted + updated + deleted > 0);
}

/** The relations that this transaction has used so far. Its locks show what it read, because they are held until its end. */
export async function tablesTouched(client: pg.Client): Promise<Touched> {
  const { rows } = await client.query<{ name: string; kind: string; read: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind, bool_or(l.mode = 'AccessShareLock')::text as read
     from pg_catalog.pg_locks l
     join pg_catalog.pg_class c on c.oid = l.relation
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where l.pid = pg_backend_pid() and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
       and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
       and not exists (
         select from pg_catalog.pg_depend d
         where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'i')
     group by 1, 2 order by 1`,
  );
  return {
    read: rows.filter(({ kind, read }) => kind !== 'S' && read === 'true').map(({ name }) => name),
    written: await rowsWritten(client),
    sequences: rows.filter(({ kind }) => kind === 'S').map(({ name }) => name),
  };
}
