import { type Database, inTransaction, pipelined, type Statement } from '../../postgres/index.ts';

// A scrape must not add load to a busy database, so PostgreSQL ends its queries after 0.9 s.
const scrapeTimeout: Statement = { name: 'figures-scrape-timeout', text: `select set_config('statement_timeout', '900ms', true)` };

/** Reads one figure for a metric, for readiness or for a page, in one round trip. */
export async function readFigure<Row extends Record<string, unknown>>(
  db: Database,
  statement: Statement,
  values: unknown[] = [],
): Promise<Row[]> {
  const [, { rows }] = await inTransaction(db, (trx) =>
    pipelined([trx.query(scrapeTimeout), trx.query<Row>({ ...statement, values }), trx.commit()] as const),
  );
  return rows;
}
