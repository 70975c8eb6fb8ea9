import type pg from 'pg';

/** What a statement can be sent over: a pool, a client, or our `Transaction`. */
export interface Queryable {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<Row>>;
}
