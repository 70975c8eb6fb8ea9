import type { Queryable } from '@gateway/shared/postgres';
import type { Finding, Invariant } from './finding.ts';

/**
 * A query for violations in our own tables. It selects `about`, `ours`, `theirs` and, where a retry may still correct the row,
 * `waiting`. It may read `page`, the payments of one page, and `clock`: `now`, and `overdue`, before which a row is overdue.
 */
export interface Rule {
  invariant: Invariant;
  name: string;
  select: string;
  /** The values of `$5`, `$6` … */
  values?: readonly unknown[];
}

/** The payments with an id above `after`, up to and including `upto`. All of them were created at or after `since`. */
export interface Page {
  since: Date;
  after: string;
  upto: string;
}

const overdueMs = 60_000; // longer than any lease: a row that has been due for this long is not processed by any worker

/**
 * SQL: no event and no webhook of a payment of the page is older. Their tables have a partition for each month. With this time PostgreSQL looks up a
 * payment in the partitions since then only. One day is allowed for the difference between two clocks.
 */
export const oldest = `($4::timestamptz - interval '1 day')`;

const preamble = `with page as (select * from gateway.payments where id > $1 and id <= $2),
  clock as (select $3::timestamptz as now, ${oldest} as oldest, $3::timestamptz - interval '${overdueMs} milliseconds' as overdue)`;

/** Runs a rule. It is one statement, so it sees concurrent transactions as a whole or not at all. */
export async function apply({ invariant, name, select, values = [] }: Rule, db: Queryable, page: Page, now: Date): Promise<Finding[]> {
  const { rows } = await db.query<{ about: string; ours: unknown; theirs: unknown; waiting?: boolean }>({
    text: `${preamble} ${select}`,
    values: [page.after, page.upto, now, page.since, ...values],
  });
  return rows.map(({ about, ours, theirs, waiting }) => ({
    invariant,
    rule: name,
    about,
    ours: textOf(ours),
    theirs: textOf(theirs),
    state: waiting ? 'waiting' : 'broken',
  }));
}

const textOf = (value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  return value instanceof Date ? value.toISOString() : String(value);
};
