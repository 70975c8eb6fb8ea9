import type { z } from 'zod';
import type { Clock, Logger } from '../runtime/index.ts';
import type { ProviderTraits } from './provider-traits.ts';
import type { ProviderAccount, QrisProvider, WebhookReader } from './qris-provider.ts';

export interface ProviderTools {
  log: Logger;
  clock: Clock;
}

/** All that the gateway needs to know about one provider. The provider's folder exports it to provider-factory.ts. */
export interface ProviderKind<Variables extends z.ZodRawShape = z.ZodRawShape> {
  /** The environment variables of its default account. */
  variables: Variables;
  /** The account that they describe; null when its secret key is not set, because the provider is not used then. */
  defaultAccount(env: z.output<z.ZodObject<Variables>>): ProviderAccount | null;
  /** The webhook secrets of a further account that names none of its own. */
  webhookSecretsOf(further: { secretKey: string }, defaultAccount: ProviderAccount): readonly string[];
  create(account: ProviderAccount, tools: ProviderTools): QrisProvider;
  webhookReader: WebhookReader;
  traits: ProviderTraits;
}
