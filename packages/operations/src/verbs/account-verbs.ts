import {
  type AccountSecrets,
  openSealedSecrets,
  providerKind,
  resealSecrets,
  sealSecrets,
  webhookSecretOf,
} from '@gateway/shared/provider';
import { plusMs, sealedSecret } from '@gateway/shared/runtime';
import { providerAccounts, storeSettings } from '@gateway/shared/store';
import { z } from 'zod';
import { proveSecrets } from '../account-proof/prove-secrets.ts';
import { accountSecrets, secretNamesOf } from '../account-secrets.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { argument, choice, option, optional, secret } from '../field.ts';
import { accountName, storeId } from '../ids.ts';
import { type KnownAccount, knownAccounts, requireMasterKeys, webhookUrlOf } from '../known-accounts.ts';
import type { AccountEnvironment } from '../operations-context.ts';
import { resealEndpoints } from '../reseal-endpoints.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';

const previousValidMs = 24 * 3_600_000;

const account = argument('the account (midtrans/jkt)', accountName, { label: { en: 'Account', id: 'Akun' }, placeholder: 'provider>/<id' });
const secrets = secret({ en: 'Secrets, as one JSON object', id: 'Rahasia, sebagai satu objek JSON' });

const list = defineVerb({
  words: 'accounts list',
  group: 'accounts',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Provider accounts', id: 'Akun penyedia' },
  description: {
    en: 'All provider accounts: those of the environment, and those that were added here. Secrets are shown as fingerprints.',
    id: 'Semua akun penyedia: yang dari lingkungan, dan yang ditambahkan di sini. Rahasia ditampilkan sebagai sidik jari.',
  },
  fields: {},
  run: async (context) => {
    const accounts = await context.withControl(({ knex }) => knownAccounts(context.accounts(), knex));
    const columns = {
      ACCOUNT: ({ provider, id }: KnownAccount) => `${provider}/${id}`,
      MODE: ({ mode }: KnownAccount) => mode,
      STATE: ({ isDisabled }: KnownAccount) => (isDisabled ? 'disabled' : 'enabled'),
      FROM: ({ source }: KnownAccount) => source,
      SECRETS: ({ fingerprints }: KnownAccount) => fingerprintsOf(fingerprints),
      SETTINGS: settingsOf,
      CHANGED: ({ row }: KnownAccount) => row?.updatedAt,
    };
    return { json: accounts.map((each) => jsonOf(each)), content: [table(accounts, columns, 'No accounts.')] };
  },
});

const show = defineVerb({
  words: 'accounts show',
  group: 'accounts',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'One provider account', id: 'Satu akun penyedia' },
  description: {
    en: 'One account, with the address to register for its webhooks.',
    id: 'Satu akun, dengan alamat yang harus didaftarkan untuk webhook-nya.',
  },
  fields: { account },
  run: async (context, { account: id }, { at }) => {
    const environment = context.accounts();
    const shown = await context.withControl(({ knex }) => requireKnown(id, environment, knex));
    const previous = shown.row?.previous.filter(({ until }) => until > at) ?? [];
    const address = webhookUrlOf(environment, shown);
    const lines = [
      `account     ${shown.provider}/${shown.id}`,
      `from        ${shown.source}`,
      `mode        ${shown.mode}`,
      `state       ${shown.isDisabled ? 'disabled: no new charges' : 'enabled'}`,
      `secrets     ${fingerprintsOf(shown.fingerprints)}`,
      `settings    ${settingsOf(shown) ?? '-'}`,
      `webhooks    ${address ?? 'PUBLIC_URL is not set'}`,
      ...previous.map(({ until }) => `previous    the webhook secret before is accepted until ${until.toISOString()}`),
      ...(shown.row ? [`sealed      with master key ${sealedSecret.sealedWith(shown.row.sealed)}`] : []),
    ];
    const json = { ...jsonOf(shown), webhook_url: address, previous_until: previous.map(({ until }) => until) };
    return { json, content: [lines.join('\n')] };
  },
});

