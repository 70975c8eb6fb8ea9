import { sealedSecret } from '@gateway/shared/runtime';
import { type KnownAccount, knownAccounts, webhookUrlOf } from '../known-accounts.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';
import { joined, line, same, type Words } from '../words.ts';
import { accountField, fingerprintsOf, jsonOf, requireKnown, settingsOf } from './account-helpers.ts';

const sourceWords: Readonly<Record<KnownAccount['source'], Words>> = {
  environment: { en: 'environment', id: 'lingkungan' },
  database: { en: 'database', id: 'basis data' },
};

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
      STATE: ({ isDisabled }: KnownAccount) => (isDisabled ? { en: 'disabled', id: 'nonaktif' } : { en: 'enabled', id: 'aktif' }),
      FROM: ({ source }: KnownAccount) => sourceWords[source],
      SECRETS: ({ fingerprints }: KnownAccount) => fingerprintsOf(fingerprints),
      SETTINGS: settingsOf,
      CHANGED: ({ row }: KnownAccount) => row?.updatedAt,
    };
    return {
      json: accounts.map((each) => jsonOf(each)),
      content: [table(accounts, columns, { en: 'No accounts.', id: 'Tidak ada akun.' })],
    };
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
  fields: { account: accountField },
  run: async (context, { account: id }, { at }) => {
    const environment = context.accounts();
    const shown = await context.withControl(({ knex }) => requireKnown(id, environment, knex));
    const previous = shown.row?.previous.filter(({ until }) => until > at) ?? [];
    const address = webhookUrlOf(environment, shown);
    const state = shown.isDisabled
      ? { en: 'disabled: no new charges', id: 'nonaktif: tidak ada tagihan baru' }
      : { en: 'enabled', id: 'aktif' };
    const sealedWith = shown.row ? sealedSecret.sealedWith(shown.row.sealed) : '';
    const lines = [
      line('account', 'akun', same(`${shown.provider}/${shown.id}`)),
      line('from', 'dari', sourceWords[shown.source]),
      line('mode', 'mode', same(shown.mode)),
      line('state', 'keadaan', state),
      line('secrets', 'rahasia', same(fingerprintsOf(shown.fingerprints))),
      line('settings', 'pengaturan', same(settingsOf(shown) ?? '-')),
      line('webhooks', 'webhook', address === null ? { en: 'PUBLIC_URL is not set', id: 'PUBLIC_URL tidak diatur' } : same(address)),
      ...previous.map(({ until }) =>
        line('previous', 'sebelumnya', {
          en: `the webhook secret before is accepted until ${until.toISOString()}`,
          id: `rahasia webhook sebelumnya diterima sampai ${until.toISOString()}`,
        }),
      ),
      ...(shown.row ? [line('sealed', 'segel', { en: `with master key ${sealedWith}`, id: `dengan kunci induk ${sealedWith}` })] : []),
    ];
    const json = { ...jsonOf(shown), webhook_url: address, previous_until: previous.map(({ until }) => until) };
    return { json, content: [joined(lines, '\n')] };
  },
});

export const accountListVerbs: readonly Verb[] = [list, show];
