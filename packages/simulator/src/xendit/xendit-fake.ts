import { z } from 'zod';
import { completeSetup, defaultBusinessId } from '../account-options.ts';
import { Accounts, type XenditAccount } from '../accounts.ts';
import { DeliveryRules, deliverySettings } from '../delivery-rules.ts';
import { Faults } from '../faults.ts';
import { ProviderEndpoint } from '../provider-endpoint.ts';
import { type FakeDependencies, faultSeed, type ProviderFake } from '../provider-fake.ts';
import { seededRandom } from '../random.ts';
import { WebhookSender } from '../webhook-sender.ts';
import { XenditApi } from './xendit-api.ts';
import { XenditCharges } from './xendit-charges.ts';
import { xenditRetries } from './xendit-retries.ts';

const accountBody = z.strictObject({
  secret_key: z.string().regex(/^\S+$/),
  callback_token: z.string().regex(/^\S+$/),
  business_id: z.string().min(1).optional(),
  qris_active: z.boolean().default(true),
  address_allowed: z.boolean().default(true),
  sub_accounts: z.array(z.string()).nullable().default(null),
  further_keys: z.array(z.string()).default([]),
  notification_url: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
});

/** Xendit with these accounts. */
export function xenditFake(dependencies: FakeDependencies, initialAccounts: readonly XenditAccount[]): ProviderFake {
  const { book, callLog, clock, switches, latencyMs, maxUnderway, log } = dependencies;
  const accounts = new Accounts<XenditAccount>((account) => account.secretKey, initialAccounts);
  const faults = new Faults(seededRandom(faultSeed));
  const deliveryRules = new DeliveryRules();
  const sender = new WebhookSender({ clock, deliveryRules, retrySchedule: xenditRetries(switches), maxUnderway });
  const parts = { book, clock, switches, accounts, sender };
  const actions = new XenditCharges(parts);
  const api = new XenditApi(parts, actions);
  const endpoint = new ProviderEndpoint({ provider: 'xendit', api, faults, callLog, clock, latencyMs, log });
  return {
    name: 'xendit',
    serve: (...call) => endpoint.serve(...call),
    actions,
    faults,
    deliveryRules,
    sender,
    accounts: () => accounts.all().map(({ id, notificationUrl }) => ({ id, notification_url: notificationUrl })),
    putAccount: (id, body) => {
      const { secret_key, callback_token, business_id, notification_url, ...setup } = accountBody.parse(body);
      accounts.put({
        id,
        ...completeSetup,
        isQrisActive: setup.qris_active,
        isAddressAllowed: setup.address_allowed,
        subAccounts: setup.sub_accounts,
        furtherKeys: setup.further_keys,
        secretKey: secret_key,
        callbackToken: callback_token,
        businessId: business_id ?? accounts.byId(id)?.businessId ?? defaultBusinessId,
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
