import type { Knex } from 'knex';

/** Something an operator did, from the page or from the command line. */
export interface OperatorAction {
  /** Who: `budi` at the page, `cli budi@host` at the command line. */
  actor: string;
  /** `hold`, `release`, `create-key`, … */
  action: string;
  subject: string;
  details?: Readonly<Record<string, unknown>>;
  at: Date;
}

/** Writes down what an operator did. In the transaction of what was done, where both are in one database; else before it. */
export async function record(knex: Knex, { actor, action, subject, details = {}, at }: OperatorAction): Promise<void> {
  await knex('gateway.audit').insert({ at, actor, action, subject, details: JSON.stringify(details) });
}
