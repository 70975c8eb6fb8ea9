import {
  type AccountSecrets,
  accountIdPattern,
  openSealedSecrets,
  providerKind,
  providerNames,
  resealSecrets,
  sealSecrets,
  webhookSecretOf,
} from '@gateway/shared/provider';
import { systemClock as clock, plusMs, sealedSecret } from '@gateway/shared/runtime';
import { providerAccounts } from '@gateway/shared/store';
import { type AccountContext, type KnownAccount, knownAccounts, readAccountContext, requireMasterKeys } from '../account-context.ts';
import { proveSecrets } from '../account-proof/prove-secrets.ts';
import { readSecrets, secretNamesOf } from '../account-secrets.ts';
import type { Command } from '../cli.ts';
import type { CommandArgs } from '../command-args.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { actor, withControl, withDatabase } from '../context.ts';
import { table } from '../table.ts';
import { resealEndpoints } from './reseal-endpoints.ts';

const text = { type: 'string' } as const;
const previousValidMs = 24 * 3_600_000;

const list: Command = {
  words: 'accounts list',
  usage: '',
  description: 'All provider accounts: those of the environment, and those that were added here. Secrets are shown as fingerprints.',
  positionals: 0,
  options: {},
  run: async (_args, env) => {
    const accounts = await withControl(env, ({ knex }) => knownAccounts(env, knex));
    const columns = {
      ACCOUNT: ({ provider, id }: KnownAccount) => `${provider}/${id}`,
      MODE: ({ mode }: KnownAccount) => mode,
      STATE: ({ isDisabled }: KnownAccount) => (isDisabled ? 'disabled' : 'enabled'),
      FROM: ({ source }: KnownAccount) => source,
      SECRETS: ({ fingerprints }: KnownAccount) => fingerprintsOf(fingerprints),
      SETTINGS: settingsOf,
      CHANGED: ({ row }: KnownAccount) => row?.updatedAt,
    };
    return { json: accounts.map((each) => jsonOf(each)), text: table(accounts, columns, 'No accounts.') };
  },
};

const show: Command = {
  words: 'accounts show',
  usage: '<provider>/<id>',
  description: 'One account, with the address to register for its webhooks.',
  positionals: 1,
  options: {},
  run: async (args, env) => {
    const context = readAccountContext(env);
    const account = await withDatabase(context.urls.control, ({ knex }) => requireKnown(idOf(args), env, knex));
    const { provider, id, row } = account;
    const previous = row?.previous.filter(({ until }) => until > clock.now()) ?? [];
    const address = webhookUrlOf(context, account);
    const lines = [
      `account     ${provider}/${id}`,
      `from        ${account.source}`,
      `mode        ${account.mode}`,
      `state       ${account.isDisabled ? 'disabled: no new charges' : 'enabled'}`,
      `secrets     ${fingerprintsOf(account.fingerprints)}`,
      `settings    ${settingsOf(account) ?? '-'}`,
      `webhooks    ${address ?? 'PUBLIC_URL is not set'}`,
      ...previous.map(({ until }) => `previous    the webhook secret before is accepted until ${until.toISOString()}`),
      ...(row ? [`sealed      with master key ${sealedSecret.sealedWith(row.sealed)}`] : []),
    ];
    const json = { ...jsonOf(account), webhook_url: address, previous_until: previous.map(({ until }) => until) };
    return { json, text: lines.join('\n') };
  },
};

const add: Command = {
  words: 'accounts add',
  usage: '<provider>/<id> [--mode test|live] [--acquirer <name>] [--for-user-id <id>] [--secrets-file <file>]',
  description: `Adds an account, in every process within 2 seconds. Its secrets are one JSON object in the file or on standard input:
      {"server_key"} for Midtrans, {"secret_key","callback_token"} for Xendit.`,
  positionals: 1,
  options: { mode: text, acquirer: text, 'for-user-id': text, 'secrets-file': text },
  run: async (args, env, terminal) => {
    const context = readAccountContext(env);
    const id = idOf(args);
    const by = actor(env);
    const settings = settingsFrom(args, id, context);
    const masterKeys = requireMasterKeys(context);
    const secrets = await readSecrets(id.provider, args, terminal);
    const missing = secretNamesOf(id.provider).filter((name) => secrets[name] === undefined);
    if (missing.length > 0) throw new CommandError(`the secrets lack ${missing.join(', ')}`);
    const added = { ...id, ...settings, sealed: sealSecrets(masterKeys, id, secrets), fingerprints: fingerprints(secrets) };
    return withDatabase(context.urls.control, async ({ knex }) => {
      const known = (await knownAccounts(env, knex)).find((each) => each.provider === id.provider && each.id === id.account);
      if (known?.source === 'environment') throw ofTheEnvironment(id, 'its secrets are changed there');
      if (!(await providerAccounts.add(knex, added, { actor: by, at: clock.now() })))
        throw new CommandError(`${nameOf(id)} exists; npm run ops -- accounts rotate ${nameOf(id)} replaces its secrets`);
      const account = await requireKnown(id, env, knex);
      const address = webhookUrlOf(context, account);
      const next = `Register ${address ?? 'its webhook address'} at the provider, then: npm run ops -- accounts prove ${nameOf(id)}`;
      return {
        json: { ...jsonOf(account), webhook_url: address },
        text: `${nameOf(id)} is added (${settings.mode}); every process knows it within 2 seconds.\n${next}`,
        notes: context.isLocalStack && settings.mode === 'live' ? ['a local stack makes no charge with a live account'] : [],
      };
    });
  },
};

