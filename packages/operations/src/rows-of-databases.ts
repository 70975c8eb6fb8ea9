import { CommandError } from './command-error.ts';
import type { RowsOfDatabases } from './operations-context.ts';
import { reasonOf } from './reason-of.ts';
import type { Words } from './words.ts';

/** One database, and the query that is sent to it. */
interface Asked<T> {
  name: string;
  query: () => Promise<readonly T[]>;
}

/** The rows of the databases that answer. @throws CommandError when a query refuses what the operator asked for */
export async function rowsOfDatabases<T>(databases: readonly Asked<T>[], notes: Words[]): Promise<RowsOfDatabases<T>> {
  const results = await Promise.allSettled(databases.map(({ query }) => query()));
  const failed = results.flatMap((result, index) =>
    result.status === 'rejected' ? [{ name: databases[index]?.name, reason: result.reason as unknown }] : [],
  );
  const refusal = failed.find(({ reason }) => reason instanceof CommandError);
  if (refusal) throw refusal.reason;
  return {
    rows: results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
    errors: failed.map(({ name, reason }) => unavailable(name ?? '', reason)),
    notes,
  };
}

/** A database, or a host, did not answer. */
export const unavailable = (name: string, error: unknown): Words => ({
  en: `${name} unavailable: ${reasonOf(error)}`,
  id: `${name} tidak tersedia: ${reasonOf(error)}`,
});
