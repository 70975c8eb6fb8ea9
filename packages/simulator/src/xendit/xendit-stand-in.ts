import { z } from 'zod';
import { defaultBusinessId } from '../account-options.ts';
import { Accounts, type XenditAccount } from '../accounts.ts';
import { Faults } from '../faults.ts';
import { ProviderEndpoint } from '../provider-endpoint.ts';
import { seededRandom } from '../random.ts';
import { faultSeed, type Ground, type StandIn } from '../stand-in.ts';
import { Travel, travelRules } from '../travel.ts';
import { WebhookSender } from '../webhook-sender.ts';
import { XenditApi } from './xendit-api.ts';
import { XenditCharges } from './xendit-charges.ts';
import { xenditRetries } from './xendit-retries.ts';

const accountBody = z.strictObject({
  secret_key: z.string().regex(/^\S+$/),
  callback_token: z.string().regex(/^\S+$/),
  business_id: z.string().min(1).optional(),
  notification_url: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
});

export function xenditStandIn(ground: Ground, given: readonly XenditAccount[]): StandIn {
  const { book, ledger, clock, switches, latencyMs, maxUnderway, log } = ground;
  const accounts = new Accounts<XenditAccount>((account) => account.secretKey, given);
  const faults = new Faults(seededRandom(faultSeed));
  const travel = new Travel();
  const sender = new WebhookSender({ clock, travel, ladder: xenditRetries(switches), maxUnderway });
  const parts = { book, clock, switches, accounts, sender };
  const desk = new XenditCharges(parts);
  const api = new XenditApi(parts, desk);
  const endpoint = new ProviderEndpoint({ provider: 'xendit', api, faults, ledger, clock, latencyMs, log });
  return {
    name: 'xendit',
    serve: (...call) => endpoint.serve(...call),
    desk,
    faults,
    travel,
    sender,
    accounts: () => accounts.all().map(({ id, notificationUrl }) => ({ id, notification_url: notificationUrl })),
    putAccount: (id, body) => {
      const { secret_key, callback_token, business_id, notification_url } = accountBody.parse(body);
      accounts.put({
        id,
        secretKey: secret_key,
        callbackToken: callback_token,
        businessId: business_id ?? accounts.byId(id)?.businessId ?? defaultBusinessId,
        notificationUrl: notification_url,
      });
    },
    reset: () => {
      api.clear();
      faults.clear();
      travel.set(travelRules.parse({}));
      sender.clear();
    },
  };
}
