import { doubtPayment, hidePayment, type Payment } from '@gateway/shared/store';
import { openWorkshop, type Workshop } from '../../../../testing/workshop.ts';

let shop: Workshop;
beforeAll(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.simulator.controls.clearFaults('midtrans'));
afterAll(() => shop?.close());

const minutes = 60_000;
const chargeOf = ({ reference }: Payment) => shop.simulator.controls.charge(`${reference}-1`);
const lifecycleOf = (payment: Payment) => chargeOf(payment).states.at(-1)?.lifecycle;

async function cancelled(payment: Payment): Promise<string[]> {
  await hidePayment(shop.db.pool, payment.id, 'client', shop.clock.now());
  return shop.runDue(payment);
}

describe('a QR whose time is over', () => {
  it('is asked about, ended at the provider, and then expired', async () => {
    const payment = await shop.pending({ expiresInMs: 5 * minutes });
    shop.pass(5 * minutes - 1);
    await shop.runDue(payment);
    shop.pass(1);
    expect(await shop.runDue(payment)).toEqual(['expire-payment: expired']);
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.expired']);
    expect(lifecycleOf(payment)).toBe('expired');
    expect((await shop.attempts(payment))[0]?.status).toBe('expired');
  });

  it('is paid when the money was faster', async () => {
    const payment = await shop.pending({ expiresInMs: 5 * minutes });
    shop.pass(5 * minutes);
    shop.simulator.controls.pay(`${payment.reference}-1`);
    await shop.runDue(payment);
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });
});

describe('a till whose QR has run out', () => {
  it('makes a new one at once, though the provider of the old one does not answer', async () => {
    const old = await shop.pending({ expiresInMs: minutes });
    shop.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'http_500', times: null });
    shop.pass(minutes);
    const fresh = await shop.pending({ orderId: old.orderKey });
    expect(fresh).toMatchObject({ status: 'pending', hiddenAt: null });
    expect(fresh.id).not.toBe(old.id);

    await shop.runDue();
    shop.pass(2 * minutes);
    await shop.runDue();
    expect(await shop.events(old)).toEqual(['payment.pending', 'payment.cancelled']); // replaced; its provider was waited for, for two minutes
    expect((await shop.now(fresh)).status).toBe('pending');
  });
});

describe('a payment that is cancelled', () => {
  it('is cancelled at the provider first, and then here', async () => {
    const payment = await shop.pending();
    expect(await cancelled(payment)).toEqual(['cancel-payment: cancelled']);
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.cancelled']);
    expect(lifecycleOf(payment)).toBe('cancelled');
    expect((await shop.now(payment)).checkAt).not.toBeNull(); // money may still come
  });

  it('says who wanted it, not who did it', async () => {
    const payment = await shop.pending();
    await cancelled(payment);
    const { rows } = await shop.db.pool.query<{ reason: string }>(
      `select payload -> 'data' ->> 'reason' as reason from gateway.payment_events where payment_id = $1 and type = 'payment.cancelled'`,
      [payment.id],
    );
    expect(rows).toEqual([{ reason: 'client' }]);
  });

  it('is never closed over a provider that does not answer, for two minutes', async () => {
    const payment = await shop.pending();
    shop.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'http_500', times: null });
    expect(await cancelled(payment)).toEqual(['cancel-payment: http_500']);
    shop.pass(2 * minutes - 1);
    expect(await shop.runDue(payment)).toEqual(['cancel-payment: http_500']);
    expect((await shop.now(payment)).status).toBe('pending');
  });

  it('is closed here after two minutes, watched on, and taken down there when the provider is back', async () => {
    const payment = await shop.pending();
    shop.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'http_500', times: null });
    await cancelled(payment);
    shop.pass(2 * minutes);
    expect(await shop.runDue(payment)).toEqual(['cancel-payment: cancelled']);
    expect(lifecycleOf(payment)).toBe('pending');

    shop.simulator.controls.clearFaults('midtrans');
    shop.pass(2 * minutes);
    await shop.runDue(payment);
    expect(lifecycleOf(payment)).toBe('cancelled');
    expect((await shop.attempts(payment))[0]?.status).toBe('cancelled');
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.cancelled']);
  });

  it('is not closed while money is in doubt, and then looked at no more often than a watch', async () => {
    const payment = await shop.pending();
    await doubtPayment(shop.db.pool, payment.id, shop.clock.now());
    expect(await cancelled(payment)).toEqual(['cancel-payment: pending']);
    expect(lifecycleOf(payment)).toBe('cancelled');
    const { status, checkAt } = await shop.now(payment);
    expect(status).toBe('pending');
    expect((checkAt?.getTime() ?? 0) - shop.clock.now().getTime()).toBeGreaterThanOrEqual(30_000);
  });
});
