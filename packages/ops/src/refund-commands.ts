import { systemClock as clock } from '@gateway/shared/runtime';
import {
  askForRefundAgain,
  type Database,
  findRefundThere,
  type RefundUnderWay,
  recordAction,
  refundsUnderWay,
} from '@gateway/shared/store';
import { CannotDo, WrongUsage } from './cannot-do.ts';
import type { Given } from './given.ts';
import type { Answer, Command } from './program.ts';
import { actor, inEveryDatabase, withControl } from './surroundings.ts';
import { table } from './table.ts';

const most = 500; // of each database

const list: Command = {
  words: 'refunds list',
  takes: '',
  does: 'Refunds that are not final yet, oldest first, with what finds them at the dashboard of the provider.',
  positionals: 0,
  options: {},
  run: async (_given, env) => {
    const { found, trouble } = await inEveryDatabase(env, (db) => refundsUnderWay(db.pool, most));
    const columns = {
      REFUND: ({ id }: RefundUnderWay) => id,
      SINCE: ({ createdAt }: RefundUnderWay) => createdAt,
      AMOUNT: ({ amount }: RefundUnderWay) => amount,
      CAUSE: ({ cause }: RefundUnderWay) => cause,
      ASKED: ({ askedAt }: RefundUnderWay) => askedAt,
      NEXT: ({ nextTryAt }: RefundUnderWay) => nextTryAt,
      AT: ({ provider, account }: RefundUnderWay) => `${provider}/${account}`,
      CHARGE: ({ charge }: RefundUnderWay) => charge,
      'CALLED THERE': ({ providerRefundId }: RefundUnderWay) => providerRefundId,
    };
    return { json: found.map(jsonOf), text: table(found, columns, 'None is under way.'), trouble };
  },
};

const found: Command = {
  words: 'refunds found',
  takes: '<refund> --as <id at the provider>',
  does: `For one that the provider has not confirmed (refund_unconfirmed), and that you have found at its dashboard: it is looked up under that id at
      once. What the provider says of it counts.`,
  positionals: 1,
  options: { as: { type: 'string' } },
  run: async (given, env) => {
    const as = given.text('as');
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(as)) throw new WrongUsage(`${JSON.stringify(as)} is no id of a refund at a provider`);
    return settle(given, env, 'find-refund', { as }, `is looked up as ${as}`, (db, id, at) => findRefundThere(db.pool, id, as, at));
  },
};

const again: Command = {
  words: 'refunds again',
  takes: '<refund> --reason <why>',
  does: `For one that the provider has not confirmed (refund_unconfirmed), when its dashboard shows that there is none: it is asked for once more.
      Look well: a refund that is there all the same is then made twice.`,
  positionals: 1,
  options: { reason: { type: 'string' } },
  run: (given, env) =>
    settle(given, env, 'repeat-refund', { reason: given.text('reason') }, 'is asked for once more', (db, id, at) =>
      askForRefundAgain(db.pool, id, at),
    ),
};

async function settle(
  given: Given,
  env: NodeJS.ProcessEnv,
  action: string,
  details: Record<string, string>,
  said: string,
  work: (db: Database, id: string, at: Date) => Promise<boolean>,
): Promise<Answer> {
  const id = given.word('the id of the refund (ref_…)');
  const at = clock.now();
  await withControl(env, ({ knex }) => recordAction(knex, { actor: actor(), action, subject: id, details, at }));
  const { found: done, trouble } = await inEveryDatabase(env, async (db) => [await work(db, id, at)]);
  if (!done.includes(true)) throw new CannotDo([`no refund ${id} is under way; refunds list shows them`, ...trouble].join('. '));
  return { json: { id, ...details }, text: `${id} ${said}.` };
}

function jsonOf({ paymentId, providerRefundId, askedAt, nextTryAt, createdAt, storeId, ...rest }: RefundUnderWay) {
  const ids = { payment_id: paymentId, store_id: storeId, provider_refund_id: providerRefundId };
  return { ...rest, ...ids, created_at: createdAt, asked_at: askedAt, next_try_at: nextTryAt };
}

export const refundCommands: readonly Command[] = [list, found, again];
