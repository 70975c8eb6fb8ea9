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
