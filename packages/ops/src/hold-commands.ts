import { setTimeout as delay } from 'node:timers/promises';
import { providerNames } from '@gateway/shared/provider';
import { type BreakerNews, breakerChannel, connectRedis } from '@gateway/shared/queue';
import { systemClock as clock } from '@gateway/shared/runtime';
import { type Database, type HoldRow, type HoldScope, holdProvider, knowsStore, readHolds, releaseProvider } from '@gateway/shared/store';
import { CannotDo, WrongUsage } from './cannot-do.ts';
import type { Given } from './given.ts';
import type { Command } from './program.ts';
import { actor, readSurroundings, withControl } from './surroundings.ts';
import { table } from './table.ts';

const text = { type: 'string' } as const;

const hold: Command = {
  words: 'hold',
  takes: '<provider> [--account <id>] [--store <id>] [--reason <why>] [--open]',
  does: `Asks a provider for no more QRs, everywhere within 2 seconds; what it has is still followed. With --open at once, also for payments
      that are being made at this moment: every worker opens its breaker, and tries again by itself once the hold is released.`,
  positionals: 1,
  options: { account: text, store: text, reason: text, open: { type: 'boolean' } },
  run: async (given, env) => {
    const scope = scopeOf(given);
    const opens = given.flag('open');
    if (opens && scope.storeId !== '*') throw new WrongUsage('--open is for all stores: a breaker knows no stores');
    const { isNew, isKnown } = await withControl(env, async (db) => ({
      isNew: await holdProvider(db.knex, scope, { actor: actor(), at: clock.now(), reason: given.maybe('reason') }),
      isKnown: scope.storeId === '*' || (await knowsStore(db.pool, scope.storeId)),
    }));
    const told = opens ? await openBreakers(scope, readSurroundings(env).redisUrl) : null;
    const notes = isKnown ? [] : [`no payment was ever made for store ${scope.storeId}: is that its id? The hold stands`];
    const trouble = told === 0 ? ['no worker listens at this Redis: no breaker was opened. The hold itself stands'] : [];
    const said = `${sentence(scope)} ${isNew ? 'is held' : 'was held already'}.`;
    return {
      json: { ...jsonOf(scope), held: true, was_before: !isNew, workers_told: told },
      text: told ? `${said} Breakers were opened in ${told} ${told === 1 ? 'worker' : 'workers'}.` : said,
      notes,
      trouble,
    };
  },
};

const release: Command = {
  words: 'release',
  takes: '<provider> [--account <id>] [--store <id>]',
  does: 'Lifts exactly that hold; a wider or a narrower one stays.',
  positionals: 1,
  options: { account: text, store: text },
  run: async (given, env) => {
    const scope = scopeOf(given);
    const { was, left } = await withControl(env, async ({ knex }) => ({
      was: await releaseProvider(knex, scope, { actor: actor(), at: clock.now() }),
      left: (await readHolds(knex)).filter(({ provider }) => provider === scope.provider),
    }));
    const others = left.map((other) => `Still held: ${sentence(other)}, since ${other.heldAt.toISOString()}.`);
    return {
      json: { ...jsonOf(scope), held: false, was_before: was, others: left.map(jsonOf) },
      text: [`${sentence(scope)} ${was ? 'is released' : 'was not held'}.`, ...others].join('\n'),
    };
  },
};

const list: Command = {
  words: 'holds list',
  takes: '',
  does: 'Which providers are held, for whom, since when.',
  positionals: 0,
  options: {},
  run: async (_given, env) => {
    const holds = await withControl(env, ({ knex }: Database) => readHolds(knex));
    const columns = {
      PROVIDER: ({ provider }: HoldRow) => provider,
      ACCOUNT: ({ account }: HoldRow) => allOr(account),
      STORE: ({ storeId }: HoldRow) => allOr(storeId),
      SINCE: ({ heldAt }: HoldRow) => heldAt,
      BY: ({ heldBy }: HoldRow) => heldBy,
      REASON: ({ reason }: HoldRow) => reason,
    };
    const json = holds.map((each) => ({ ...jsonOf(each), held_at: each.heldAt, held_by: each.heldBy, reason: each.reason }));
    return { json, text: table(holds, columns, 'None: every provider may be asked.') };
  },
};

export const holdCommands: readonly Command[] = [hold, release, list];

function scopeOf(given: Given): HoldScope {
  const provider = given.word('the provider');
  if (!providerNames.includes(provider)) throw new CannotDo(`there is no provider ${provider}; there are ${providerNames.join(', ')}`);
  return {
    provider,
    account: idOr('*', given.maybe('account'), /^[a-z0-9][a-z0-9-]{0,30}$/, 'account'),
    storeId: idOr('*', given.maybe('store'), /^[A-Za-z0-9_.-]{1,64}$/, 'store'),
  };
}

function idOr(all: string, id: string | null, shape: RegExp, what: string): string {
  if (id !== null && !shape.test(id)) throw new WrongUsage(`--${what} ${JSON.stringify(id)} is no id of one`);
  return id ?? all;
}

const redisMs = 3_000;

/** Tells every worker at once. @returns how many heard it */
async function openBreakers({ provider, account }: HoldScope, redisUrl: string | null): Promise<number> {
  if (!redisUrl) throw new CannotDo('--open needs REDIS_URL, to tell the workers. The hold itself stands');
  const redis = connectRedis(redisUrl, { name: 'ops' });
  try {
    const late = delay(redisMs, 'late' as const, { ref: false });
    const ready = new Promise<'ready'>((done) => redis.once('ready', () => done('ready')));
    if ((await Promise.race([ready, late])) === 'late')
      throw new CannotDo('Redis does not answer: no breaker was opened. The hold itself stands');
    const news: BreakerNews = {
      account: `${provider}/${account}`,
      kind: 'create',
      opened: true,
      since: clock.now().toISOString(),
      by: actor(),
    };
    return await redis.publish(breakerChannel, JSON.stringify(news));
  } finally {
    redis.disconnect();
  }
}

const allOr = (id: string): string => (id === '*' ? 'all' : id);

const sentence = ({ provider, account, storeId }: HoldScope): string =>
  `${provider}, ${account === '*' ? 'all accounts' : `account ${account}`}, ${storeId === '*' ? 'all stores' : `store ${storeId}`}`;

const jsonOf = ({ provider, account, storeId }: HoldScope) => ({ provider, account, store_id: storeId });
