import type { Database } from '@gateway/shared/postgres';
import {
  type AccountDirectory,
  accountDirectoryOf,
  accountKey,
  accountsOf,
  type ProviderAccount,
  providerKind,
} from '@gateway/shared/provider';
import { type Clock, sealedSecret } from '@gateway/shared/runtime';
import { providerAccounts } from '@gateway/shared/store';
import { CommandError } from './command-error.ts';
import type { AccountEnvironment } from './operations-context.ts';
import type { Words } from './words.ts';

/** An account with what may be shown of it. */
export interface KnownAccount {
  provider: string;
  id: string;
  mode: 'test' | 'live';
  acquirer: string | null;
  forUserId: string | null;
  source: 'environment' | 'database';
  isDisabled: boolean;
  /** The fingerprint of each secret, by its name. */
  fingerprints: Readonly<Record<string, string>>;
  /** Null: an account of the environment. */
  row: providerAccounts.AccountRow | null;
}

/** The accounts of the environment, then those of the control database. One that both have is the environment's. */
export async function knownAccounts({ providers }: AccountEnvironment, knex: Database['knex']): Promise<KnownAccount[]> {
  const configured = accountsOf(providers).map(ofEnvironment);
  const keys = new Set(configured.map(accountKey));
  const stored = (await providerAccounts.list(knex)).map(ofDatabase);
  return [...configured, ...stored.filter((each) => !keys.has(accountKey(each)))];
}

function ofEnvironment(account: ProviderAccount): KnownAccount {
  const { provider, id, mode, acquirer, forUserId, secretKey, webhookSecrets } = account;
  const names = providerKind(provider).secretNames;
  const secrets = { [names.webhookSecret]: webhookSecrets[0], [names.secretKey]: secretKey };
  const fingerprints = Object.fromEntries(
    Object.entries(secrets).flatMap(([name, secret]) => (secret ? [[name, sealedSecret.fingerprintOf(secret)]] : [])),
  );
  return {
    provider,
    id,
    mode,
    acquirer: acquirer ?? null,
    forUserId: forUserId ?? null,
    source: 'environment',
    isDisabled: false,
    fingerprints,
    row: null,
  };
}

function ofDatabase(row: providerAccounts.AccountRow): KnownAccount {
  const { provider, account: id, mode, acquirer, forUserId, fingerprints, disabledAt } = row;
  return { provider, id, mode, acquirer, forUserId, source: 'database', isDisabled: disabledAt !== null, fingerprints, row };
}

/**
 * The accounts with their secrets, as a process that serves opens them.
 * @param onUnusable called with the account and the reason for each one that such a process would not use
 */
export function directoryOf(
  { providers }: AccountEnvironment,
  rows: readonly providerAccounts.AccountRow[],
  clock: Clock,
  onUnusable: (unusable: { account: string; reason: string }) => void,
): AccountDirectory {
  const log = { error: onUnusable } as Parameters<typeof accountDirectoryOf>[1]['log'];
  return accountDirectoryOf(providers, { isLocalStack: false, stored: () => rows, clock, log });
}

/** @throws CommandError when there is no master key */
export function requireMasterKeys({ providers }: AccountEnvironment): sealedSecret.MasterKeys {
  if (providers.MASTER_KEYS.length === 0)
    throw new CommandError({
      en: 'MASTER_KEYS is not set: without it only the accounts of the environment exist. Give every process, and this command, the same <id>:<base64 of 32 bytes>; openssl rand -base64 32 makes one',
      id: 'MASTER_KEYS tidak diatur: tanpa itu hanya ada akun dari lingkungan. Beri setiap proses <id>:<base64 dari 32 byte> yang sama; openssl rand -base64 32 membuatnya',
    });
  return providers.MASTER_KEYS;
}

/** Where the provider sends the webhooks of this account. */
export const webhookUrlOf = ({ publicUrl }: AccountEnvironment, { provider, id }: Pick<KnownAccount, 'provider' | 'id'>): string | null =>
  publicUrl && `${publicUrl}/webhooks/${provider}${id === 'default' ? '' : `/${id}`}`;

export const unknownAccount = ({ provider, account }: providerAccounts.AccountId): Words => ({
  en: `unknown account ${provider}/${account}; npm run ops -- accounts list shows them`,
  id: `akun ${provider}/${account} tidak dikenal`,
});
