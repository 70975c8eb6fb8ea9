import { z } from 'zod';
import { defaultMerchantId } from '../account-options.ts';
import { Accounts, type MidtransAccount } from '../accounts.ts';
import { Faults } from '../faults.ts';
import { ProviderEndpoint } from '../provider-endpoint.ts';
import { seededRandom } from '../random.ts';
import { faultSeed, type Ground, type StandIn } from '../stand-in.ts';
import { Travel, travelRules } from '../travel.ts';
import { WebhookSender } from '../webhook-sender.ts';
import { MidtransApi } from './midtrans-api.ts';
import { MidtransCharges } from './midtrans-charges.ts';
import { midtransRetries } from './midtrans-retries.ts';

const accountBody = z.strictObject({
  server_key: z.string().regex(/^\S+$/),
  merchant_id: z.string().min(1).optional(),
  notification_url: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
});

export function midtransStandIn(ground: Ground, given: readonly MidtransAccount[]): StandIn {
  const { book, ledger, clock, switches, latencyMs, maxUnderway, log } = ground;
  const accounts = new Accounts<MidtransAccount>((account) => account.serverKey, given);
  const faults = new Faults(seededRandom(faultSeed));
  const travel = new Travel();
  const sender = new WebhookSender({ clock, travel, ladder: midtransRetries(switches, () => travel.random), maxUnderway });
  const parts = { book, clock, switches, accounts, sender };
  const desk = new MidtransCharges(parts);
  const api = new MidtransApi(parts, desk);
  const endpoint = new ProviderEndpoint({ provider: 'midtrans', api, faults, ledger, clock, latencyMs, log });
  return {
    name: 'midtrans',
    serve: (...call) => endpoint.serve(...call),
    desk,
    faults,
    travel,
    sender,
    accounts: () => accounts.all().map(({ id, notificationUrl }) => ({ id, notification_url: notificationUrl })),
    putAccount: (id, body) => {
      const { server_key, merchant_id, notification_url } = accountBody.parse(body);
      accounts.put({
        id,
        serverKey: server_key,
        merchantId: merchant_id ?? accounts.byId(id)?.merchantId ?? defaultMerchantId,
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
