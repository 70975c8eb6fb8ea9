import type { z } from 'zod';
import type { Clock } from '../runtime/index.ts';
import type { EvidenceRules } from './evidence/evidence-rules.ts';
import type { ExchangeTools } from './http-exchange.ts';
import type { ProviderTraits } from './provider-traits.ts';
import type { ProviderAccount, QrisProvider, WebhookReader } from './qris-provider.ts';

export interface ProviderTools extends ExchangeTools {
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
  /** What an account in this mode has unless its own settings say otherwise. */
  defaultsOf(env: z.output<z.ZodObject<Variables>>, mode: ProviderAccount['mode']): Pick<ProviderAccount, 'baseUrl' | 'acquirer'>;
  /** The mode of an account that states none. */
  modeOf(env: z.output<z.ZodObject<Variables>>): ProviderAccount['mode'];
  /** What an account may have beside its mode and secrets. */
  accountSettings: readonly ('acquirer' | 'forUserId')[];
  /** How the secrets of an account are named where an operator enters them: the key of its calls, and what its webhooks are signed with. */
  secretNames: { readonly secretKey: string; readonly webhookSecret: string };
  /** The acquirers that a charge may name; empty where it names none. */
  acquirers: readonly string[];
  /** Whether a charge that is created is reported by a webhook at once. If not, the first webhook comes with a payment. */
  reportsNewCharges: boolean;
  /** A genuine webhook about a charge that does not exist: it shows whether the webhook address works. */
  webhookAbout(reference: string, webhookSecret: string): { headers: Readonly<Record<string, string>>; body: string };
  /** How its keys of each mode begin, where its documents or samples show that. */
  keyPrefixes: { readonly test: string; readonly live: string };
  create(account: ProviderAccount, tools: ProviderTools): QrisProvider;
  webhookReader: WebhookReader;
  traits: ProviderTraits;
  /** What of its messages may be kept and shown. */
  evidence: EvidenceRules;
}
