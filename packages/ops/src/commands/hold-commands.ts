import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@gateway/shared/postgres';
import { accountIdPattern, providerNames } from '@gateway/shared/provider';
import { type BreakerUpdate, breakerChannel, connectRedis, publishCounted } from '@gateway/shared/queue';
import { systemClock as clock, storeIdPattern } from '@gateway/shared/runtime';
import { holds, stores } from '@gateway/shared/store';
import type { Command } from '../cli.ts';
import type { CommandArgs } from '../command-args.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { actor, readContext, withControl } from '../context.ts';
import { table } from '../table.ts';

const text = { type: 'string' } as const;

const hold: Command = {
  words: 'hold',
  usage: '<provider> [--account <id>] [--store <id>] [--reason <why>] [--open]',
  description: `Creates no new QRs at a provider, everywhere within 2 seconds; its existing charges are still followed. With --open at once, also for payments
      that are being created now: every worker opens its circuit breaker, and retries automatically once the hold is lifted.`,
  positionals: 1,
  options: { account: text, store: text, reason: text, open: { type: 'boolean' } },
  run: async (args, env) => {
    const scope = scopeOf(args);
    const opensBreakers = args.flag('open');
    if (opensBreakers && scope.storeId !== '*')
      throw new UsageError('--open cannot be combined with --store: a circuit breaker is for all stores');
    const { isNew, isKnown } = await withControl(env, async (db) => ({
      isNew: await holds.place(db.knex, scope, { actor: actor(env), at: clock.now(), reason: args.optionalOption('reason') }),
      isKnown: scope.storeId === '*' || (await stores.exists(db.pool, scope.storeId)),
    }));
    const workersReached = opensBreakers ? await openBreakers(scope, readContext(env).redisUrl, actor(env)) : null;
    const notes = isKnown ? [] : [`no payment was ever made for store ${scope.storeId}: is that its id? The hold is active`];
    const errors = workersReached === 0 ? ['no worker is subscribed: no circuit breaker was opened. The hold is active'] : [];
    const message = `${isNew ? 'Hold placed' : 'Already held'}: ${describeScope(scope)}.`;
    return {
      json: { ...jsonOf(scope), held: true, was_before: !isNew, workers_told: workersReached },
      text: workersReached
        ? `${message} Circuit breakers were opened in ${workersReached} ${workersReached === 1 ? 'worker' : 'workers'}.`
        : message,
      notes,
      errors,
    };
  },
};

const release: Command = {
  words: 'release',
  usage: '<provider> [--account <id>] [--store <id>]',
  description: 'Lifts exactly that hold; a wider or a narrower one stays.',
  positionals: 1,
  options: { account: text, store: text },
  run: async (args, env) => {
    const scope = scopeOf(args);
    const { wasHeld, remaining } = await withControl(env, async ({ knex }) => ({
      wasHeld: await holds.lift(knex, scope, { actor: actor(env), at: clock.now() }),
      remaining: (await holds.list(knex)).filter(({ provider }) => provider === scope.provider),
    }));
    const others = remaining.map((other) => `Still held: ${describeScope(other)}, since ${other.heldAt.toISOString()}.`);
    return {
      json: { ...jsonOf(scope), held: false, was_before: wasHeld, others: remaining.map(jsonOf) },
      text: [`${wasHeld ? 'Hold lifted' : 'No such hold'}: ${describeScope(scope)}.`, ...others].join('\n'),
    };
  },
};

const list: Command = {
  words: 'holds list',
  usage: '',
  description: 'Which providers are held, for whom, since when.',
  positionals: 0,
  options: {},
  run: async (_args, env) => {
    const activeHolds = await withControl(env, ({ knex }: Database) => holds.list(knex));
    const columns = {
      PROVIDER: ({ provider }: holds.HoldRow) => provider,
      ACCOUNT: ({ account }: holds.HoldRow) => allOr(account),
      STORE: ({ storeId }: holds.HoldRow) => allOr(storeId),
      SINCE: ({ heldAt }: holds.HoldRow) => heldAt,
      BY: ({ heldBy }: holds.HoldRow) => heldBy,
      REASON: ({ reason }: holds.HoldRow) => reason,
    };
    const json = activeHolds.map((each) => ({ ...jsonOf(each), held_at: each.heldAt, held_by: each.heldBy, reason: each.reason }));
    return { json, text: table(activeHolds, columns, 'No holds.') };
  },
};

export const holdCommands: readonly Command[] = [hold, release, list];

function scopeOf(args: CommandArgs): holds.HoldScope {
  const provider = args.positional('the provider');
  if (!providerNames.includes(provider))
    throw new CommandError(`unknown provider ${provider}; known providers: ${providerNames.join(', ')}`);
  return {
    provider,
    account: idOrAll(args, 'account', accountIdPattern),
    storeId: idOrAll(args, 'store', storeIdPattern),
  };
}

/** The id that the option gives, or `*` for all. @throws UsageError */
function idOrAll(args: CommandArgs, option: 'account' | 'store', pattern: RegExp): string {
  const id = args.optionalOption(option);
  if (id !== null && !pattern.test(id)) throw new UsageError(`--${option}: invalid ${option} id ${JSON.stringify(id)}`);
  return id ?? '*';
}

const redisTimeoutMs = 3_000;

/** Opens the circuit breakers of every worker. @returns the number of workers that received the message. @throws CommandError */
async function openBreakers({ provider, account }: holds.HoldScope, redisUrl: string | null, by: string): Promise<number> {
  if (!redisUrl) throw new CommandError('--open needs REDIS_URL, to reach the workers. The hold is active');
  const redis = connectRedis(redisUrl, { name: 'ops' });
  try {
    const late = delay(redisTimeoutMs, 'late' as const, { ref: false });
    const ready = new Promise<'ready'>((done) => redis.once('ready', () => done('ready')));
    if ((await Promise.race([ready, late])) === 'late')
      throw new CommandError('Redis unavailable: no circuit breaker was opened. The hold is active');
    const update: BreakerUpdate = {
      account: `${provider}/${account}`,
      kind: 'create',
      opened: true,
      since: clock.now(),
      by,
    };
    return await publishCounted(redis, breakerChannel, JSON.stringify(update));
  } finally {
    redis.disconnect();
  }
}

const allOr = (id: string): string => (id === '*' ? 'all' : id);

const describeScope = ({ provider, account, storeId }: holds.HoldScope): string =>
  `${provider}, ${account === '*' ? 'all accounts' : `account ${account}`}, ${storeId === '*' ? 'all stores' : `store ${storeId}`}`;

const jsonOf = ({ provider, account, storeId }: holds.HoldScope) => ({ provider, account, store_id: storeId });
