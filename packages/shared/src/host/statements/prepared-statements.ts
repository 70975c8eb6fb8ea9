import type pg from 'pg';
import {
  isPostgresError,
  isStalePlan,
  isTransient,
  isUnusable,
  messageOf,
  type PostgresError,
  type Queryable,
} from '../../postgres/index.ts';
import { HostStatementFailed } from '../host-error.ts';
import type { TextRow } from '../host-order.ts';
import type { HostStatement } from '../host-statement.ts';
import { hashOf } from './composed-statement.ts';

/** pg's option for results without parsing: a host's amounts and timestamps stay the text that PostgreSQL sent. */
export const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

/** The host's statements with names, so that a connection parses and plans each of them once. */
export interface PreparedStatements {
  /** A query with a name that contains a hash of its text, so that a reloaded folder never uses an old plan. */
  query(label: string, text: string, values: (string | null)[]): pg.QueryConfig;
  /**
   * Sends a statement before anything is awaited.
   * @throws HostStatementFailed with the place in the file; a transient error is thrown unchanged
   */
  send(connection: Queryable, statement: HostStatement, values: (string | null)[]): Promise<TextRow[]>;
}

/**
 * After a stale plan names and texts get a new generation, so the next transaction prepares the statements again.
 * @param onUnusable called when a statement fails as it does when the host's tables or rights have changed
 */
export function preparedStatements(hostId: string, onUnusable: (error: Error) => void = () => {}): PreparedStatements {
  const hashes = new Map<string, string>();
  let generation = 0;

  const nameOf = (label: string, text: string): string => {
    const hash = hashes.get(text) ?? hashOf(text);
    hashes.set(text, hash);
    return `host:${hostId}:${label}:${hash}:${generation}`; // PostgreSQL cuts names after 63 bytes
  };
  // A pooler that keeps statements knows them by their texts, so the text must differ, too. In a line of its own: the text may end in a comment.
  const textOf = (text: string): string => (generation === 0 ? text : `${text}\n/* ${generation} */`);
  const query = (label: string, text: string, values: (string | null)[]) => ({
    name: nameOf(label, text),
    text: textOf(text),
    values,
    types: asText,
  });

  return {
    query,
    send: async (connection, statement, values) => {
      const sentGeneration = generation;
      try {
        return (await connection.query<TextRow>(query(statement.name, statement.text, values))).rows;
      } catch (error) {
        if (isStalePlan(error) && sentGeneration === generation) generation++;
        if (isTransient(error) || !isPostgresError(error)) throw error;
        const failure = failureOf(statement, error);
        if (isUnusable(error)) onUnusable(failure);
        throw failure;
      }
    },
  };
}

/** `pos/paid.sql:3: column "reff" does not exist` */
function failureOf(statement: HostStatement, error: PostgresError): HostStatementFailed {
  const where = error.position ? `${statement.file}:${statement.placeAt(Number(error.position)).line}` : statement.file;
  return new HostStatementFailed(where, messageOf(error), { cause: error, code: error.code });
}