const rotate: Command = {
  words: 'accounts rotate',
  usage: '<provider>/<id> [--secrets-file <file>]',
  description: `Replaces the secrets that are given and keeps the others. The provider is asked with the new key first. Webhooks that are signed
      with the old secret are accepted for 24 hours.`,
  positionals: 1,
  options: { 'secrets-file': text },
  run: async (args, env, terminal) => {
    const context = readAccountContext(env);
    const id = idOf(args);
    const by = actor(env);
    const masterKeys = requireMasterKeys(context);
    const entered = await readSecrets(id.provider, args, terminal);
    return withDatabase(context.urls.control, async ({ knex }) => {
      const row = await requireRow(id, env, knex);
      const before = openSealedSecrets(masterKeys, row, row.sealed);
      const after = { ...before, ...entered };
      const problem = await proveSecrets(context, row, after);
      if (problem) throw new CommandError(`nothing was changed: the provider does not accept the new key (${problem})`);
      const at = clock.now();
      const isOtherWebhookSecret = webhookSecretOf(id, before) !== webhookSecretOf(id, after);
      const previousUntil = isOtherWebhookSecret ? plusMs(at, previousValidMs) : null;
      const change = { sealed: sealSecrets(masterKeys, id, after), fingerprints: fingerprints(after), previousUntil };
      if (!(await providerAccounts.rotate(knex, row, change, { actor: by, at })))
        throw new CommandError(`nothing was changed: ${nameOf(id)} was changed at the same time; look at it, and rotate again`);
      const accepted = previousUntil ? ` Webhooks signed with the old secret are accepted until ${previousUntil.toISOString()}.` : '';
      return {
        json: { ...jsonOf(await requireKnown(id, env, knex)), previous_until: previousUntil },
        text: `${nameOf(id)} has new secrets (${fingerprintsOf(change.fingerprints)}); every process uses them within 2 seconds.${accepted}`,
      };
    });
  },
};

const disable = switching(
  'disable',
  'Creates no new charge with the account, everywhere within 2 seconds. Its open QRs are still asked about, refunded and settled.',
);
const enable = switching('enable', 'Lets the account make charges again.');

function switching(verb: 'disable' | 'enable', description: string): Command {
  return {
    words: `accounts ${verb}`,
    usage: '<provider>/<id>',
    description,
    positionals: 1,
    options: {},
    run: async (args, env) => {
      const id = idOf(args);
      const isDisabled = verb === 'disable';
      const by = actor(env);
      const before = await withControl(env, async ({ knex }) => {
        await requireRow(id, env, knex);
        return providerAccounts.setDisabled(knex, id, isDisabled, { actor: by, at: clock.now() });
      });
      const wasBefore = (before?.disabledAt !== null) === isDisabled;
      return {
        json: { provider: id.provider, account: id.account, disabled: isDisabled, was_before: wasBefore },
        text: `${nameOf(id)} ${wasBefore ? 'was' : 'is'} ${verb}d${wasBefore ? ' already' : '; every process knows within 2 seconds'}.`,
      };
    },
  };
}

const reseal: Command = {
  words: 'accounts reseal',
  usage: '',
  description:
    'Seals every secret with the first of MASTER_KEYS, while processes serve. Afterwards the other master keys are not needed any more.',
  positionals: 0,
  options: {},
  run: async (_args, env) => {
    const context = readAccountContext(env);
    const masterKeys = requireMasterKeys(context);
    const by = actor(env);
    const first = masterKeys[0]?.id ?? '';
    const count = await withDatabase(context.urls.control, ({ knex }) =>
      providerAccounts.reseal(knex, (row, sealed) => resealSecrets(masterKeys, row, sealed), {
        actor: by,
        at: clock.now(),
        masterKeyId: first,
      }),
    );
    const endpoints = await resealEndpoints(context, masterKeys);
    return {
      json: { master_key: first, resealed: count, webhook_endpoints: endpoints },
      text: `${count} ${count === 1 ? 'account was' : 'accounts were'} sealed again, and the secrets of ${endpoints} webhook endpoints; all are sealed with master key ${first}.`,
    };
  },
};

