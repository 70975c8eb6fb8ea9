import { about, type Json, type Merchant, openMerchant } from '../test/merchant.ts';
import { type ProviderCalls, providerCalls } from '../test/provider-calls.ts';
import { inventedKeys } from './account-options.ts';

let merchant: Merchant;
let create: ProviderCalls['create'];
beforeAll(async () => {
  merchant = await openMerchant();
  ({ create } = providerCalls(merchant));
});
afterEach(() => {
  merchant.simulator.controls.reset();
  merchant.inbox.received.length = 0;
});
afterAll(() => merchant.stop());

describe('a webhook with unreliable delivery', () => {
  const setDelivery = (rules: Json) => merchant.control('POST', '/midtrans/webhooks', rules);

  it('may be dropped, which the charge records', async () => {
    await setDelivery({ drop: 1 });
    await create('midtrans');
    expect(merchant.simulator.controls.charge('REF-1').notices).toMatchObject([{ event: 'pending', result: 'dropped', attempts: [] }]);
  });

  it('may arrive twice', async () => {
    await setDelivery({ duplicate: 1 });
    await create('midtrans');
    const [one, other] = await merchant.inbox.deliveries(2);
    expect(one?.body).toEqual(other?.body);
  });

  it('may carry an invalid signature at Midtrans, and an invalid token at Xendit', async () => {
    await setDelivery({ bad_signature: 1 });
    await merchant.control('POST', '/xendit/webhooks', { bad_signature: 1 });
    await create('midtrans');
    await create('xendit', 'REF-2');
    merchant.simulator.controls.pay('REF-2');
    const fromMidtrans = await merchant.inbox.first(about('pending'));
    await setDelivery({});
    merchant.simulator.controls.pay('REF-1');
    await merchant.inbox.first(about('settlement'));
    expect(fromMidtrans.body.signature_key).toMatch(/^[0-9a-f]{128}$/);
    expect((await merchant.inbox.first(about('payment.capture'))).headers['x-callback-token']).not.toBe(inventedKeys.xenditCallbackToken);
  });

  it('may arrive late', async () => {
    await setDelivery({ delay_ms: [50, 60] });
    const started = performance.now();
    await create('midtrans');
    await merchant.inbox.deliveries(1);
    expect(performance.now() - started).toBeGreaterThanOrEqual(48);
  });

  it('may arrive in another order, which the seed decides', async () => {
    const arrivalOrder = async () => {
      await setDelivery({ shuffle: true, seed: 5 });
      for (let i = 0; i < 8; i++) await create('midtrans', `REF-${i}`);
      const arrived = (await merchant.inbox.deliveries(8)).map(({ body }) => body.order_id);
      merchant.simulator.controls.reset();
      merchant.inbox.received.length = 0;
      return arrived;
    };
    const sent = Array.from({ length: 8 }, (_, i) => `REF-${i}`);
    const arrived = await arrivalOrder();
    expect(arrived).not.toEqual(sent);
    expect(arrived.toSorted()).toEqual(sent);
    expect(await arrivalOrder()).toEqual(arrived);
  });
});
