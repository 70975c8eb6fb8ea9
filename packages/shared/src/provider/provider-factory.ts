import { createConnections } from './connections.ts';
import { operationLimits } from './http-exchange.ts';
import { midtrans } from './midtrans/midtrans.ts';
import type { ProviderKind, ProviderTools } from './provider-kind.ts';
import { accountKey, type ProviderAccount, type ProviderName, type QrisProvider } from './qris-provider.ts';
import { xendit } from './xendit/xendit.ts';

/** Every provider, the preferred one first. A new provider is one folder and one entry here: docs/adding-a-provider.md. */
export const providerKinds = { midtrans, xendit };

export const providerNames: readonly ProviderName[] = Object.keys(providerKinds);

/** @throws UnknownProvider */
export function providerKind(name: ProviderName): ProviderKind {
  if (!Object.hasOwn(providerKinds, name)) throw new UnknownProvider(name);
  return providerKinds[name as keyof typeof providerKinds];
}

/** How often an account may be called, by its provider's traits. The account is named as `accountKey` does. */
export function budgetOf(account: Pick<ProviderAccount, 'provider' | 'id' | 'mode'>): { account: string; callsPerSecond: number } {
  return { account: accountKey(account), callsPerSecond: providerKind(account.provider).traits.callsPerSecond[account.mode] };
}

/** This build has no provider of this name: a mistake in the configuration, or in the path of a webhook. */
export class UnknownProvider extends Error {
  override readonly name = 'UnknownProvider';

  constructor(name: string) {
    super(`unknown provider ${JSON.stringify(name.slice(0, 40))}; known providers: ${providerNames.join(', ')}`);
  }
}

export interface Providers {
  /** The one instance of this account. Other credentials make a new instance; the old one finishes its calls in flight. */
  of(account: ProviderAccount): QrisProvider;
  close(): Promise<void>;
}

/** @param wrap applied to every new instance, for example to put it behind its breakers */
export function createProviders(tools: ProviderTools, wrap: (provider: QrisProvider) => QrisProvider = (provider) => provider): Providers {
  const connections = createConnections(operationLimits.create);
  const instances = new Map<string, { account: ProviderAccount; fingerprint: string; provider: QrisProvider }>();
  return {
    of(account) {
      const key = accountKey(account);
      const existing = instances.get(key);
      if (existing?.account === account) return existing.provider;
      const fingerprint = JSON.stringify(account);
      if (existing?.fingerprint === fingerprint) return existing.provider;
      const provider = wrap(providerKind(account.provider).create(account, { ...tools, connections }));
      instances.set(key, { account, fingerprint, provider });
      void existing?.provider.close(); // its calls in flight end first
      return provider;
    },
    async close() {
      await Promise.all([...instances.values()].map(({ provider }) => provider.close()));
      instances.clear();
    },
  };
}
