import { lateMoneyPolicies } from '@gateway/shared/payment';
import { accountIdPattern } from '@gateway/shared/provider';
import { storeSettings } from '@gateway/shared/store';
import { z } from 'zod';
import { CommandError, UsageError } from '../command-error.ts';
import { argument, choice, list as listOf, option, optional } from '../field.ts';
import { knownProvider, providerName, storeId } from '../ids.ts';
import { knownAccounts } from '../known-accounts.ts';
import type { AccountEnvironment } from '../operations-context.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';

const maxNameLength = 100;
const store = argument('the id of the store', storeId, { label: { en: 'Store', id: 'Toko' }, placeholder: 'store_id' });

const list = defineVerb({
  words: 'stores list',
  group: 'stores',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Stores', id: 'Toko' },
  description: {
    en: 'All stores, with their accounts, providers and policy for late money.',
    id: 'Semua toko, dengan akun, penyedia, dan aturan uang terlambatnya.',
  },
  fields: {},
  run: async (context) => {
    const rows = await context.withControl(({ knex }) => storeSettings.list(knex));
    return { json: rows.map(jsonOf), content: [table(rows, columns, 'No stores: the first payment registers one.')] };
  },
});

const show = defineVerb({
  words: 'stores show',
  group: 'stores',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'One store', id: 'Satu toko' },
  description: {
    en: 'What is set for one store, and what applies where nothing is set.',
    id: 'Apa yang diatur untuk satu toko, dan apa yang berlaku bila tidak diatur.',
  },
  fields: { store },
  run: async (context, { store: id }) => {
    const [row] = await context.withControl(({ knex }) => storeSettings.list(knex, id));
    if (!row) throw new CommandError(`unknown store ${id}: it has no payment and no settings; npm run ops -- stores list shows them`);
    return { json: jsonOf(row), content: [describe(row)] };
  },
});

const settingFields = {
  accounts: listOf(z.string().transform(accountOfProvider), {
    label: { en: 'Accounts', id: 'Akun' },
    placeholder: 'midtrans=jkt,xendit=jkt',
  }),
  providers: listOf(providerName, {
    label: { en: 'Providers, in this order', id: 'Penyedia, dengan urutan ini' },
    placeholder: 'xendit,midtrans',
  }),
  'late-money': optional(choice('late-money', lateMoneyPolicies, { label: { en: 'Late money', id: 'Uang terlambat' } })),
  name: optional(
    option(
      z
        .string()
        .refine(
          (name) => name.length <= maxNameLength && !/\p{Cc}/u.test(name),
          `--name has at most ${maxNameLength} characters, and no control characters`,
        ),
      { label: { en: 'Name', id: 'Nama' } },
    ),
  ),
  timezone: optional(
    option(z.string().refine(isTimeZone, '--timezone must be a time zone, such as Asia/Jakarta'), {
      label: { en: 'Time zone', id: 'Zona waktu' },
      placeholder: 'zone',
    }),
  ),
};

const set = defineVerb({
  words: 'stores set',
  group: 'stores',
  role: 'admin',
  changes: 'store_settings',
  reason: 'optional',
  title: { en: 'Set a store', id: 'Atur toko' },
  description: {
    en: `Sets what is named and leaves the rest; in every process within 2 seconds. --accounts changes the providers that it names;
      midtrans=default is what a store has at first. --providers are asked in this order, and no other. A store may be set before its first payment.`,
    id: 'Mengatur yang diisi dan membiarkan yang lain; di semua proses dalam 2 detik. Toko boleh diatur sebelum pembayaran pertamanya.',
  },
  fields: { store, ...settingFields },
  run: async (context, { store: id, ...entered }, by) => {
    const change = changeOf(entered);
    if (Object.keys(change).length === 0) throw new UsageError('nothing to set: name at least one setting');
    const { row, before, notes } = await context.withControl(async ({ knex }) => {
      const disabled = await requireAccounts(change.accounts ?? {}, context.accounts(), knex);
      const { before: old } = await storeSettings.set(knex, id, change, by);
      const [changed] = await storeSettings.list(knex, id);
      return { row: changed as storeSettings.StoreRow, before: old, notes: disabled };
    });
    if (row.host === null) notes.push(`no payment was made for store ${id} yet: is that its id? The settings are stored`);
    return {
      json: { ...jsonOf(row), before: storeSettings.shown(before) },
      content: [describe(row), 'Every process knows within 2 seconds.'],
      notes,
    };
  },
});

