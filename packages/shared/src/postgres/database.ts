import createKnex, { type Knex } from 'knex';
import pg from 'pg';

const int8 = 20;

/** bigint columns hold rupiah, counters and ids, all far below 2^53. Everything else as pg reads it; numeric stays text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/** A hot statement: named, so that Postgres parses and plans it once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** One database: the same pool for hot statements (pg, pipelined) and for the rest (Knex). */
export interface Database {
  readonly pool: pg.Pool;
  readonly knex: Knex;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Shown in `pg_stat_activity`. */
  name: string;
  /** Connections at most: processes × hosts × this must fit the host's `max_connections`. */
  max?: number;
  /** Called for a connection that broke while nobody used it. The pool replaces it by itself. */
  onError?: (error: Error) => void;
}

/**
 * Connects lazily: no server is needed to make one, and a restart of the server only fails what was under way.
 * Deadlines: 2 s to get a connection, 5 s a statement, 2 s a lock, 10 s idle in a transaction; a server that hangs costs 8 s.
 */
export function connectDatabase(url: string, { name, max = 10, onError = () => {} }: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `gateway ${name}`,
    max,
    types,
    pipeline: true,
    keepAlive: true,
    connectionTimeoutMillis: 2_000,
    statement_timeout: 5_000,
    query_timeout: 8_000,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 10_000,
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

/** Whether this is the network or the server, not the statement: the same call may succeed later. */
export function isConnectionLoss(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|08|57P0|53)/.test(code);
  return (
    typeof message === 'string' &&
    /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|connection error/i.test(message)
  );
}
