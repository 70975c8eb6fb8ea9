import { accountKey, type ProviderAccount, type Providers, providerKind } from '@gateway/shared/provider';
import type { Candidate } from './route.ts';

/** Every configured account, each with its one provider behind its breakers. */
export interface Accounts {
  /** Null when it is not configured. */
  find(provider: string, account: string): Candidate | null;
  /** @throws when it is not configured: an attempt was made there once, and only there can be asked about it. */
  of(attempt: { provider: string; account: string }): Candidate;
  /** Since when the breaker of this account is open; null when it is not. */
  openSince(key: string): Date | null;
}

export function createAccounts(
  configured: readonly ProviderAccount[],
  providers: Providers,
  openSince: (key: string) => Date | null,
): Accounts {
  const byKey = new Map(
    configured.map((account) => [accountKey(account), { provider: providers.of(account), traits: providerKind(account.provider).traits }]),
  );
  const find = (provider: string, id: string) => byKey.get(accountKey({ provider, id })) ?? null;
  return {
    find,
    openSince,
    of: ({ provider, account }) => {
      const found = find(provider, account);
      if (!found) throw new Error(`account ${account} of ${provider} is not configured here any more, but an attempt was made there`);
      return found;
    },
  };
}