export const storeVerbs: readonly Verb[] = [list, show, set];

interface Entered {
  accounts: [provider: string, account: string][] | null;
  providers: string[] | null;
  'late-money': storeSettings.DescribedSettings['lateMoney'] | null;
  name: string | null;
  timezone: string | null;
}

function changeOf({ accounts, providers, 'late-money': lateMoney, name, timezone }: Entered): Partial<storeSettings.DescribedSettings> {
  if (providers && new Set(providers).size < providers.length) throw new UsageError('--providers: each provider once');
  return {
    ...(providers ? { providers } : {}),
    ...(accounts ? { accounts: Object.fromEntries(accounts) } : {}),
    ...(lateMoney === null ? {} : { lateMoney }),
    ...(name === null ? {} : { name }),
    ...(timezone === null ? {} : { timezone }),
  };
}

function accountOfProvider(pair: string): [provider: string, account: string] {
  const [provider = '', account = '', ...others] = pair.split('=');
  if (others.length > 0 || !accountIdPattern.test(account)) throw new UsageError(`--accounts: expected <provider>=<account>, not ${pair}`);
  return [knownProvider(provider), account];
}

/** @returns a note for each disabled account @throws CommandError for an account that does not exist */
async function requireAccounts(
  accounts: Readonly<Record<string, string>>,
  environment: AccountEnvironment,
  knex: Parameters<typeof knownAccounts>[1],
): Promise<string[]> {
  const notes: string[] = [];
  if (Object.keys(accounts).length === 0) return notes;
  const known = await knownAccounts(environment, knex);
  for (const [provider, id] of Object.entries(accounts)) {
    const found = known.find((each) => each.provider === provider && each.id === id);
    if (!found && id !== 'default') {
      const ids = known.filter((each) => each.provider === provider).map((each) => each.id);
      throw new CommandError(`unknown account ${provider}/${id}; known accounts of ${provider}: ${ids.join(', ') || 'none'}`);
    }
    if (found?.isDisabled)
      notes.push(`${provider}/${id} is disabled: no QR is made with it until npm run ops -- accounts enable ${provider}/${id}`);
  }
  return notes;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}

const accountsOf = ({ accounts }: storeSettings.StoreRow): string =>
  Object.entries(accounts)
    .map(([provider, account]) => `${provider}=${account}`)
    .join(' ') || 'default';
const providersOf = ({ providers }: storeSettings.StoreRow): string => providers?.join(',') ?? 'as PROVIDERS';

const columns = {
  STORE: ({ storeId }: storeSettings.StoreRow) => storeId,
  NAME: ({ name }: storeSettings.StoreRow) => name,
  HOST: ({ host }: storeSettings.StoreRow) => host,
  TENANT: ({ tenant }: storeSettings.StoreRow) => tenant,
  ACCOUNTS: accountsOf,
  PROVIDERS: providersOf,
  'LATE MONEY': ({ lateMoney }: storeSettings.StoreRow) => lateMoney,
  TIMEZONE: ({ timezone }: storeSettings.StoreRow) => timezone,
};

function describe(row: storeSettings.StoreRow): string {
  const lines = Object.entries(columns).map(([head, cell]) => `${head.toLowerCase().padEnd(12)}${cell(row) ?? '-'}`);
  return lines.join('\n');
}

const jsonOf = ({ storeId, host, tenant, updatedAt, ...settings }: storeSettings.StoreRow) => ({
  store_id: storeId,
  host,
  tenant,
  ...storeSettings.shown(settings),
  updated_at: updatedAt,
});
