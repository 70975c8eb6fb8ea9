import type { Queryable } from '@gateway/shared/postgres';
import type { Finding, Invariant } from './finding.ts';

/**
 * What may not be found in our own tables: a select of `about`, `ours`, `theirs` and, where it may be only a matter of time, `waiting`.
 * It sees `page`, some payments, and `clock`, with `now` and `overdue`: what was due before that, nobody has looked at in time.
 */
export interface Rule {
  invariant: Invariant;
  name: string;
  select: string;
  /** `$4` and so on. */
  values?: readonly unknown[];
}

/** Payments in the order of their ids, those behind `after` up to `upto`. */
export interface Page {
  after: string;
  upto: string;
}

const overdueMs = 60_000; // far longer than any lease: a row that was due before that is looked at by nobody

const preamble = `with page as (select * from gateway.payments where id > $1 and id <= $2),
  clock as (select $3::timestamptz as now, $3::timestamptz - interval '${overdueMs} milliseconds' as overdue)`;

/** One statement, so one moment: what is under way meanwhile is seen whole or not at all. */
export async function apply({ invariant, name, select, values = [] }: Rule, db: Queryable, page: Page, now: Date): Promise<Finding[]> {
  const { rows } = await db.query<{ about: string; ours: unknown; theirs: unknown; waiting?: boolean }>({
    text: `${preamble} ${select}`,
    values: [page.after, page.upto, now, ...values],
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
