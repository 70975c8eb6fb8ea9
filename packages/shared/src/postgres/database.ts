import createKnex, { type Knex } from 'knex';
import pg from 'pg';
import { DatabasePool } from './database-client.ts';
import { serverOf } from './database-server.ts';
import { poolDeadlines } from './deadlines.ts';
import { AnyEncodingClient } from './storable-text.ts';

const { INT8: int8, TIMESTAMPTZ: timestamptz } = pg.types.builtins;

const asMoment = pg.types.getTypeParser(timestamptz, 'text');

/** `2026-03-02 10:00:00.123456+07` in the form that V8 reads directly, in half of the time. pg's parser reads the other forms. */
function momentOf(text: string): Date {
  const sign = text.at(-3);
  const isUsual = text[10] === ' ' && (sign === '+' || sign === '-');
  return isUsual ? new Date(`${text.slice(0, 10)}T${text.slice(11)}:00`) : (asMoment(text) as Date);
}

const parsers = new Map<number, (text: string) => unknown>([
  [int8, Number],
  [timestamptz, momentOf],
]);

/** bigint becomes a number: rupiah, counters and ids stay far below 2^53. Other types keep pg's parsers, so numeric stays text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    parsers.get(oid) ?? pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
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
  /** Whether the server has answered a connection of the pool since a time of `performance.now()`. */
  hasAnsweredSince(at: number): boolean;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Shown in `pg_stat_activity`. */
  name: string;
  /** The largest number of connections. Processes × databases × this must fit the server's `max_connections`. */
  max?: number;
  /** Other time limits than `poolDeadlines`, milliseconds; 0: none. */
  limits?: Partial<typeof poolDeadlines>;
  /** Called when an idle connection breaks. The pool replaces the connection. */
  onError?: (error: Error) => void;
}

/**
 * Creates the pool. It connects when a connection is first needed, so the server may be down now. A restart of the server fails
 * only the statements that are running. `poolDeadlines` holds the time limits, `session-settings.ts` what a session relies on.
 */
export function connectDatabase(url: string, { name, max = 10, limits = {}, onError = () => {} }: DatabaseOptions): Database {
  const pool = new DatabasePool({
    connectionString: url,
    server: serverOf(url),
    application_name: `gateway ${name}`,
    max,
    types,
    pipeline: true,
    keepAlive: true,
    ...poolDeadlines,
    ...limits,
    Client: AnyEncodingClient,
  } as object as ConstructorParameters<typeof DatabasePool>[0]);
  pool.on('error', onError);
  const knex = createKnex({ client: 'pg', connectionPool: pool } as Knex.Config);
  return {
    pool,
    knex,
    hasAnsweredSince: (at) => pool.answeredAt >= at,
    close: async () => {
      await knex.destroy();
      await pool.end();
    },
  };
}
