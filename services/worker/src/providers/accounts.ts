import { accountKey, type OpenBreaker, type ProviderAccount, type Providers, providerKind } from '@gateway/shared/provider';
import type { Candidate } from '../charging/routing.ts';

/** Every configured account, each with its one provider behind its breakers. */
export interface Accounts {
  /** Null when it is not configured. */
  find(provider: string, account: string): Candidate | null;
  /** @throws when it is not configured: an attempt was made there once, and only there can be asked about it. */
  of(attempt: { provider: string; account: string }): Candidate;
}

/** @param openBreakerOf what the breakers of this process say of an account; null when it is well */
export function createAccounts(
  configured: readonly ProviderAccount[],
  providers: Providers,
  openBreakerOf: (key: string) => OpenBreaker | null,
): Accounts {
  const byKey = new Map(
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
      const found = find(provider, account);
      if (!found) throw new Error(`account ${account} of ${provider} is not configured here any more, but an attempt was made there`);
      return found;
    },
  };
}
