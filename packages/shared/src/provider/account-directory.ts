import { type Clock, type Logger, sealedSecret } from '../runtime/index.ts';
import { providerKind, providerNames } from './provider-factory.ts';
import { accountKey, type ProviderAccount } from './qris-provider.ts';

/** An account as the control database has it. */
export interface StoredAccount {
  provider: string;
  account: string;
  mode: 'test' | 'live';
  acquirer: string | null;
  forUserId: string | null;
  sealed: string;
  previous: readonly { sealed: string; until: Date }[];
  disabledAt: Date | null;
}

/** The accounts as of now. Every caller asks again for each use, because an operator may change them while the process serves. */
export interface AccountDirectory {
  all(): readonly ProviderAccount[];
  /** `unreadable`: whether the account exists, or what its secrets are, cannot be known at the moment. Null: there is no such account. */
  find(provider: string, id: string): ProviderAccount | 'unreadable' | null;
  /** Whether an operator may have added or changed this account a moment ago, so that a newer copy may know more. */
  mayChange(provider: string, id: string): boolean;
}

/** A directory of accounts that never change. */
export function fixedAccounts(accounts: readonly ProviderAccount[]): AccountDirectory {
  const byKey = new Map(accounts.map((account) => [accountKey(account), account]));
  return { all: () => accounts, find: (provider, id) => byKey.get(accountKey({ provider, id })) ?? null, mayChange: () => false };
}

export interface DirectoryOptions {
  /** The accounts of the environment. A stored account of the same name is not used. */
  configured: readonly ProviderAccount[];
  /** The last copy of the stored accounts; null: none was read yet. The same array as before means that nothing changed. */
  stored: () => readonly StoredAccount[] | null;
  masterKeys: sealedSecret.MasterKeys;
  /** Address and acquirer of an account that has none of its own, from the environment. */
  defaultsOf: (provider: string, mode: ProviderAccount['mode']) => Pick<ProviderAccount, 'baseUrl' | 'acquirer'>;
  /** False: an account in live mode is not used, because the environment was not checked for real money. */
  mayUseLive: boolean;
  clock: Clock;
  log: Pick<Logger, 'error'>;
}

interface Opened {
  row: string;
  account: ProviderAccount;
}

/**
 * The accounts of the environment and of the control database. A stored account is opened when it is new or has changed. One that cannot
 * be opened keeps its last good copy; without one it is reported once and is `unreadable`. Without a master key only the accounts of the
 * environment exist.
 */
export function createAccountDirectory(options: DirectoryOptions): AccountDirectory {
  const { configured, stored, masterKeys } = options;
  const fixed = fixedAccounts(configured);
  let read: readonly StoredAccount[] | null = null;
  let validUntilMs = 0; // then a replaced secret of some account is over
  let opened = new Map<string, Opened>();
  let unreadable: ReadonlyMap<string, string> = new Map();
  let all: readonly ProviderAccount[] = configured;

  const refresh = (): void => {
    const rows = masterKeys.length > 0 ? stored() : [];
    const nowMs = options.clock.now().getTime();
    if (rows === null || (rows === read && nowMs < validUntilMs)) return;
    read = rows;
    validUntilMs = Math.min(
      ...rows.flatMap(({ previous }) => previous.map(({ until }) => until.getTime())).filter((untilMs) => untilMs > nowMs),
    );
    const failed = new Map<string, string>();
    const next = new Map<string, Opened>();
    for (const row of rows) {
      const key = accountKey({ provider: row.provider, id: row.account });
      if (fixed.find(row.provider, row.account) !== null || !providerNames.includes(row.provider)) continue;
      try {
        next.set(key, openRow(options, row, opened.get(key), nowMs));
      } catch (error) {
        const message = (error as Error).message;
        failed.set(key, message);
        if (unreadable.get(key) !== message) options.log.error({ account: key, reason: message }, 'provider account not usable');
        const last = opened.get(key);
        if (last && error instanceof sealedSecret.SealError) next.set(key, last);
      }
    }
    opened = next;
    unreadable = failed;
    all = [...configured, ...[...opened.values()].map(({ account }) => account)];
  };

  return {
    all: () => {
      refresh();
      return all;
    },
    find: (provider, id) => {
      const ofEnvironment = fixed.find(provider, id);
      if (ofEnvironment) return ofEnvironment;
      refresh();
      const key = accountKey({ provider, id });
      const isUnknowable = unreadable.has(key) || (masterKeys.length > 0 && read === null);
      return opened.get(key)?.account ?? (isUnknowable ? 'unreadable' : null);
    },
    mayChange: (provider, id) => masterKeys.length > 0 && fixed.find(provider, id) === null,
  };
}