const add = defineVerb({
  words: 'accounts add',
  group: 'accounts',
  role: 'admin',
  changes: 'provider_accounts',
  reason: 'optional',
  title: { en: 'Add a provider account', id: 'Tambah akun penyedia' },
  description: {
    en: `Adds an account, in every process within 2 seconds; with --store, that store uses it from then on. Its secrets are one JSON object in the file or on standard input:
      {"server_key"} for Midtrans, {"secret_key","callback_token"} for Xendit.`,
    id: 'Menambah akun, di semua proses dalam 2 detik; bila toko diisi, toko itu memakainya sejak itu. Rahasianya satu objek JSON: {"server_key"} untuk Midtrans, {"secret_key","callback_token"} untuk Xendit.',
  },
  fields: {
    account,
    mode: optional(choice('mode', ['test', 'live'], { label: { en: 'Mode', id: 'Mode' }, wording: 'must be test or live' })),
    acquirer: optional(option(z.string(), { label: { en: 'Acquirer', id: 'Acquirer' }, placeholder: 'name' })),
    'for-user-id': optional(
      option(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, '--for-user-id must be 1 to 64 of A-Z a-z 0-9 _ -'), {
        label: { en: 'Sub-account', id: 'Sub-akun' },
        placeholder: 'id',
      }),
    ),
    store: optional(option(storeId, { label: { en: 'For the store', id: 'Untuk toko' }, placeholder: 'store_id' })),
    secrets,
  },
  run: async (context, { account: id, secrets: text, store, ...entered }, by) => {
    const environment = context.accounts();
    const settings = settingsFrom(entered, id, environment);
    const masterKeys = requireMasterKeys(environment);
    const values = accountSecrets(id.provider, text);
    const missing = secretNamesOf(id.provider).filter((name) => values[name] === undefined);
    if (missing.length > 0) throw new CommandError(`the secrets lack ${missing.join(', ')}`);
    const added = { ...id, ...settings, sealed: sealSecrets(masterKeys, id, values), fingerprints: fingerprints(values) };
    return context.withControl(async ({ knex }) => {
      const known = (await knownAccounts(environment, knex)).find((each) => each.provider === id.provider && each.id === id.account);
      if (known?.source === 'environment') throw ofTheEnvironment(id, 'its secrets are changed there');
      await knex.transaction(async (trx) => {
        if (!(await providerAccounts.add(trx, added, by)))
          throw new CommandError(`${nameOf(id)} exists; npm run ops -- accounts rotate ${nameOf(id)} replaces its secrets`);
        if (store !== null) await storeSettings.set(trx, store, { accounts: { [id.provider]: id.account } }, by);
      });
      const stored = await requireKnown(id, environment, knex);
      const address = webhookUrlOf(environment, stored);
      const next = `Register ${address ?? 'its webhook address'} at the provider, then: npm run ops -- accounts prove ${nameOf(id)}`;
      return {
        json: { ...jsonOf(stored), webhook_url: address },
        content: [
          `${nameOf(id)} is added (${settings.mode})${store === null ? '' : `, for store ${store}`}; every process knows it within 2 seconds.\n${next}`,
        ],
        next: [{ words: 'accounts prove', input: { account: nameOf(id) } }],
        notes: environment.isLocalStack && settings.mode === 'live' ? ['a local stack makes no charge with a live account'] : [],
      };
    });
  },
});

const rotate = defineVerb({
  words: 'accounts rotate',
  group: 'accounts',
  role: 'admin',
  changes: 'provider_accounts',
  reason: 'optional',
  title: { en: 'Rotate the secrets of an account', id: 'Ganti rahasia akun' },
  description: {
    en: `Replaces the secrets that are entered and keeps the others. The provider is asked with the new key first. Webhooks that are signed
      with the old secret are accepted for 24 hours.`,
    id: 'Mengganti rahasia yang diberikan dan menyimpan yang lain. Penyedia ditanya dulu dengan kunci baru. Webhook dengan rahasia lama diterima 24 jam.',
  },
  fields: { account, secrets },
  run: async (context, { account: id, secrets: text }, by) => {
    const environment = context.accounts();
    const masterKeys = requireMasterKeys(environment);
    const entered = accountSecrets(id.provider, text);
    return context.withControl(async ({ knex }) => {
      const row = await requireRow(id, environment, knex);
      const before = openSealedSecrets(masterKeys, row, row.sealed);
      const after = { ...before, ...entered };
      const problem = await proveSecrets(environment, row, after);
      if (problem) throw new CommandError(`nothing was changed: the provider does not accept the new key (${problem})`);
      const isOtherWebhookSecret = webhookSecretOf(id, before) !== webhookSecretOf(id, after);
      const previousUntil = isOtherWebhookSecret ? plusMs(by.at, previousValidMs) : null;
      const change = { sealed: sealSecrets(masterKeys, id, after), fingerprints: fingerprints(after), previousUntil };
      if (!(await providerAccounts.rotate(knex, row, change, by)))
        throw new CommandError(`nothing was changed: ${nameOf(id)} was changed at the same time; look at it, and rotate again`);
      const accepted = previousUntil ? ` Webhooks signed with the old secret are accepted until ${previousUntil.toISOString()}.` : '';
      return {
        json: { ...jsonOf(await requireKnown(id, environment, knex)), previous_until: previousUntil },
        content: [
          `${nameOf(id)} has new secrets (${fingerprintsOf(change.fingerprints)}); every process uses them within 2 seconds.${accepted}`,
        ],
      };
    });
  },
});

