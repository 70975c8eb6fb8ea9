import { z } from 'zod';
import { environment } from '../runtime/index.ts';
import type { ProviderAccount, ProviderName } from './qris-provider.ts';

const secret = z.string().regex(/^\S+$/, 'must not contain white space');
const mode = z.enum(['test', 'live'], 'must be test or live');

/** The variables of the default accounts (contract 1). A provider without its secret key is not configured, and is skipped. */
export const providerEnvironment = {
  PROVIDERS: environment.list('midtrans,xendit'),
  MIDTRANS_BASE_URL: environment.url('http', 'https').optional(),
  MIDTRANS_SERVER_KEY: secret.optional(),
  MIDTRANS_SERVER_KEY_PREVIOUS: secret.optional(),
  MIDTRANS_ACQUIRER: z.string().default('gopay'),
  MIDTRANS_MODE: mode.default('live'),
  XENDIT_BASE_URL: environment.url('http', 'https').optional(),
  XENDIT_SECRET_KEY: secret.optional(),
  XENDIT_CALLBACK_TOKEN: secret.optional(),
  XENDIT_CALLBACK_TOKEN_PREVIOUS: secret.optional(),
  XENDIT_MODE: mode.default('live'),
  /** Further accounts: `{"midtrans": {"jkt": {"secretKey": "…"}}}`; what is left out is as in the default account. */
  PROVIDER_ACCOUNTS: z.string().default('{}').transform(parseJson).pipe(furtherAccounts()),
};

const providerSchema = z.object(providerEnvironment);
type ProviderEnvironment = z.output<typeof providerSchema>;

/** Hosts of the providers. Source: Midtrans and Xendit documentation, read 2026-11 (providers.md 2.1, 3.2). */
const baseUrls = {
  midtrans: { test: 'https://api.sandbox.midtrans.com', live: 'https://api.midtrans.com' },
  xendit: { test: 'https://api.xendit.co', live: 'https://api.xendit.co' },
};

/** Every configured account: each provider's `default` first, then the further ones. */
export function accountsOf(env: ProviderEnvironment): ProviderAccount[] {
  const defaults = [midtransDefault(env), xenditDefault(env)].filter((account) => account !== null);
  return defaults.flatMap((account) => [
    account,
    ...Object.entries(env.PROVIDER_ACCOUNTS[account.provider] ?? {}).map(([id, own]) => ({
      ...account,
      id,
      secretKey: own.secretKey,
      webhookSecrets: own.webhookSecrets ?? [own.secretKey],
      ...(own.acquirer ? { acquirer: own.acquirer } : {}),
      ...(own.forUserId ? { forUserId: own.forUserId } : {}),
    })),
  ]);
}

function midtransDefault(env: ProviderEnvironment): ProviderAccount | null {
  if (!env.MIDTRANS_SERVER_KEY) return null;
  return {
    provider: 'midtrans',
    id: 'default',
    baseUrl: env.MIDTRANS_BASE_URL ?? baseUrls.midtrans[env.MIDTRANS_MODE],
    mode: env.MIDTRANS_MODE,
    secretKey: env.MIDTRANS_SERVER_KEY,
    webhookSecrets: [env.MIDTRANS_SERVER_KEY, env.MIDTRANS_SERVER_KEY_PREVIOUS].filter((key) => key !== undefined),
    acquirer: env.MIDTRANS_ACQUIRER,
  };
}

function xenditDefault(env: ProviderEnvironment): ProviderAccount | null {
  if (!env.XENDIT_SECRET_KEY) return null;
  return {
    provider: 'xendit',
    id: 'default',
    baseUrl: env.XENDIT_BASE_URL ?? baseUrls.xendit[env.XENDIT_MODE],
    mode: env.XENDIT_MODE,
    secretKey: env.XENDIT_SECRET_KEY,
    webhookSecrets: [env.XENDIT_CALLBACK_TOKEN, env.XENDIT_CALLBACK_TOKEN_PREVIOUS].filter((token) => token !== undefined),
  };
}

function furtherAccounts() {
  const own = z.strictObject({
    secretKey: secret,
    webhookSecrets: z.array(secret).min(1).optional(),
    acquirer: z.string().optional(),
    forUserId: z.string().optional(),
  });
  return z.record(z.string(), z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'an account is called [a-z0-9-]'), own));
}

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' });
    return z.NEVER;
  }
}

/** How an account is written in logs, metrics and breakers. */
export const accountKey = ({ provider, id }: { provider: ProviderName; id: string }): string => `${provider}/${id}`;
