import {
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

/** Every configured account. */
export interface Accounts {
  /** Null when the account is not configured. */
  find(provider: string, account: string): Candidate | null;
  /** The account of an attempt. When it is not configured any more, every call to it fails as `ProviderMisconfigured`. */
  of(attempt: { provider: string; account: string }): Candidate;
}

/** @param openBreakerOf the breaker of an account in this process, by `accountKey`; null when it is closed */
export function createAccounts(
  configured: readonly ProviderAccount[],
  providers: Providers,
  openBreakerOf: (key: string) => OpenBreaker | null,
): Accounts {
  const byKey = new Map<string, Candidate>(
    configured.map((account) => {
      const key = accountKey(account);
      const { traits } = providerKind(account.provider);
      return [key, { provider: providers.of(account), traits, openBreaker: () => openBreakerOf(key) }];
    }),
  );
  const find = (provider: string, id: string) => byKey.get(accountKey({ provider, id })) ?? null;
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
