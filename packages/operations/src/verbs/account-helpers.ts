import type { AccountSecrets } from '@gateway/shared/provider';
import { sealedSecret } from '@gateway/shared/runtime';
import type { providerAccounts } from '@gateway/shared/store';
import { CommandError } from '../command-error.ts';
import { argument } from '../field.ts';
import { accountName } from '../ids.ts';
import { type KnownAccount, knownAccounts, unknownAccount } from '../known-accounts.ts';
import type { AccountEnvironment } from '../operations-context.ts';
import type { Words } from '../words.ts';

// What the verbs about provider accounts share.

export const accountField = argument('the account (midtrans/jkt)', accountName, {
  label: { en: 'Account', id: 'Akun' },
  placeholder: 'provider>/<id',
});

type Knex = Parameters<typeof knownAccounts>[1];

/** @throws CommandError */
export async function requireKnown(id: providerAccounts.AccountId, environment: AccountEnvironment, knex: Knex): Promise<KnownAccount> {
  const known = await knownAccounts(environment, knex);
  const found = known.find((each) => each.provider === id.provider && each.id === id.account);
  if (!found) throw new CommandError(unknownAccount(id));
  return found;
}

/** An account that can be changed here. @throws CommandError */
export async function requireRow(
  id: providerAccounts.AccountId,
  environment: AccountEnvironment,
  knex: Knex,
): Promise<providerAccounts.AccountRow> {
  const { row } = await requireKnown(id, environment, knex);
  if (!row)
    throw ofTheEnvironment(id, {
      en: `npm run ops -- hold ${id.provider} --account ${id.account} stops its new charges`,
      id: 'penahanan menghentikan tagihan barunya',
    });
  return row;
}

export const ofTheEnvironment = (id: providerAccounts.AccountId, advice: Words): CommandError =>
  new CommandError({
    en: `${nameOf(id)} is an account of the environment of the processes: ${advice.en}`,
    id: `${nameOf(id)} adalah akun dari lingkungan proses: ${advice.id}`,
  });

export const nameOf = ({ provider, account }: providerAccounts.AccountId): string => `${provider}/${account}`;

export const fingerprints = (secrets: AccountSecrets): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, sealedSecret.fingerprintOf(secret)]));

export const fingerprintsOf = (all: Readonly<Record<string, string>>): string =>
  Object.entries(all)
    .map(([name, fingerprint]) => `${name} ${fingerprint}`)
    .join(', ');

export function settingsOf({ acquirer, forUserId }: KnownAccount): string | null {
  const settings = [...(acquirer ? [`acquirer ${acquirer}`] : []), ...(forUserId ? [`for user ${forUserId}`] : [])];
  return settings.join(', ') || null;
}

export const jsonOf = ({ provider, id, mode, acquirer, forUserId, source, isDisabled, fingerprints: secrets, row }: KnownAccount) => ({
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