export const accountCommands: readonly Command[] = [list, show, add, rotate, disable, enable, reseal];

/** @throws UsageError, CommandError */
export function idOf(args: CommandArgs): providerAccounts.AccountId {
  const [provider = '', account = '', ...others] = args.positional('the account (midtrans/jkt)').split('/');
  if (others.length > 0 || !accountIdPattern.test(account))
    throw new UsageError('an account is <provider>/<id>, its id 1 to 31 of a-z 0-9 -, no dash first');
  if (!providerNames.includes(provider))
    throw new CommandError(`unknown provider ${provider}; known providers: ${providerNames.join(', ')}`);
  return { provider, account };
}

type Knex = Parameters<typeof knownAccounts>[1];

/** @throws CommandError */
export async function requireKnown(
  { provider, account }: providerAccounts.AccountId,
  env: NodeJS.ProcessEnv,
  knex: Knex,
): Promise<KnownAccount> {
  const known = await knownAccounts(env, knex);
  const found = known.find((each) => each.provider === provider && each.id === account);
  if (!found) throw new CommandError(`unknown account ${provider}/${account}; npm run ops -- accounts list shows them`);
  return found;
}

/** An account that can be changed here. @throws CommandError */
async function requireRow(id: providerAccounts.AccountId, env: NodeJS.ProcessEnv, knex: Knex): Promise<providerAccounts.AccountRow> {
  const { row } = await requireKnown(id, env, knex);
  if (!row) throw ofTheEnvironment(id, `npm run ops -- hold ${id.provider} --account ${id.account} stops its new charges`);
  return row;
}

const ofTheEnvironment = (id: providerAccounts.AccountId, advice: string): CommandError =>
  new CommandError(`${nameOf(id)} is an account of the environment of the processes: ${advice}`);

function settingsFrom(
  args: CommandArgs,
  { provider }: providerAccounts.AccountId,
  { providers }: AccountContext,
): providerAccounts.AccountSettings {
  const kind = providerKind(provider);
  const mode = args.optionalOption('mode') ?? kind.modeOf(providers);
  if (mode !== 'test' && mode !== 'live') throw new UsageError('--mode must be test or live');
  const forUserId = args.optionalOption('for-user-id');
  if (forUserId !== null && !/^[A-Za-z0-9_-]{1,64}$/.test(forUserId))
    throw new UsageError('--for-user-id must be 1 to 64 of A-Z a-z 0-9 _ -');
  const acquirer = args.optionalOption('acquirer');
  if (acquirer !== null && !kind.accountSettings.includes('acquirer')) throw new UsageError(`--acquirer: ${provider} has none`);
  if (forUserId !== null && !kind.accountSettings.includes('forUserId'))
    throw new UsageError(`--for-user-id: ${provider} has no sub-accounts`);
  return { mode, acquirer, forUserId };
}

const nameOf = ({ provider, account }: providerAccounts.AccountId): string => `${provider}/${account}`;

const fingerprints = (secrets: AccountSecrets): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, sealedSecret.fingerprintOf(secret)]));

const fingerprintsOf = (all: Readonly<Record<string, string>>): string =>
  Object.entries(all)
    .map(([name, fingerprint]) => `${name} ${fingerprint}`)
    .join(', ');

function settingsOf({ acquirer, forUserId }: KnownAccount): string | null {
  const settings = [...(acquirer ? [`acquirer ${acquirer}`] : []), ...(forUserId ? [`for user ${forUserId}`] : [])];
  return settings.join(', ') || null;
}

/** Where the provider sends the webhooks of this account. */
export const webhookUrlOf = ({ publicUrl }: AccountContext, { provider, id }: Pick<KnownAccount, 'provider' | 'id'>): string | null =>
  publicUrl && `${publicUrl}/webhooks/${provider}${id === 'default' ? '' : `/${id}`}`;

const jsonOf = ({ provider, id, mode, acquirer, forUserId, source, isDisabled, fingerprints: secrets, row }: KnownAccount) => ({
  provider,
  account: id,
  mode,
  acquirer,
  for_user_id: forUserId,
  source,
  disabled: isDisabled,
  secrets,
  created_at: row?.createdAt ?? null,
  updated_at: row?.updatedAt ?? null,
});
