import type { z } from 'zod';
import type { Clock, Logger } from '../runtime/index.ts';
import type { ProviderTraits } from './provider-traits.ts';
import type { ProviderAccount, QrisProvider, WebhookReader } from './qris-provider.ts';

export interface ProviderTools {
  log: Logger;
  clock: Clock;
}

/** All that the gateway needs to know of a provider: what its folder hands to the factory. */
export interface ProviderKind<Variables extends z.ZodRawShape = z.ZodRawShape> {
  /** The environment variables of its default account. */
  variables: Variables;
  /** The account that they describe; null when its secret key is not set: then this provider is not used. */
  defaultAccount(env: z.output<z.ZodObject<Variables>>): ProviderAccount | null;
  /** What signs the webhooks of a further account that does not say so itself. */
  webhookSecretsOf(further: { secretKey: string }, defaultAccount: ProviderAccount): readonly string[];
  create(account: ProviderAccount, tools: ProviderTools): QrisProvider;
  webhookReader: WebhookReader;
  traits: ProviderTraits;
}
