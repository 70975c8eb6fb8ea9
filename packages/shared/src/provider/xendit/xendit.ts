import { accountVariables, setSecrets } from '../account-variables.ts';
import type { ProviderKind } from '../provider-kind.ts';
import { xenditEvidence } from './xendit-evidence.ts';
import { XenditProvider } from './xendit-provider.ts';
import { xenditTraits } from './xendit-traits.ts';
import { xenditWebhookReader } from './xendit-webhook-reader.ts';

const variables = {
  XENDIT_BASE_URL: accountVariables.baseUrl(),
  XENDIT_SECRET_KEY: accountVariables.secret(),
  XENDIT_CALLBACK_TOKEN: accountVariables.secret(),
  XENDIT_CALLBACK_TOKEN_PREVIOUS: accountVariables.secret(),
  XENDIT_MODE: accountVariables.mode(),
};

// One host: the key decides between test and live. Source: Xendit API reference, "Authentication", read 2026-11 (docs/providers.md 3.2).
const baseUrl = 'https://api.xendit.co';

export const xendit: ProviderKind<typeof variables> = {
  variables,
  defaultAccount: (env) =>
    env.XENDIT_SECRET_KEY
      ? {
          provider: 'xendit',
          id: 'default',
          ...xendit.defaultsOf(env, env.XENDIT_MODE),
          mode: env.XENDIT_MODE,
          secretKey: env.XENDIT_SECRET_KEY,
          webhookSecrets: setSecrets(env.XENDIT_CALLBACK_TOKEN, env.XENDIT_CALLBACK_TOKEN_PREVIOUS),
        }
      : null,
  webhookSecretsOf: (_further, { webhookSecrets }) => webhookSecrets, // the webhooks of a sub-account carry the token of its master account
  defaultsOf: (env) => ({ baseUrl: env.XENDIT_BASE_URL ?? baseUrl }),
  acquirers: [],
  reportsNewCharges: false, // docs/providers.md 3.8
  webhookAbout: (reference, webhookSecret) => ({
    headers: { 'x-callback-token': webhookSecret },
    body: JSON.stringify({ event: 'payment_request.expiry', data: { reference_id: reference } }),
  }),
  modeOf: (env) => env.XENDIT_MODE,
  accountSettings: ['forUserId'],
  secretNames: { secretKey: 'secret_key', webhookSecret: 'callback_token' },
  keyPrefixes: { test: 'xnd_development_', live: 'xnd_production_' }, // docs/providers.md 3.2
  create: (account, tools) => new XenditProvider(account, tools),
  webhookReader: xenditWebhookReader,
  traits: xenditTraits,
  evidence: xenditEvidence,
};
