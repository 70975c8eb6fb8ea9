import { asRefundId } from '@gateway/shared/payment';
import type { Database } from '@gateway/shared/postgres';
import { systemClock as clock } from '@gateway/shared/runtime';
import { auditLog, operatorRefunds } from '@gateway/shared/store';
import type { Command, CommandResult } from '../cli.ts';
import type { CommandArgs } from '../command-args.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { actor, inEveryDatabase, withControl } from '../context.ts';
import { table } from '../table.ts';

const maxRows = 500; // per database

const list: Command = {
  words: 'refunds list',
  usage: '',
  description: 'Refunds that are not final yet, oldest first, with the ids to search for at the dashboard of the provider.',
  positionals: 0,
  options: {},
  run: async (_args, env) => {
    const { rows, errors, notes } = await inEveryDatabase(env, (db) => operatorRefunds.listPending(db.pool, maxRows));
    const columns = {
      REFUND: ({ id }: operatorRefunds.PendingRefund) => id,
      SINCE: ({ createdAt }: operatorRefunds.PendingRefund) => createdAt,
      AMOUNT: ({ amount }: operatorRefunds.PendingRefund) => amount,
      CAUSE: ({ cause }: operatorRefunds.PendingRefund) => cause,
      REQUESTED: ({ askedAt }: operatorRefunds.PendingRefund) => askedAt,
      NEXT: ({ nextTryAt }: operatorRefunds.PendingRefund) => nextTryAt,
      ACCOUNT: ({ provider, account }: operatorRefunds.PendingRefund) => `${provider}/${account}`,
      CHARGE: ({ charge }: operatorRefunds.PendingRefund) => charge,
      'PROVIDER REFUND ID': ({ providerRefundId }: operatorRefunds.PendingRefund) => providerRefundId,
    };
    return { json: rows.map(jsonOf), text: table(rows, columns, 'No pending refunds.'), errors, notes };
  },
};

const markFound: Command = {
  words: 'refunds found',
  usage: '<refund> --as <id at the provider>',
  description: `For a refund that the provider has not confirmed (refund_unconfirmed) and that you have found at its dashboard: it is looked up under that
      id at once, and the provider's answer is applied.`,
  positionals: 1,
  options: { as: { type: 'string' } },
  run: async (args, env) => {
    const as = args.option('as');
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(as)) throw new UsageError(`invalid provider refund id ${JSON.stringify(as)}`);
    return changeRefund(args, env, {
      action: 'find-refund',
      details: { as },
      outcome: `is looked up as ${as}`,
      apply: (db, id, at) => operatorRefunds.confirmProviderRefund(db.pool, asRefundId(id), as, at),
    });
  },
};

const repeat: Command = {
  words: 'refunds again',
  usage: '<refund> --reason <why>',
  description: `For a refund that the provider has not confirmed (refund_unconfirmed) and that is not at its dashboard: it is requested once more.
      Check carefully: a refund that exists there is then made twice.`,
  positionals: 1,
  options: { reason: { type: 'string' } },
  run: (args, env) =>
    changeRefund(args, env, {
      action: 'repeat-refund',
      details: { reason: args.option('reason') },
      outcome: 'is requested once more',
      apply: (db, id, at) => operatorRefunds.retryRefund(db.pool, id, at),
    }),
};

interface RefundChange {
  /** For the audit log, with `details`. */
  action: string;
  details: Record<string, string>;
  /** For the operator: `is requested once more`. */
  outcome: string;
  /** Returns whether the database has this pending refund. */
  apply: (db: Database, id: string, at: Date) => Promise<boolean>;
}

/** Records the action in the audit log, then applies the change in the database that has the refund. */
async function changeRefund(
  args: CommandArgs,
  env: NodeJS.ProcessEnv,
  { action, details, outcome, apply }: RefundChange,
): Promise<CommandResult> {
  const id = args.positional('the id of the refund (ref_…)');
  const at = clock.now();
  await withControl(env, ({ knex }) => auditLog.record(knex, { actor: actor(env), action, subject: id, details, at }));
  const { rows: done, errors, notes } = await inEveryDatabase(env, async (db) => [await apply(db, id, at)]);
  if (!done.includes(true)) throw new CommandError([`no pending refund ${id}; refunds list shows them`, ...errors, ...notes].join('. '));
  return { json: { id, ...details }, text: `${id} ${outcome}.` };
}

function jsonOf({ paymentId, providerRefundId, askedAt, nextTryAt, createdAt, storeId, ...rest }: operatorRefunds.PendingRefund) {
  const ids = { payment_id: paymentId, store_id: storeId, provider_refund_id: providerRefundId };
  return { ...rest, ...ids, created_at: createdAt, asked_at: askedAt, next_try_at: nextTryAt };
}

export const refundCommands: readonly Command[] = [list, markFound, repeat];