const disable = switching('disable', {
  title: { en: 'Disable an account', id: 'Nonaktifkan akun' },
  description: {
    en: 'Creates no new charge with the account, everywhere within 2 seconds. Its open QRs are still asked about, refunded and settled.',
    id: 'Tidak membuat tagihan baru dengan akun ini, di semua proses dalam 2 detik. QR yang terbuka tetap diikuti.',
  },
});
const enable = switching('enable', {
  title: { en: 'Enable an account', id: 'Aktifkan akun' },
  description: { en: 'Lets the account make charges again.', id: 'Akun boleh membuat tagihan lagi.' },
});

function switching(verb: 'disable' | 'enable', texts: Pick<Verb, 'title' | 'description'>): Verb {
  return defineVerb({
    words: `accounts ${verb}`,
    group: 'accounts',
    role: 'admin',
    changes: 'provider_accounts',
    reason: 'optional',
    ...texts,
    fields: { account },
    run: async (context, { account: id }, by) => {
      const isDisabled = verb === 'disable';
      const before = await context.withControl(async ({ knex }) => {
        await requireRow(id, context.accounts(), knex);
        return providerAccounts.setDisabled(knex, id, isDisabled, by);
      });
      const wasBefore = (before?.disabledAt !== null) === isDisabled;
      return {
        json: { provider: id.provider, account: id.account, disabled: isDisabled, was_before: wasBefore },
        content: [
          `${nameOf(id)} ${wasBefore ? 'was' : 'is'} ${verb}d${wasBefore ? ' already' : '; every process knows within 2 seconds'}.`,
        ],
      };
    },
  });
}

const reseal = defineVerb({
  words: 'accounts reseal',
  group: 'accounts',
  role: 'admin',
  changes: 'provider_accounts',
  reason: 'optional',
  title: { en: 'Seal all secrets again', id: 'Segel ulang semua rahasia' },
  description: {
    en: 'Seals every secret with the first of MASTER_KEYS, while processes serve. Afterwards the other master keys are not needed any more.',
    id: 'Menyegel semua rahasia dengan MASTER_KEYS yang pertama, selagi proses melayani. Sesudahnya kunci yang lain tidak diperlukan lagi.',
  },
  fields: {},
  run: async (context, _values, by) => {
    const masterKeys = requireMasterKeys(context.accounts());
    const first = masterKeys[0]?.id ?? '';
    const again = (row: providerAccounts.AccountId, sealed: string) => resealSecrets(masterKeys, row, sealed);
    const count = await context.withControl(({ knex }) => providerAccounts.reseal(knex, again, first, by));
    const endpoints = await resealEndpoints(context, masterKeys);
    return {
      json: { master_key: first, resealed: count, webhook_endpoints: endpoints },
      content: [
        `${count} ${count === 1 ? 'account was' : 'accounts were'} sealed again, and the secrets of ${endpoints} webhook endpoints; all are sealed with master key ${first}.`,
      ],
    };
  },
});

export const accountVerbs: readonly Verb[] = [list, show, add, rotate, disable, enable, reseal];

type Knex = Parameters<typeof knownAccounts>[1];

/** @throws CommandError */
async function requireKnown(id: providerAccounts.AccountId, environment: AccountEnvironment, knex: Knex): Promise<KnownAccount> {
  const known = await knownAccounts(environment, knex);
  const found = known.find((each) => each.provider === id.provider && each.id === id.account);
  if (!found) throw new CommandError(`unknown account ${nameOf(id)}; npm run ops -- accounts list shows them`);
  return found;
}

/** An account that can be changed here. @throws CommandError */
async function requireRow(
  id: providerAccounts.AccountId,
  environment: AccountEnvironment,
  knex: Knex,
): Promise<providerAccounts.AccountRow> {
  const { row } = await requireKnown(id, environment, knex);
  if (!row) throw ofTheEnvironment(id, `npm run ops -- hold ${id.provider} --account ${id.account} stops its new charges`);
  return row;
}

const ofTheEnvironment = (id: providerAccounts.AccountId, advice: string): CommandError =>
  new CommandError(`${nameOf(id)} is an account of the environment of the processes: ${advice}`);

interface EnteredSettings {
  mode: 'test' | 'live' | null;
  acquirer: string | null;
  'for-user-id': string | null;
}

function settingsFrom(
  { mode, acquirer, 'for-user-id': forUserId }: EnteredSettings,
  { provider }: providerAccounts.AccountId,
  { providers }: AccountEnvironment,
): providerAccounts.AccountSettings {
  const kind = providerKind(provider);
  if (acquirer !== null && !kind.accountSettings.includes('acquirer')) throw new UsageError(`--acquirer: ${provider} has none`);
  if (forUserId !== null && !kind.accountSettings.includes('forUserId'))
    throw new UsageError(`--for-user-id: ${provider} has no sub-accounts`);
  return { mode: mode ?? kind.modeOf(providers), acquirer, forUserId };
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
