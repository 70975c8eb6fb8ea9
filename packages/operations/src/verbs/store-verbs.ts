import { lateMoneyPolicies } from '@gateway/shared/payment';
import { accountIdPattern } from '@gateway/shared/provider';
import { storeSettings } from '@gateway/shared/store';
import { z } from 'zod';
import { codeWords } from '../codes.ts';
import { columnTitles } from '../column-titles.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { argument, choice, list as listOf, option, optional } from '../field.ts';
import { knownProvider, providerName, storeId } from '../ids.ts';
import { knownAccounts } from '../known-accounts.ts';
import type { AccountEnvironment } from '../operations-context.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';
import { joined, line, same, type Words } from '../words.ts';

const maxNameLength = 100;
const store = argument('the id of the store', storeId, { label: { en: 'Store', id: 'Gerai' }, placeholder: 'store_id' });

const list = defineVerb({
  words: 'stores list',
  group: 'stores',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Stores', id: 'Gerai' },
  description: {
    en: 'All stores, with their accounts, providers and policy for late money.',
    id: 'Semua gerai, dengan akun, penyedia, dan aturan uang terlambatnya.',
  },
  fields: {},
  run: async (context) => {
    const rows = await context.withControl(({ knex }) => storeSettings.list(knex));
    return {
      json: rows.map(jsonOf),
      content: [
        table(rows, columns, {
          en: 'No stores: the first payment registers one.',
          id: 'Belum ada gerai: pembayaran pertama mendaftarkannya.',
        }),
      ],
    };
  },
});

const show = defineVerb({
  words: 'stores show',
  group: 'stores',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'One store', id: 'Satu gerai' },
  description: {
    en: 'What is set for one store, and what applies where nothing is set.',
    id: 'Apa yang diatur untuk satu gerai, dan apa yang berlaku bila tidak diatur.',
  },
  fields: { store },
  run: async (context, { store: id }) => {
    const [row] = await context.withControl(({ knex }) => storeSettings.list(knex, id));
    if (!row)
      throw new CommandError({
        en: `unknown store ${id}: it has no payment and no settings; npm run ops -- stores list shows them`,
        id: `gerai ${id} tidak dikenal: belum ada pembayaran dan pengaturannya`,
      });
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
  title: { en: 'Set a store', id: 'Atur gerai' },
  description: {
    en: `Sets what is named and leaves the rest; in every process within 2 seconds. --accounts changes the providers that it names;
      midtrans=default is what a store has at first. --providers are asked in this order, and no other. A store may be set before its first payment.`,
    id: 'Mengatur yang diisi dan membiarkan yang lain; di semua proses dalam 2 detik. Gerai boleh diatur sebelum pembayaran pertamanya.',
  },
  fields: { store, ...settingFields },
  run: async (context, { store: id, ...entered }, by) => {
    const change = changeOf(entered);
    if (Object.keys(change).length === 0)
      throw new UsageError({
        en: 'nothing to set: name at least one setting',
        id: 'tidak ada yang diatur: isi sedikitnya satu pengaturan',
      });
    const { row, before, notes } = await context.withControl(async ({ knex }) => {
      const disabled = await requireAccounts(change.accounts ?? {}, context.accounts(), knex);
      const { before: old } = await storeSettings.set(knex, id, change, by);
      const [changed] = await storeSettings.list(knex, id);
      return { row: changed as storeSettings.StoreRow, before: old, notes: disabled };
    });
    if (row.host === null)
      notes.push({
        en: `no payment was made for store ${id} yet: is that its id? The settings are stored`,
        id: `belum ada pembayaran untuk gerai ${id}: benarkah itu id-nya? Pengaturannya tersimpan`,
      });
    return {
      json: { ...jsonOf(row), before: storeSettings.shown(before) },
      content: [describe(row), { en: 'Every process knows within 2 seconds.', id: 'Setiap proses mengetahuinya dalam 2 detik.' }],
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
  if (providers && new Set(providers).size < providers.length)
    throw new UsageError({ en: '--providers: each provider once', id: 'setiap penyedia sekali saja' });
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
  if (others.length > 0 || !accountIdPattern.test(account))
    throw new UsageError({
      en: `--accounts: expected <provider>=<account>, not ${pair}`,
      id: `akun ditulis <penyedia>=<akun>, bukan ${pair}`,
    });
  return [knownProvider(provider), account];
}

/** @returns a note for each disabled account @throws CommandError for an account that does not exist */
async function requireAccounts(
  accounts: Readonly<Record<string, string>>,
  environment: AccountEnvironment,
  knex: Parameters<typeof knownAccounts>[1],
): Promise<Words[]> {
  const notes: Words[] = [];
  if (Object.keys(accounts).length === 0) return notes;
  const known = await knownAccounts(environment, knex);
  for (const [provider, id] of Object.entries(accounts)) {
    const found = known.find((each) => each.provider === provider && each.id === id);
    if (!found && id !== 'default') {
      const ids = known.filter((each) => each.provider === provider).map((each) => each.id);
      throw new CommandError({
        en: `unknown account ${provider}/${id}; known accounts of ${provider}: ${ids.join(', ') || 'none'}`,
        id: `akun ${provider}/${id} tidak dikenal; akun ${provider} yang dikenal: ${ids.join(', ') || 'tidak ada'}`,
      });
    }
    if (found?.isDisabled)
      notes.push({
        en: `${provider}/${id} is disabled: no QR is made with it until npm run ops -- accounts enable ${provider}/${id}`,
        id: `${provider}/${id} nonaktif: tidak ada QR yang dibuat dengannya sampai diaktifkan`,
      });
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

function accountsOf({ accounts }: storeSettings.StoreRow): Words {
  const names = Object.entries(accounts).map(([provider, account]) => `${provider}=${account}`);
  return names.length > 0 ? same(names.join(' ')) : { en: 'default', id: 'bawaan' };
}

const providersOf = ({ providers }: storeSettings.StoreRow): Words =>
  providers ? same(providers.join(',')) : { en: 'as PROVIDERS', id: 'menurut PROVIDERS' };

const columns = {
  STORE: ({ storeId }: storeSettings.StoreRow) => storeId,
  NAME: ({ name }: storeSettings.StoreRow) => name,
  HOST: ({ host }: storeSettings.StoreRow) => host,
  TENANT: ({ tenant }: storeSettings.StoreRow) => tenant,
  ACCOUNTS: accountsOf,
  PROVIDERS: providersOf,
  'LATE MONEY': ({ lateMoney }: storeSettings.StoreRow) => codeWords(lateMoney),
  TIMEZONE: ({ timezone }: storeSettings.StoreRow) => timezone,
};

function describe(row: storeSettings.StoreRow): Words {
  const entries = Object.entries(columns) as [keyof typeof columns, (row: storeSettings.StoreRow) => string | Words | null][];
  const lines = entries.map(([head, cell]) => {
    const value = cell(row) ?? '-';
    return line(head.toLowerCase(), columnTitles[head].toLowerCase(), typeof value === 'string' ? same(value) : value);
  });
  return joined(lines, '\n');
}

const jsonOf = ({ storeId, host, tenant, updatedAt, ...settings }: storeSettings.StoreRow) => ({
  store_id: storeId,
  host,
  tenant,
  ...storeSettings.shown(settings),
  updated_at: updatedAt,
});
