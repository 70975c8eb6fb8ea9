import type pg from 'pg';

/** The number of rows that a transaction wrote in one table. */
export interface TableUse {
  /** `erp."Sales Invoice"`, as SQL writes it. */
  table: string;
  inserted: number;
  updated: number;
  deleted: number;
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
