import { z } from 'zod';
import { accountVariables, setSecrets } from '../account-variables.ts';
import type { ProviderKind } from '../provider-kind.ts';
import { midtransEvidence } from './midtrans-evidence.ts';
import { MidtransProvider } from './midtrans-provider.ts';
import { midtransSignature } from './midtrans-signature.ts';
import { midtransTraits } from './midtrans-traits.ts';
import { midtransWebhookReader } from './midtrans-webhook-reader.ts';

const variables = {
  MIDTRANS_BASE_URL: accountVariables.baseUrl(),
  MIDTRANS_SERVER_KEY: accountVariables.secret(),
  MIDTRANS_SERVER_KEY_PREVIOUS: accountVariables.secret(),
  MIDTRANS_ACQUIRER: z.string().default('gopay'),
  MIDTRANS_MODE: accountVariables.mode(),
};

// Source: Midtrans API reference, "API headers", read 2026-11 (docs/providers.md 2.1).
const baseUrls = { test: 'https://api.sandbox.midtrans.com', live: 'https://api.midtrans.com' };

export const midtrans: ProviderKind<typeof variables> = {
  variables,
  defaultAccount: (env) =>
    env.MIDTRANS_SERVER_KEY
      ? {
          provider: 'midtrans',
          id: 'default',
          ...midtrans.defaultsOf(env, env.MIDTRANS_MODE),
          mode: env.MIDTRANS_MODE,
          secretKey: env.MIDTRANS_SERVER_KEY,
          webhookSecrets: setSecrets(env.MIDTRANS_SERVER_KEY, env.MIDTRANS_SERVER_KEY_PREVIOUS),
        }
      : null,
  webhookSecretsOf: ({ secretKey }) => [secretKey], // the server key signs
  defaultsOf: (env, mode) => ({ baseUrl: env.MIDTRANS_BASE_URL ?? baseUrls[mode], acquirer: env.MIDTRANS_ACQUIRER }),
  acquirers: ['gopay', 'airpay shopee'],
  reportsNewCharges: true, // docs/providers.md 2.9
  webhookAbout: (reference, webhookSecret) => {
    const fields = { order_id: reference, status_code: '201', gross_amount: '1000.00' };
    const body = { ...fields, transaction_status: 'pending', signature_key: midtransSignature(fields, webhookSecret) };
    return { headers: {}, body: JSON.stringify(body) };
  },
  modeOf: (env) => env.MIDTRANS_MODE,
  accountSettings: ['acquirer'],
  secretNames: { secretKey: 'server_key', webhookSecret: 'server_key' },
  keyPrefixes: { test: 'SB-Mid-server-', live: 'Mid-server-' }, // docs/providers.md 2.1
  create: (account, tools) => new MidtransProvider(account, tools),
  webhookReader: midtransWebhookReader,
  traits: midtransTraits,
  evidence: midtransEvidence,
};
