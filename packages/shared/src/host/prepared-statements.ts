import { createHash } from 'node:crypto';
import type pg from 'pg';
import { isPostgresError, isStalePlan, isTransient, messageOf, type PostgresError, type Queryable } from '../postgres/index.ts';
import { HostStatementFailed } from './host-error.ts';
import type { TextRow } from './host-order.ts';
import type { HostStatement } from './host-statement.ts';

/** No driver parsers: a host's amounts and timestamps stay as Postgres wrote them. */
export const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

/** The host's statements by name, so that a connection parses and plans each of them once. */
export interface PreparedStatements {
  /** A query for anything of this host's; its name changes with its text, so that a reloaded folder never meets an old plan. */
  query(label: string, text: string, values: (string | null)[]): pg.QueryConfig;
  /**
   * Sends a statement at once, before anything is awaited.
   * @throws HostStatementFailed with the place in the file; what may be tried again is thrown as it came.
   */
  send(connection: Queryable, statement: HostStatement, values: (string | null)[]): Promise<TextRow[]>;
}

export function preparedStatements(hostId: string): PreparedStatements {
  const hashes = new Map<string, string>();
  let generation = 0;

  const nameOf = (label: string, text: string): string => {
    const hash = hashes.get(text) ?? createHash('sha256').update(text).digest('hex').slice(0, 12);
    hashes.set(text, hash);
    return `host:${hostId}:${label}:${hash}:${generation}`; // at most 63 bytes, or Postgres cuts it
  };
  const query = (label: string, text: string, values: (string | null)[]) => ({ name: nameOf(label, text), text, values, types: asText });

  return {
    query,
    send: async (connection, statement, values) => {
      const sentGeneration = generation;
      try {
        return (await connection.query<TextRow>(query(statement.name, statement.text, values))).rows;
      } catch (error) {
        if (isStalePlan(error) && sentGeneration === generation) generation++;
        throw isTransient(error) || !isPostgresError(error) ? error : failureOf(statement, error);
      }
    },
  };
}

/** `pos/paid.sql:3: column "reff" does not exist` */
function failureOf(statement: HostStatement, error: PostgresError): HostStatementFailed {
  const where = error.position ? `${statement.file}:${statement.placeAt(Number(error.position)).line}` : statement.file;
  return new HostStatementFailed(where, messageOf(error), { cause: error, code: error.code });
}
