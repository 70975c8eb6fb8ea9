/**
 * One step of the schema `gateway`. A migration that has been shipped is never edited; a mistake is corrected by the next one. It runs while
 * tills create payments in tables of ten million rows: `migration-lint.test.ts` refuses one that would make them wait.
 */
export interface Migration {
  /** `0001-payments`: four digits without a gap, then what the migration adds. The database remembers this name. */
  name: string;
  /** SQL, forward only, in one transaction. A list is run statement by statement without one, for `create index concurrently`. */
  up: string | readonly string[];
  /** Only the database with the orders of the host `till` gets it. */
  isForTillOnly?: true;
}

/** Whether a statement of a list runs outside a transaction and without a lock timeout. */
export const isConcurrent = (statement: string): boolean => /^\s*(create (unique )?|drop |reindex )index concurrently\b/i.test(statement);
