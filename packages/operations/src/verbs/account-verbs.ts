import { openSealedSecrets, providerKind, resealSecrets, sealSecrets, webhookSecretOf } from '@gateway/shared/provider';
import { plusMs } from '@gateway/shared/runtime';
import { providerAccounts, storeSettings } from '@gateway/shared/store';
import { z } from 'zod';
import { proveSecrets } from '../account-proof/prove-secrets.ts';
import { accountSecrets, secretNamesOf } from '../account-secrets.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { choice, option, optional, secret } from '../field.ts';
import { storeId } from '../ids.ts';
import { knownAccounts, requireMasterKeys, webhookUrlOf } from '../known-accounts.ts';
import type { AccountEnvironment } from '../operations-context.ts';
import { resealEndpoints } from '../reseal-endpoints.ts';
import { defineVerb, type Verb } from '../verb.ts';
import {
  accountField,
  fingerprints,
  fingerprintsOf,
  jsonOf,
  nameOf,
  ofTheEnvironment,
  requireKnown,
  requireRow,
} from './account-helpers.ts';

const previousValidMs = 24 * 3_600_000;

const account = accountField;
const secrets = secret({ en: 'Secrets, as one JSON object', id: 'Rahasia, sebagai satu objek JSON' });

const add = defineVerb({
  words: 'accounts add',
  group: 'accounts',
  role: 'admin',
  changes: 'provider_accounts',
  reason: 'optional',
  title: { en: 'Add a provider account', id: 'Tambah akun penyedia' },
  description: {
    en: `Adds an account, in every process within 2 seconds; with --store, that store uses it from then on. Its secrets are one JSON object, in the file, on standard input or in the field:
      {"server_key"} for Midtrans, {"secret_key","callback_token"} for Xendit.`,
    id: 'Menambah akun, di semua proses dalam 2 detik; bila gerai diisi, gerai itu memakainya sejak itu. Rahasianya satu objek JSON: {"server_key"} untuk Midtrans, {"secret_key","callback_token"} untuk Xendit.',
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
    store: optional(option(storeId, { label: { en: 'For the store', id: 'Untuk gerai' }, placeholder: 'store_id' })),
    secrets,
  },
  run: async (context, { account: id, secrets: text, store, ...entered }, by) => {
    const environment = context.accounts();
    const settings = settingsFrom(entered, id, environment);
    const masterKeys = requireMasterKeys(environment);
    const values = accountSecrets(id.provider, text);
    const missing = secretNamesOf(id.provider).filter((name) => values[name] === undefined);
    if (missing.length > 0)
      throw new CommandError({ en: `the secrets lack ${missing.join(', ')}`, id: `di rahasia belum ada ${missing.join(', ')}` });
    const added = { ...id, ...settings, sealed: sealSecrets(masterKeys, id, values), fingerprints: fingerprints(values) };
    return context.withControl(async ({ knex }) => {
      const known = (await knownAccounts(environment, knex)).find((each) => each.provider === id.provider && each.id === id.account);
      if (known?.source === 'environment')
        throw ofTheEnvironment(id, { en: 'its secrets are changed there', id: 'rahasianya diganti di sana' });
      await knex.transaction(async (trx) => {
        if (!(await providerAccounts.add(trx, added, by)))
          throw new CommandError({
            en: `${nameOf(id)} exists; npm run ops -- accounts rotate ${nameOf(id)} replaces its secrets`,
            id: `${nameOf(id)} sudah ada; rahasianya dapat diganti`,
          });
        if (store !== null) await storeSettings.set(trx, store, { accounts: { [id.provider]: id.account } }, by);
      });
      const stored = await requireKnown(id, environment, knex);
      const address = webhookUrlOf(environment, stored);
      const forStore = store === null ? { en: '', id: '' } : { en: `, for store ${store}`, id: `, untuk gerai ${store}` };
      return {
        json: { ...jsonOf(stored), webhook_url: address },
        content: [
          {
            en: `${nameOf(id)} is added (${settings.mode})${forStore.en}; every process knows it within 2 seconds.
Register ${address ?? 'its webhook address'} at the provider, then: npm run ops -- accounts prove ${nameOf(id)}`,
            id: `${nameOf(id)} ditambahkan (${settings.mode})${forStore.id}; setiap proses mengenalnya dalam 2 detik.
Daftarkan ${address ?? 'alamat webhook-nya'} di penyedia, lalu buktikan akunnya.`,
          },
        ],
        next: [{ words: 'accounts prove', input: { account: nameOf(id) } }],
        notes:
          environment.isLocalStack && settings.mode === 'live'
            ? [{ en: 'a local stack makes no charge with a live account', id: 'stack lokal tidak membuat tagihan dengan akun live' }]
            : [],
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
      if (problem)
        throw new CommandError({
          en: `nothing was changed: the provider does not accept the new key (${problem})`,
          id: `tidak ada yang diubah: penyedia tidak menerima kunci baru (${problem})`,
        });
      const isOtherWebhookSecret = webhookSecretOf(id, before) !== webhookSecretOf(id, after);
      const previousUntil = isOtherWebhookSecret ? plusMs(by.at, previousValidMs) : null;
      const change = { sealed: sealSecrets(masterKeys, id, after), fingerprints: fingerprints(after), previousUntil };
      if (!(await providerAccounts.rotate(knex, row, change, by)))
        throw new CommandError({
          en: `nothing was changed: ${nameOf(id)} was changed at the same time; look at it, and rotate again`,
          id: `tidak ada yang diubah: ${nameOf(id)} diubah pada saat yang sama; lihat dulu, lalu ganti lagi`,
        });
      const [until, prints] = [previousUntil?.toISOString(), fingerprintsOf(change.fingerprints)];
      return {
        json: { ...jsonOf(await requireKnown(id, environment, knex)), previous_until: previousUntil },
        content: [
          {
            en: `${nameOf(id)} has new secrets (${prints}); every process uses them within 2 seconds.${until ? ` Webhooks signed with the old secret are accepted until ${until}.` : ''}`,
            id: `${nameOf(id)} punya rahasia baru (${prints}); setiap proses memakainya dalam 2 detik.${until ? ` Webhook dengan rahasia lama diterima sampai ${until}.` : ''}`,
          },
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
          {
            en: `${nameOf(id)} ${wasBefore ? 'was' : 'is'} ${verb}d${wasBefore ? ' already' : '; every process knows within 2 seconds'}.`,
            id: `${nameOf(id)} ${wasBefore ? 'sudah ' : ''}${isDisabled ? 'nonaktif' : 'aktif'}${wasBefore ? '' : '; setiap proses mengetahuinya dalam 2 detik'}.`,
          },
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
        {
          en: `${count} ${count === 1 ? 'account was' : 'accounts were'} sealed again, and the secrets of ${endpoints} webhook endpoints; all are sealed with master key ${first}.`,
          id: `${count} akun disegel ulang, juga rahasia ${endpoints} endpoint webhook; semuanya disegel dengan kunci induk ${first}.`,
        },
      ],
    };
  },
});

export const accountVerbs: readonly Verb[] = [add, rotate, disable, enable, reseal];

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
  if (acquirer !== null && !kind.accountSettings.includes('acquirer'))
    throw new UsageError({ en: `--acquirer: ${provider} has none`, id: `${provider} tidak punya acquirer` });
  if (forUserId !== null && !kind.accountSettings.includes('forUserId'))
    throw new UsageError({ en: `--for-user-id: ${provider} has no sub-accounts`, id: `${provider} tidak punya sub-akun` });
  return { mode: mode ?? kind.modeOf(providers), acquirer, forUserId };
}
