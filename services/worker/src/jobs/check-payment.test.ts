import { payInCash } from '../../../../testing/pos-orders.ts';
import { openWorkshop, type Workshop } from '../../../../testing/workshop.ts';

let shop: Workshop;
beforeAll(async () => {
  shop = await openWorkshop();
});
afterAll(() => shop?.close());

describe('the poll of a QR on display', () => {
  it('asks 3 s after it is shown, and then at the pace the provider allows', async () => {
    const payment = await shop.pending();
    expect(await shop.runDue(payment)).toEqual([]);
    shop.pass(3_000);
    expect(await shop.runDue(payment)).toEqual(['check-payment: no news']);
    const { checkAt, checkedAt } = await shop.now(payment);
    expect(checkedAt).toEqual(shop.clock.now());
    expect(checkAt?.getTime()).toBe(shop.clock.now().getTime() + 3_000);
  });

  it('finds money of which no webhook told', async () => {
    const payment = await shop.pending();
    shop.simulator.controls.pay(`${payment.reference}-1`);
    shop.pass(3_000);
    await shop.runDue(payment);
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('looks no later than at the end of its time', async () => {
    const payment = await shop.pending({ expiresInMs: 61_000 });
    shop.pass(59_500);
    await shop.runDue(payment);
    expect((await shop.now(payment)).checkAt).toEqual(payment.expiresAt);
  });

  it('takes the QR down when the order was paid in cash meanwhile', async () => {
    const payment = await shop.pending();
    await payInCash(shop.db.pool, payment.orderKey);
    shop.pass(3_000);
    expect(await shop.runDue(payment)).toContain('check-payment: order_closed_elsewhere');
    expect(await shop.now(payment)).toMatchObject({ status: 'cancelled', cancelReason: 'order_closed_elsewhere' });
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.cancelled']);
    expect(shop.simulator.controls.charge(`${payment.reference}-1`).states.at(-1)?.lifecycle).toBe('cancelled');
  });
});

describe('a payment that was paid by a QR that nobody showed', () => {
  it('is watched on: the one that was on display may be paid too, and then its money goes back', async () => {
    shop.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'http_500_after_effect', times: 1 });
    const payment = await shop.pending();
    shop.simulator.controls.pay(`${payment.reference}-1`);
    await shop.runDue(payment);
    expect((await shop.now(payment)).status).toBe('paid');

    shop.simulator.controls.pay(`${payment.reference}-2`);
    shop.pass(60_000);
    await shop.runDue(payment);
    expect(await shop.events(payment)).toEqual(expect.arrayContaining(['payment.paid', 'order.paid', 'payment.duplicate_paid']));
  });
});
