import {
  type AccountDirectory,
  accountKey,
  type OpenBreaker,
  type ProviderAccount,
  type Providers,
  type ProviderTraits,
  providerKind,
  type QrisProvider,
} from '@gateway/shared/provider';
import { MissingAccount } from './missing-account.ts';

/** One account that may be asked for a charge. Its provider stands behind the account's circuit breakers. */
export interface Candidate {
  provider: QrisProvider;
  traits: ProviderTraits;
  /** The account's breaker, as of now; null when it is closed. */
  openBreaker(): OpenBreaker | null;
}

/** The accounts as of now. */
export interface Accounts {
  /** Null when the account is not configured, or its secrets cannot be read. */
  find(provider: string, account: string): Candidate | null;
  /** The account of an attempt. When it is not configured any more, every call to it fails as `ProviderMisconfigured`. */
  of(attempt: { provider: string; account: string }): Candidate;
}

/** @param openBreakerOf the breaker of an account in this process, by `accountKey`; null when it is closed */
export function createAccounts(
  directory: AccountDirectory,
  providers: Providers,
  openBreakerOf: (key: string) => OpenBreaker | null,
): Accounts {
  const candidateOf = (account: ProviderAccount): Candidate => {
    const key = accountKey(account);
    const { traits } = providerKind(account.provider);
    return { provider: providers.of(account), traits, openBreaker: () => openBreakerOf(key) };
  };
  const find = (provider: string, id: string) => {
    const account = directory.find(provider, id);
    return account === null || account === 'unreadable' ? null : candidateOf(account);
  };
  return {
    find,
    of: ({ provider, account }) => {
      const missing = () => ({
        provider: new MissingAccount(provider, account),
        traits: providerKind(provider).traits,
        openBreaker: () => null,
      });
      return find(provider, account) ?? missing();
    },
  };
}
