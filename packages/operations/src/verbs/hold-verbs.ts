import { setTimeout as delay } from 'node:timers/promises';
import { accountIdPattern, providerNames } from '@gateway/shared/provider';
import { type BreakerUpdate, breakerChannel, connectRedis, publishCounted } from '@gateway/shared/queue';
import { storeIdPattern } from '@gateway/shared/runtime';
import { holds, stores } from '@gateway/shared/store';
import { z } from 'zod';
import { CommandError, UsageError } from '../command-error.ts';
import { argument, checkbox, chosenFrom, option, optional } from '../field.ts';
import { providerName } from '../ids.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';
import { joined, same, type Words } from '../words.ts';

const idOf = (kind: 'account' | 'store', pattern: RegExp) =>
  z.string().regex(pattern, { error: ({ input }) => `--${kind}: invalid ${kind} id ${JSON.stringify(input)}` });

const scopeFields = {
  provider: chosenFrom(
    argument('the provider', providerName, { label: { en: 'Provider', id: 'Penyedia' }, placeholder: 'provider' }),
    providerNames,
  ),
  account: optional(option(idOf('account', accountIdPattern), { label: { en: 'Account', id: 'Akun' }, placeholder: 'id' })),
  store: optional(option(idOf('store', storeIdPattern), { label: { en: 'Store', id: 'Gerai' }, placeholder: 'id' })),
};

interface ScopeValues {
  provider: string;
  account: string | null;
  store: string | null;
}

const scopeOf = ({ provider, account, store }: ScopeValues): holds.HoldScope => ({
  provider,
  account: account ?? '*',
  storeId: store ?? '*',
});

const hold = defineVerb({
  words: 'hold',
  group: 'holds',
  role: 'operator',
  changes: 'holds',
  reason: 'optional',
  title: { en: 'Hold a provider', id: 'Tahan penyedia' },
  description: {
    en: `Creates no new QRs at a provider, everywhere within 2 seconds; its existing charges are still followed. With --open at once, also for payments
      that are being created now: every worker opens its circuit breaker, and retries automatically once the hold is lifted.`,
    id: 'Tidak membuat QR baru di penyedia ini, di semua proses dalam 2 detik; tagihan yang sudah ada tetap diikuti.',
  },
  fields: {
    ...scopeFields,
    open: checkbox({ en: 'Also for payments that are being created now', id: 'Juga untuk pembayaran yang sedang dibuat' }),
  },
  run: async (context, { open: opensBreakers, ...values }, by) => {
    const scope = scopeOf(values);
    if (opensBreakers && scope.storeId !== '*')
      throw new UsageError({
        en: '--open cannot be combined with --store: a circuit breaker is for all stores',
        id: 'pembayaran yang sedang dibuat tidak dapat dipilih bersama gerai: pemutus sirkuit berlaku untuk semua gerai',
      });
    const { isNew, isKnown } = await context.withControl(async (db) => ({
      isNew: await holds.place(db.knex, scope, by),
      isKnown: scope.storeId === '*' || (await stores.exists(db.pool, scope.storeId)),
    }));
    const workersReached = opensBreakers ? await openBreakers(scope, context.redisUrl(), { since: by.at, by: by.actor }) : null;
    const notes = isKnown
      ? []
      : [
          {
            en: `no payment was ever made for store ${scope.storeId}: is that its id? The hold is active`,
            id: `belum pernah ada pembayaran untuk gerai ${scope.storeId}: benarkah itu id-nya? Penahanan berlaku`,
          },
        ];
    const errors =
      workersReached === 0
        ? [
            {
              en: 'no worker is subscribed: no circuit breaker was opened. The hold is active',
              id: 'tidak ada worker yang mendengarkan: tidak ada pemutus sirkuit yang dibuka. Penahanan berlaku',
            },
          ]
        : [];
    const where = describeScope(scope);
    const message = {
      en: `${isNew ? 'Hold placed' : 'Already held'}: ${where.en}.`,
      id: `${isNew ? 'Ditahan' : 'Sudah ditahan'}: ${where.id}.`,
    };
    const opened = {
      en: `Circuit breakers were opened in ${workersReached} ${workersReached === 1 ? 'worker' : 'workers'}.`,
      id: `Pemutus sirkuit dibuka di ${workersReached} worker.`,
    };
    return {
      json: { ...jsonOf(scope), held: true, was_before: !isNew, workers_told: workersReached },
      content: [workersReached ? joined([message, opened]) : message],
      notes,
      errors,
    };
  },
});

