import { type LateMoney, lateMoneyPolicies } from '@gateway/shared/payment';
import { accountIdPattern, providerNames } from '@gateway/shared/provider';
import { systemClock as clock, storeIdPattern } from '@gateway/shared/runtime';
import { storeSettings } from '@gateway/shared/store';
import { knownAccounts } from '../account-context.ts';
import type { Command } from '../cli.ts';
import type { CommandArgs } from '../command-args.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { actor, withControl } from '../context.ts';
import { table } from '../table.ts';

const text = { type: 'string' } as const;
const several = { type: 'string', multiple: true } as const;
const maxNameLength = 100;

const list: Command = {
  words: 'stores list',
  usage: '',
  description: 'All stores, with their accounts, providers and policy for late money.',
  positionals: 0,
  options: {},
  run: async (_args, env) => {
    const rows = await withControl(env, ({ knex }) => storeSettings.list(knex));
    return { json: rows.map(jsonOf), text: table(rows, columns, 'No stores: the first payment registers one.') };
  },
};

const show: Command = {
  words: 'stores show',
  usage: '<store_id>',
  description: 'What is set for one store, and what applies where nothing is set.',
  positionals: 1,
  options: {},
  run: async (args, env) => {
    const storeId = storeIdOf(args);
    const [row] = await withControl(env, ({ knex }) => storeSettings.list(knex, storeId));
    if (!row) throw new CommandError(`unknown store ${storeId}: it has no payment and no settings; npm run ops -- stores list shows them`);
    return { json: jsonOf(row), text: describe(row) };
  },
};

const set: Command = {
  words: 'stores set',
  usage: `<store_id> [--accounts midtrans=jkt,xendit=jkt] [--providers xendit,midtrans] [--late-money accept|refund|hold]
      [--name <text>] [--timezone <zone>]`,
  description: `Sets what is named and leaves the rest; in every process within 2 seconds. --accounts changes the providers that it names;
      midtrans=default is what a store has at first. --providers are asked in this order, and no other. A store may be set before its first payment.`,
  positionals: 1,
  options: { accounts: several, providers: several, 'late-money': text, name: text, timezone: text },
  run: async (args, env) => {
    const storeId = storeIdOf(args);
    const change = changeOf(args);
    if (Object.keys(change).length === 0) throw new UsageError('nothing to set: name at least one setting');
    const by = actor(env);
    const { row, before, notes } = await withControl(env, async ({ knex }) => {
      const disabled = await requireAccounts(change.accounts ?? {}, env, knex);
      const { before: old } = await storeSettings.set(knex, storeId, change, { actor: by, at: clock.now() });
      const [changed] = await storeSettings.list(knex, storeId);
      return { row: changed as storeSettings.StoreRow, before: old, notes: disabled };
    });
    if (row.host === null) notes.push(`no payment was made for store ${storeId} yet: is that its id? The settings are stored`);
    return {
      json: { ...jsonOf(row), before: storeSettings.shown(before) },
      text: `${describe(row)}\n\nEvery process knows within 2 seconds.`,
      notes,
    };
  },
};

export const storeCommands: readonly Command[] = [list, show, set];

function storeIdOf(args: CommandArgs): string {
  const id = args.positional('the id of the store');
  if (!storeIdPattern.test(id)) throw new UsageError(`invalid store id ${JSON.stringify(id)}: expected 1 to 64 of A-Z a-z 0-9 _ . -`);
  return id;
}

function changeOf(args: CommandArgs): Partial<storeSettings.DescribedSettings> {
  const providers = args.list('providers')?.map(requireProvider);
  const accounts = args.list('accounts')?.map(accountOfProvider);
  const lateMoney = args.optionalOption('late-money');
  const name = args.optionalOption('name');
  const timezone = args.optionalOption('timezone');
  if (providers && new Set(providers).size < providers.length) throw new UsageError('--providers: each provider once');
  if (lateMoney !== null && !lateMoneyPolicies.includes(lateMoney as LateMoney))
    throw new UsageError(`--late-money must be one of ${lateMoneyPolicies.join(', ')}`);
  if (name !== null && (name.length > maxNameLength || /\p{Cc}/u.test(name)))
    throw new UsageError(`--name has at most ${maxNameLength} characters, and no control characters`);
  if (timezone !== null && !isTimeZone(timezone)) throw new UsageError('--timezone must be a time zone, such as Asia/Jakarta');
  return {
    ...(providers ? { providers } : {}),
    ...(accounts ? { accounts: Object.fromEntries(accounts) } : {}),
    ...(lateMoney === null ? {} : { lateMoney: lateMoney as LateMoney }),
    ...(name === null ? {} : { name }),
    ...(timezone === null ? {} : { timezone }),
  };
}

function requireProvider(name: string): string {
  if (!providerNames.includes(name)) throw new CommandError(`unknown provider ${name}; known providers: ${providerNames.join(', ')}`);
  return name;
}

function accountOfProvider(pair: string): [provider: string, account: string] {
  const [provider = '', account = '', ...others] = pair.split('=');
  if (others.length > 0 || !accountIdPattern.test(account)) throw new UsageError(`--accounts: expected <provider>=<account>, not ${pair}`);
  return [requireProvider(provider), account];
}

/** @returns a note for each disabled account @throws CommandError for an account that does not exist */
async function requireAccounts(
  accounts: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
  knex: Parameters<typeof knownAccounts>[1],
): Promise<string[]> {
  const notes: string[] = [];
  if (Object.keys(accounts).length === 0) return notes;
  const known = await knownAccounts(env, knex);
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
