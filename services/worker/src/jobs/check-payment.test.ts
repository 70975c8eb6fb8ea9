import { payInCash } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterAll(() => worker?.close());

describe('the poll of a QR on display', () => {
  it('runs 3 s after display, and then at the interval of the account', async () => {
    const payment = await worker.pending();
    expect(await worker.runDue(payment)).toEqual([]);
    worker.advance(3_000);
    expect(await worker.runDue(payment)).toEqual(['check-payment: no_change']);
    const { checkAt, checkedAt } = await worker.reload(payment);
    expect(checkedAt).toEqual(worker.clock.now());
    expect(checkAt?.getTime()).toBe(worker.clock.now().getTime() + 3_000);
  });

  it('finds a payment whose webhook is lost', async () => {
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    worker.advance(3_000);
    await worker.runDue(payment);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('runs at the expiry at the latest', async () => {
    const payment = await worker.pending({ expiresInMs: 61_000 });
    worker.advance(59_500);
    await worker.runDue(payment);
    expect((await worker.reload(payment)).checkAt).toEqual(payment.expiresAt);
  });

  it('cancels the payment when the order was paid in cash meanwhile', async () => {
    const payment = await worker.pending();
    await payInCash(worker.db.pool, payment.orderKey);
    worker.advance(3_000);
    expect(await worker.runDue(payment)).toContain('check-payment: order_closed_elsewhere');
    expect(await worker.reload(payment)).toMatchObject({ status: 'cancelled', cancelReason: 'order_closed_elsewhere' });
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.cancelled']);
    expect(worker.simulator.controls.charge(`${payment.reference}-1`).states.at(-1)?.lifecycle).toBe('cancelled');
  });
});

describe('a payment that was paid by a QR that was never shown', () => {
  it('is polled on, and the second payment, by the QR that was on display, is a duplicate', async () => {
    worker.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'http_500_after_effect', times: 1 });
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    await worker.runDue(payment);
    expect((await worker.reload(payment)).status).toBe('paid');

    worker.simulator.controls.pay(`${payment.reference}-2`);
    worker.advance(60_000);
    await worker.runDue(payment);
    expect(await worker.events(payment)).toEqual(expect.arrayContaining(['payment.paid', 'order.paid', 'payment.duplicate_paid']));
  });
});