const release = defineVerb({
  words: 'release',
  group: 'holds',
  role: 'operator',
  changes: 'holds',
  reason: 'optional',
  title: { en: 'Lift a hold', id: 'Lepas penahanan' },
  description: {
    en: 'Lifts exactly that hold; a wider or a narrower one stays.',
    id: 'Melepas tepat penahanan itu; yang lebih luas atau lebih sempit tetap berlaku.',
  },
  fields: scopeFields,
  run: async (context, values, by) => {
    const scope = scopeOf(values);
    const { wasHeld, remaining } = await context.withControl(async ({ knex }) => ({
      wasHeld: await holds.lift(knex, scope, by),
      remaining: (await holds.list(knex)).filter(({ provider }) => provider === scope.provider),
    }));
    const others = remaining.map((other) => {
      const [where, since] = [describeScope(other), other.heldAt.toISOString()];
      return { en: `Still held: ${where.en}, since ${since}.`, id: `Masih ditahan: ${where.id}, sejak ${since}.` };
    });
    const where = describeScope(scope);
    const message = {
      en: `${wasHeld ? 'Hold lifted' : 'No such hold'}: ${where.en}.`,
      id: `${wasHeld ? 'Penahanan dilepas' : 'Tidak ada penahanan seperti itu'}: ${where.id}.`,
    };
    return {
      json: { ...jsonOf(scope), held: false, was_before: wasHeld, others: remaining.map(jsonOf) },
      content: [joined([message, ...others], '\n')],
    };
  },
});

const list = defineVerb({
  words: 'holds list',
  group: 'holds',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Holds', id: 'Penahanan' },
  description: { en: 'Which providers are held, for whom, since when.', id: 'Penyedia mana yang ditahan, untuk siapa, sejak kapan.' },
  fields: {},
  run: async (context) => {
    const activeHolds = await context.withControl(({ knex }) => holds.list(knex));
    const columns = {
      PROVIDER: ({ provider }: holds.HoldRow) => provider,
      ACCOUNT: ({ account }: holds.HoldRow) => allOr(account),
      STORE: ({ storeId }: holds.HoldRow) => allOr(storeId),
      SINCE: ({ heldAt }: holds.HoldRow) => heldAt,
      BY: ({ heldBy }: holds.HoldRow) => heldBy,
      REASON: ({ reason }: holds.HoldRow) => reason,
    };
    const json = activeHolds.map((each) => ({ ...jsonOf(each), held_at: each.heldAt, held_by: each.heldBy, reason: each.reason }));
    return { json, content: [table(activeHolds, columns, { en: 'No holds.', id: 'Tidak ada penahanan.' })] };
  },
});

export const holdVerbs: readonly Verb[] = [hold, release, list];

const redisTimeoutMs = 3_000;

/** Opens the circuit breakers of every worker. @returns the number of workers that received the message. @throws CommandError */
async function openBreakers(
  { provider, account }: holds.HoldScope,
  redisUrl: string | null,
  opened: Pick<BreakerUpdate, 'since' | 'by'>,
): Promise<number> {
  if (!redisUrl)
    throw new CommandError({
      en: '--open needs REDIS_URL, to reach the workers. The hold is active',
      id: 'REDIS_URL diperlukan untuk mencapai worker. Penahanan berlaku',
    });
  const redis = connectRedis(redisUrl, { name: 'ops' });
  try {
    const late = delay(redisTimeoutMs, 'late' as const, { ref: false });
    const ready = new Promise<'ready'>((done) => redis.once('ready', () => done('ready')));
    if ((await Promise.race([ready, late])) === 'late')
      throw new CommandError({
        en: 'Redis unavailable: no circuit breaker was opened. The hold is active',
        id: 'Redis tidak tersedia: tidak ada pemutus sirkuit yang dibuka. Penahanan berlaku',
      });
    const update: BreakerUpdate = { account: `${provider}/${account}`, kind: 'create', opened: true, ...opened };
    return await publishCounted(redis, breakerChannel, JSON.stringify(update));
  } finally {
    redis.disconnect();
  }
}

const allOr = (id: string): Words => (id === '*' ? { en: 'all', id: 'semua' } : same(id));

const describeScope = ({ provider, account, storeId }: holds.HoldScope): Words => ({
  en: `${provider}, ${account === '*' ? 'all accounts' : `account ${account}`}, ${storeId === '*' ? 'all stores' : `store ${storeId}`}`,
  id: `${provider}, ${account === '*' ? 'semua akun' : `akun ${account}`}, ${storeId === '*' ? 'semua gerai' : `gerai ${storeId}`}`,
});

const jsonOf = ({ provider, account, storeId }: holds.HoldScope) => ({ provider, account, store_id: storeId });
