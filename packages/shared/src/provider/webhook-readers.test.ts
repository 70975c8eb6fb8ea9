import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inventedKeys, type Simulator, startSimulator } from '@gateway/simulator';
import { contractRefund, contractRequest, never } from '../../test/provider/contract/requests.ts';
import { logLines } from '../../test/provider/log-lines.ts';
import { newReference, systemClock } from '../runtime/index.ts';
import { createProviders, type Providers, providerKind } from './provider-factory.ts';
import type { ProviderAccount, WebhookNotice } from './qris-provider.ts';
import { WebhookRefused } from './qris-provider.ts';

/** The webhooks of the simulator: it was written from the same documents, and imports nothing of ours. */
let inbox: { provider: string; raw: Buffer; headers: IncomingHttpHeaders }[];
let arrived: () => void;
let server: Server;
let simulator: Simulator;
let providers: Providers;
let accounts: Record<string, ProviderAccount>;

beforeAll(async () => {
  server = createServer(async (req, res) => {
    const raw = Buffer.concat(await req.toArray());
    res.end();
    inbox.push({ provider: req.url?.slice(1) ?? '', raw, headers: req.headers });
    arrived();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  simulator = await startSimulator({ midtrans: [{ notificationUrl: `${url}/midtrans` }], xendit: [{ notificationUrl: `${url}/xendit` }] });
  const common = { id: 'default', mode: 'test' } as const;
  const { midtransServerKey, xenditSecretKey, xenditCallbackToken } = inventedKeys;
  accounts = {
    midtrans: {
      ...common,
      provider: 'midtrans',
      baseUrl: simulator.urls.midtrans,
      secretKey: midtransServerKey,
      webhookSecrets: [midtransServerKey],
    },
    xendit: {
      ...common,
      provider: 'xendit',
      baseUrl: simulator.urls.xendit,
      secretKey: xenditSecretKey,
      webhookSecrets: [xenditCallbackToken],
    },
  };
  providers = createProviders({ log: logLines().log, clock: systemClock });
});
beforeEach(() => {
  simulator.controls.reset();
  inbox = [];
  arrived = () => {};
});
afterAll(async () => {
  await providers.close();
  await simulator.stop();
  await new Promise((closed) => server.close(closed));
});

const account = (provider: string) => accounts[provider] as ProviderAccount;
const read = ({ provider, raw, headers }: (typeof inbox)[number], secrets: Pick<ProviderAccount, 'webhookSecrets'> = account(provider)) =>
  providerKind(provider).webhookReader.read(raw, headers, secrets);

/** The parsed first `count` webhooks, in the order of their arrival. */
async function notices(count: number): Promise<WebhookNotice[]> {
  while (inbox.length < count) await new Promise<void>((resolve) => (arrived = resolve));
  return inbox.map((each) => read(each));
}
async function aCharge(provider: string) {
  const request = { ...contractRequest, reference: `${newReference('pos')}-1`, expiresAt: new Date(Date.now() + 900_000) };
  return providers.of(account(provider)).createCharge(request, never);
}
const reportedStatuses = (all: WebhookNotice[]) => all.map((notice) => notice.reportedStatus).sort();

describe('the webhooks of Midtrans', () => {
  it('are read: pending, settlement, and each refund twice', async () => {
    const charge = await aCharge('midtrans');
    simulator.controls.pay(charge.reference);
    await notices(2);
    await providers.of(account('midtrans')).refundCharge({ ...contractRefund, charge }, never);
    await notices(3);
    simulator.clock.advance(60_000);
    const all = await notices(4);
    expect(reportedStatuses(all)).toEqual(['open', 'paid', 'refunded', 'refunded']);
    expect(new Set(all.map(({ deliveryKey }) => deliveryKey)).size).toBe(4);
    for (const { reference } of all) expect(reference).toBe(charge.reference);
  });

  it.each([
    ['expire', 'expired'],
    ['cancel', 'cancelled'],
  ] as const)('are read: %s', async (end, reportedStatus) => {
    const charge = await aCharge('midtrans');
    await notices(1);
    if (end === 'expire') simulator.controls.expire(charge.reference);
    else await providers.of(account('midtrans')).cancelCharge(charge, never);
    expect(reportedStatuses(await notices(2))).toEqual([reportedStatus, 'open']);
  });
});

describe.each([
  ['as documented', {}],
  ['with amounts as strings and few fields', { xendit_string_amounts: true, xendit_sparse_webhooks: true }],
  ['with odd types, and refunds wrapped twice', { xendit_odd_webhooks: true, xendit_double_nested_refunds: true }],
])('the webhooks of Xendit, %s,', (_how, switches) => {
  beforeEach(() => simulator.controls.setSwitches(switches));

  it('are read: capture and refund', async () => {
    const charge = await aCharge('xendit');
    simulator.controls.pay(charge.reference);
    await notices(1);
    const refund = await providers.of(account('xendit')).refundCharge({ ...contractRefund, charge }, never);
    simulator.clock.advance(60_000);
    const all = await notices(2);
    expect(all).toMatchObject([
      { reportedStatus: 'paid', reference: charge.reference, providerChargeId: charge.providerChargeId, refund: null },
      {
        reportedStatus: 'refunded',
        reference: charge.reference,
        providerChargeId: charge.providerChargeId,
        refund: { reference: contractRefund.reference, providerRefundId: refund.providerRefundId },
      },
    ]);
  });

  it('are read: expiry', async () => {
    const charge = await aCharge('xendit');
    simulator.controls.expire(charge.reference);
    expect(await notices(1)).toMatchObject([{ reportedStatus: 'expired', reference: charge.reference }]);
  });
});

it.each(['midtrans', 'xendit'])(
  'a webhook that %s delivers twice has one delivery key, and is refused with another account’s secret',
  async (provider) => {
    const charge = await aCharge(provider);
    simulator.controls.pay(charge.reference, { deliveries: 2 });
    const all = (await notices(provider === 'midtrans' ? 3 : 2)).filter((notice) => notice.reportedStatus === 'paid');
    expect(all.map(({ deliveryKey }) => deliveryKey)).toEqual([all[0]?.deliveryKey, all[0]?.deliveryKey]);
    for (const each of inbox) expect(() => read(each, { webhookSecrets: ['another'] })).toThrow(WebhookRefused);
  },
);
