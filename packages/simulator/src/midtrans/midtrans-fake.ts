import { z } from 'zod';
import { completeSetup, defaultMerchantId } from '../account-options.ts';
import { Accounts, type MidtransAccount } from '../accounts.ts';
import { DeliveryRules, deliverySettings } from '../delivery-rules.ts';
import { Faults } from '../faults.ts';
import { ProviderEndpoint } from '../provider-endpoint.ts';
import { type FakeDependencies, faultSeed, type ProviderFake } from '../provider-fake.ts';
import { seededRandom } from '../random.ts';
import { WebhookSender } from '../webhook-sender.ts';
import { MidtransApi } from './midtrans-api.ts';
import { MidtransCharges } from './midtrans-charges.ts';
import { midtransRetries } from './midtrans-retries.ts';

const accountBody = z.strictObject({
  server_key: z.string().regex(/^\S+$/),
  merchant_id: z.string().min(1).optional(),
  qris_active: z.boolean().default(true),
  acquirers: z.array(z.string()).nullable().default(null),
  further_keys: z.array(z.string()).default([]),
  notification_url: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
});

/** Midtrans with these accounts. */
export function midtransFake(dependencies: FakeDependencies, initialAccounts: readonly MidtransAccount[]): ProviderFake {
  const { book, callLog, clock, switches, latencyMs, maxUnderway, log } = dependencies;
  const accounts = new Accounts<MidtransAccount>((account) => account.serverKey, initialAccounts);
  const faults = new Faults(seededRandom(faultSeed));
  const deliveryRules = new DeliveryRules();
  const sender = new WebhookSender({
    clock,
    deliveryRules,
    retrySchedule: midtransRetries(switches, () => deliveryRules.random),
    maxUnderway,
  });
  const parts = { book, clock, switches, accounts, sender };
  const actions = new MidtransCharges(parts);
  const api = new MidtransApi(parts, actions);
  const endpoint = new ProviderEndpoint({ provider: 'midtrans', api, faults, callLog, clock, latencyMs, log });
  return {
    name: 'midtrans',
    serve: (...call) => endpoint.serve(...call),
    actions,
    faults,
    deliveryRules,
    sender,
    accounts: () => accounts.all().map(({ id, notificationUrl }) => ({ id, notification_url: notificationUrl })),
    putAccount: (id, body) => {
      const { server_key, merchant_id, notification_url, qris_active, acquirers: activeAcquirers, further_keys } = accountBody.parse(body);
      accounts.put({
        id,
        ...completeSetup,
        isQrisActive: qris_active,
        acquirers: activeAcquirers,
        furtherKeys: further_keys,
        serverKey: server_key,
        merchantId: merchant_id ?? accounts.byId(id)?.merchantId ?? defaultMerchantId,
        notificationUrl: notification_url,
      });
    },
    reset: () => {
      api.clear();
      faults.clear();
      deliveryRules.set(deliverySettings.parse({}));
      sender.clear();
    },
  };
}
