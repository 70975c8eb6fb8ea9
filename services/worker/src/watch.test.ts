import type { Payment } from '@gateway/shared/store';
import { openWorkshop, type Workshop } from '../../../testing/workshop.ts';

let shop: Workshop;
beforeAll(async () => {
  shop = await openWorkshop();
  shop.settings.holds = [{ provider: 'midtrans', account: '*', storeId: '*', heldAt: shop.clock.now() }];
});
afterAll(() => shop?.close());

const hour = 3_600_000;

/** Time goes on from look to look, until nobody will look again or until then. @returns how many looks there were */
async function watched(payment: Payment, until: number): Promise<number> {
  for (let looks = 0; ; looks++) {
    const { checkAt } = await shop.now(payment);
    if (!checkAt || checkAt.getTime() > until) return looks;
    shop.pass(Math.max(0, checkAt.getTime() - shop.clock.now().getTime()));
    await shop.runDue();
  }
}

describe('a QR that has run out', () => {
  it('is watched for the 48 hours in which its money may come, at lengthening steps, and then no more', async () => {
    const payment = await shop.pending({ expiresInMs: 60_000 });
    const shownAt = shop.clock.now().getTime();
    const looks = await watched(payment, Number.POSITIVE_INFINITY);
    expect(shop.clock.now().getTime() - shownAt).toBe(48 * hour);
    expect(looks).toBeGreaterThan(48);
    expect(looks).toBeLessThan(120);
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.expired']);
  });

  it('is found paid in its last hours though no webhook told of it', async () => {
    const payment = await shop.pending({ expiresInMs: 60_000 });
    await watched(payment, shop.clock.now().getTime() + 46 * hour);
    shop.simulator.controls.pay(`${payment.reference}-1`);
    await watched(payment, shop.clock.now().getTime() + 2 * hour);
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.expired', 'payment.paid_late', 'order.paid']);
    expect((await shop.now(payment)).checkAt).toBeNull();
  });

  it('is looked at again though everybody was away for days, and the provider lags when they come back', async () => {
    const payment = await shop.pending({ expiresInMs: 60_000 });
    shop.pass(49 * hour);
    shop.simulator.controls.pay(`${payment.reference}-1`);
    shop.simulator.controls.addFault('xendit', { operation: 'status', fault: 'lag', times: null, delay_ms: hour });
    await watched(payment, shop.clock.now().getTime() + hour / 2);
    shop.simulator.controls.clearFaults('xendit');
    await watched(payment, Number.POSITIVE_INFINITY);
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.expired', 'payment.paid_late', 'order.paid']);
  });
});
