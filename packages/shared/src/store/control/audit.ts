import type { Knex } from 'knex';
import type { Queryable } from '../../postgres/index.ts';

/** Who changed something, when, and why. */
export interface ActedBy {
  /** `budi` on a page, `cli budi` at the command line. */
  actor: string;
  at: Date;
  reason?: string | null;
}

/** One action of an operator, on a page or at the command line. */
interface OperatorAction {
  /** `hold`, `release`, `create-key`, … */
  action: string;
  subject: string;
  details?: Readonly<Record<string, unknown>>;
}

/** Adds an action to the audit log, in the transaction of the change and as its last statement. */
export async function record(knex: Knex, action: OperatorAction, by: ActedBy): Promise<void> {
  await knex('gateway.audit').insert({
    at: by.at,
    actor: by.actor,
    action: action.action,
    subject: action.subject,
    details: detailsOf(action, by),
  });
}

/** As `record`, for a change that is made without Knex. */
export async function append(trx: Queryable, action: OperatorAction, by: ActedBy): Promise<void> {
  await trx.query({
    text: 'insert into gateway.audit (at, actor, action, subject, details) values ($1, $2, $3, $4, $5)',
    values: [by.at, by.actor, action.action, action.subject, detailsOf(action, by)],
  });
}

const detailsOf = ({ details = {} }: OperatorAction, { reason = null }: ActedBy): string =>
  JSON.stringify(reason === null ? details : { ...details, reason });

/** A row of the audit log. */
export interface AuditRow {
  id: number;
  at: Date;
  actor: string;
  action: string;
  subject: string;
  details: Record<string, unknown>;
}

/** What to read. `before` is the id of the last row of the page before. */
export interface AuditFilter {
  since?: Date | null;
  actor?: string | null;
  subject?: string | null;
  before?: number | null;
  limit: number;
}

/** Newest first. */
export async function list(
  db: Queryable,
  { since = null, actor = null, subject = null, before = null, limit }: AuditFilter,
): Promise<AuditRow[]> {
  const { rows } = await db.query<AuditRow>({
    text: `select id, at, actor, action, subject, details from gateway.audit
      where ($1::timestamptz is null or at >= $1) and ($2::text is null or actor = $2) and ($3::text is null or subject = $3)
        and ($4::bigint is null or id < $4)
      order by id desc limit $5`,
    values: [since, actor, subject, before, limit],
  });
  return rows;
}
