import type { Knex } from 'knex';

/** One action of an operator, on the operator page or at the command line. */
interface OperatorAction {
  /** `budi` on the operator page, `cli budi` at the command line. */
  actor: string;
  /** `hold`, `release`, `create-key`, … */
  action: string;
  subject: string;
  details?: Readonly<Record<string, unknown>>;
  at: Date;
}

/** Adds an action to the audit log: in the action's own transaction where both are in one database, else before the action. */
export async function record(knex: Knex, { actor, action, subject, details = {}, at }: OperatorAction): Promise<void> {
  await knex('gateway.audit').insert({ at, actor, action, subject, details: JSON.stringify(details) });
}