/** A live account outside a process that was checked for real money. */
class NotUsable extends Error {}

/** @throws sealedSecret.SealError, NotUsable */
function openRow(options: DirectoryOptions, row: StoredAccount, last: Opened | undefined, nowMs: number): Opened {
  const valid = row.previous.filter(({ until }) => until.getTime() > nowMs);
  const fingerprint = JSON.stringify([row.mode, row.acquirer, row.forUserId, row.sealed, valid, row.disabledAt]);
  if (last?.row === fingerprint) return last;
  if (row.mode === 'live' && !options.mayUseLive)
    throw new NotUsable(
      'it is in live mode, and this process was started for test mode: its servers may be without TLS, or it is a local stack',
    );
  return { row: fingerprint, account: accountOf(options, row, valid) };
}

function accountOf(options: DirectoryOptions, row: StoredAccount, valid: StoredAccount['previous']): ProviderAccount {
  const open = (sealed: string) => openSealedSecrets(options.masterKeys, row, sealed);
  const previous = valid.map(({ sealed }) => webhookSecretOf(row, open(sealed)));
  return accountWith(options, row, open(row.sealed), previous);
}

/** The account that a row and its opened secrets make. */
export function accountWith(
  { defaultsOf }: Pick<DirectoryOptions, 'defaultsOf'>,
  row: Pick<StoredAccount, 'provider' | 'account' | 'mode' | 'acquirer' | 'forUserId' | 'disabledAt'>,
  secrets: AccountSecrets,
  previousWebhookSecrets: readonly string[] = [],
): ProviderAccount {
  const { provider, account: id, mode } = row;
  return {
    provider,
    id,
    ...defaultsOf(provider, mode),
    mode,
    secretKey: secrets[providerKind(provider).secretNames.secretKey] ?? '',
    webhookSecrets: [...new Set([webhookSecretOf(row, secrets), ...previousWebhookSecrets])],
    ...(row.acquirer ? { acquirer: row.acquirer } : {}),
    ...(row.forUserId ? { forUserId: row.forUserId } : {}),
    ...(row.disabledAt ? { isDisabled: true } : {}),
  };
}

/** The secrets of an account by the names of its provider: `{"server_key": "…"}`. */
export type AccountSecrets = Readonly<Record<string, string>>;

type RowId = Pick<StoredAccount, 'provider' | 'account'>;

/** Names the row that the secrets of an account are bound to. */
const rowNameOf = ({ provider, account }: RowId): string => `provider_accounts ${provider}/${account}`;

/** @throws sealedSecret.SealError without a master key */
export const sealSecrets = (masterKeys: sealedSecret.MasterKeys, row: RowId, secrets: AccountSecrets): string =>
  sealedSecret.seal(masterKeys, rowNameOf(row), JSON.stringify(secrets));

/** @throws sealedSecret.SealError */
export const openSealedSecrets = (masterKeys: sealedSecret.MasterKeys, row: RowId, sealed: string): AccountSecrets =>
  JSON.parse(sealedSecret.open(masterKeys, rowNameOf(row), sealed)) as AccountSecrets;

/** Null: it is sealed with the first master key. @throws sealedSecret.SealError */
export const resealSecrets = (masterKeys: sealedSecret.MasterKeys, row: RowId, sealed: string): string | null =>
  sealedSecret.reseal(masterKeys, rowNameOf(row), sealed);

/** What the webhooks of the account are signed with. */
export const webhookSecretOf = ({ provider }: Pick<RowId, 'provider'>, secrets: AccountSecrets): string =>
  secrets[providerKind(provider).secretNames.webhookSecret] ?? '';
