import createKnex, { type Knex } from 'knex';
import pg from 'pg';
import { poolDeadlines } from './deadlines.ts';
import { withSessionSettings } from './session-settings.ts';
import { AnyEncodingClient } from './storable-text.ts';

const int8 = 20;

/** bigint becomes a number: rupiah, counters and ids stay far below 2^53. Other types keep pg's parsers, so numeric stays text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/** A hot statement. It has a name, so that PostgreSQL parses and plans it once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** One database. Hot statements use the pool directly (pg, pipelined); Knex uses the same pool for queries that vary in shape. */
export interface Database {
  readonly pool: pg.Pool;
  readonly knex: Knex;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Shown in `pg_stat_activity`. */
  name: string;
  /** The largest number of connections. Processes × databases × this must fit the server's `max_connections`. */
  max?: number;
  /** Called when an idle connection breaks. The pool replaces the connection. */
  onError?: (error: Error) => void;
}

/**
 * Creates the pool. It connects when a connection is first needed, so the server may be down now. A restart of the server fails
 * only the statements that are running. `poolDeadlines` holds the time limits, `withSessionSettings` what a session is started with.
 */
export function connectDatabase(url: string, { name, max = 10, onError = () => {} }: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: withSessionSettings(url),
    application_name: `gateway ${name}`,
    max,
    types,
    pipeline: true,
    keepAlive: true,
    ...poolDeadlines,
    Client: AnyEncodingClient,
  } as pg.PoolConfig);
  pool.on('error', onError);
  const knex = createKnex({ client: 'pg', connectionPool: pool } as Knex.Config);
  return {
    pool,
    knex,
    close: async () => {
      await knex.destroy();
      await pool.end();
    },
  };
}
