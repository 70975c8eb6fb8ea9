import type { Queryable } from '@gateway/shared/postgres';
import type { Finding, Invariant } from './finding.ts';

/**
 * A query for violations in our own tables. It selects `about`, `ours`, `theirs` and, where a retry may still correct the row,
 * `waiting`. It may read `page`, the payments of one page; `attempts`, `refunds`, `discrepancies`, `host_writes` and `events`, what belongs to
 * these payments; and `clock`: `now`, and `overdue`, before which a row is overdue.
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

/** How many payments a page has. */
export const paymentsPerPage = 1_000;

/**
 * SQL: ends the query of a page. PostgreSQL estimates a range of ids from at most a hundred known ids, and would take a page for a hundredth of
 * the table. With a limit it does not read a whole table for it. The page may have grown by payments that were committed late.
 */
export const pageLimit = `order by id limit ${2 * paymentsPerPage}`;

const ofPage = 'payment_id > $1 and payment_id <= $2';

/**
 * What belongs to the payments of a page stands together in the indexes by payment. So a rule reads it as one range, and does not look up each
 * payment: that would cost as many pages for each payment as the index has levels.
 */
const preamble = `with page as (select * from gateway.payments where id > $1 and id <= $2 ${pageLimit}),
  attempts as (select * from gateway.attempts where ${ofPage}), refunds as (select * from gateway.refunds where ${ofPage}),
  discrepancies as (select * from gateway.discrepancies where ${ofPage}), host_writes as (select * from gateway.host_writes where ${ofPage}),
  events as (select * from gateway.payment_events where ${ofPage} and occurred_at >= ${oldest}),
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
