import type { Clock, Logger } from '../runtime/index.ts';
import { MidtransProvider } from './midtrans/midtrans-provider.ts';
import { midtransTraits } from './midtrans/midtrans-traits.ts';
import { midtransWebhookReader } from './midtrans/midtrans-webhook-reader.ts';
import type { ProviderTraits } from './provider-traits.ts';
import type { ProviderAccount, ProviderName, QrisProvider, WebhookReader } from './qris-provider.ts';
import { XenditProvider } from './xendit/xendit-provider.ts';
import { xenditTraits } from './xendit/xendit-traits.ts';
import { xenditWebhookReader } from './xendit/xendit-webhook-reader.ts';

export interface ProviderTools {
  log: Logger;
  clock: Clock;
}

/** All that the gateway needs to know of a provider. */
export interface ProviderKind {
  create(account: ProviderAccount, tools: ProviderTools): QrisProvider;
  webhookReader: WebhookReader;
  traits: ProviderTraits;
}

/** A third provider is one folder, and one line here: docs/adding-a-provider.md. */
const kinds: ReadonlyMap<ProviderName, ProviderKind> = new Map<ProviderName, ProviderKind>([
  [
    'midtrans',
    { create: (account, tools) => new MidtransProvider(account, tools), webhookReader: midtransWebhookReader, traits: midtransTraits },
  ],
  ['xendit', { create: (account, tools) => new XenditProvider(account, tools), webhookReader: xenditWebhookReader, traits: xenditTraits }],
]);

export const providerNames: readonly ProviderName[] = [...kinds.keys()];

/** @throws UnknownProvider */
export function providerKind(name: ProviderName): ProviderKind {
  const kind = kinds.get(name);
  if (!kind) throw new UnknownProvider(name);
  return kind;
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
      const present = instances.get(key);
      if (present?.fingerprint === fingerprint) return present.provider;
      const provider = wrap(providerKind(account.provider).create(account, tools));
      instances.set(key, { fingerprint, provider });
      void present?.provider.close(); // a closing pool refuses nothing that is already under way
      return provider;
    },
    async close() {
      await Promise.all([...instances.values()].map(({ provider }) => provider.close()));
      instances.clear();
    },
  };
}
