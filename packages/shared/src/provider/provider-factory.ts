import { midtrans } from './midtrans/midtrans.ts';
import type { ProviderKind, ProviderTools } from './provider-kind.ts';
import type { ProviderAccount, ProviderName, QrisProvider } from './qris-provider.ts';
import { xendit } from './xendit/xendit.ts';

/** Every provider, the preferred one first. A third one is one folder, and one line here: docs/adding-a-provider.md. */
export const providerKinds = { midtrans, xendit };

export const providerNames: readonly ProviderName[] = Object.keys(providerKinds);

/** @throws UnknownProvider */
export function providerKind(name: ProviderName): ProviderKind {
  if (!Object.hasOwn(providerKinds, name)) throw new UnknownProvider(name);
  return providerKinds[name as keyof typeof providerKinds];
}

/** No such provider in this build: a wrong word in the configuration, or in a webhook's address. */
export class UnknownProvider extends Error {
  override readonly name = 'UnknownProvider';

  constructor(name: string) {
    super(`there is no provider ${JSON.stringify(name.slice(0, 40))}; there are ${providerNames.join(', ')}`);
  }
}

export interface Providers {
  /** The one instance of this account. Asked again with other credentials, a new one; the old one finishes what it has in hand. */
  of(account: ProviderAccount): QrisProvider;
  close(): Promise<void>;
}

/** @param wrap put around every new instance: its breakers. */
export function createProviders(tools: ProviderTools, wrap: (provider: QrisProvider) => QrisProvider = (provider) => provider): Providers {
  const instances = new Map<string, { fingerprint: string; provider: QrisProvider }>();
  return {
    of(account) {
      const key = `${account.provider}/${account.id}`;
      const fingerprint = JSON.stringify(account);
      const existing = instances.get(key);
      if (existing?.fingerprint === fingerprint) return existing.provider;
      const provider = wrap(providerKind(account.provider).create(account, tools));
      instances.set(key, { fingerprint, provider });
      void existing?.provider.close(); // a closing pool refuses nothing that is already under way
      return provider;
    },
    async close() {
      await Promise.all([...instances.values()].map(({ provider }) => provider.close()));
      instances.clear();
    },
  };
}
