import type { Payment } from '@gateway/shared/payment';
import { addToOrder, deleteOrder, payInCash, payPartInCash, reduceOrder, voidOrder } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterEach(() => worker.simulator.controls.clearFaults('midtrans'));
afterAll(() => worker?.close());

/** The events of a payment with the reason of each. */
const announced = async ({ id }: Payment) => {
  const { rows } = await worker.db.pool.query<{ type: string; reason: string | null }>(
    `select type, payload -> 'data' ->> 'reason' as reason from gateway.payment_events where payment_id = $1 order by occurred_at, event_id`,
    [id],
  );
  return rows.map(({ type, reason }) => [type, reason]);
};

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

  it('asks no provider for a worker that lost its lease, and changes nothing', async () => {
    const payment = await worker.pending();
    await worker.db.pool.query('update gateway.payments set lease_no = lease_no + 1 where id = $1', [payment.id]);
    worker.simulator.controls.pay(`${payment.reference}-1`);
    expect(await worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo: payment.leaseNo } })).toBe(
      'superseded',
    );
    expect(await worker.events(payment)).toEqual(['payment.pending']);
  });

  it('runs at the expiry at the latest', async () => {
    const payment = await worker.pending({ expiresInMs: 61_000 });
    worker.advance(59_500);
    await worker.runDue(payment);
    expect((await worker.reload(payment)).checkAt).toEqual(payment.expiresAt);
  });
});

const changes: [string, (order: string) => Promise<unknown>, string][] = [
  ['was paid in cash', (order) => payInCash(worker.db.pool, order), 'order_closed_elsewhere'],
  ['was voided', (order) => voidOrder(worker.db.pool, order), 'order_closed_elsewhere'],
  ['was deleted', (order) => deleteOrder(worker.db.pool, order), 'order_closed_elsewhere'],
  ['grew', (order) => addToOrder(worker.db.pool, order, 12_000), 'amount_changed'],
  ['shrank', (order) => reduceOrder(worker.db.pool, order, 1_000), 'amount_changed'],
  ['was paid in part', (order) => payPartInCash(worker.db.pool, order, 20_000), 'amount_changed'],
];

describe.each(changes)('a QR whose order %s', (_, change, reason) => {
  it('is hidden by the first poll, cancelled at the provider, and the till hears why', async () => {
    const payment = await worker.pending();
    await change(payment.orderKey);
    worker.advance(3_000);
    expect(await worker.runDue(payment)).toEqual(expect.arrayContaining([`check-payment: ${reason}`, 'cancel-payment: cancelled']));
    expect(await worker.reload(payment)).toMatchObject({ status: 'cancelled', cancelReason: reason, hiddenAt: worker.clock.now() });
    expect(await announced(payment)).toEqual([
      ['payment.pending', null],
      ['payment.cancelled', reason],
    ]);
    expect(worker.simulator.controls.charge(`${payment.reference}-1`).states.at(-1)?.lifecycle).toBe('cancelled');
  });

  it('is hidden while the provider does not answer', async () => {
    const payment = await worker.pending();
    await change(payment.orderKey);
    worker.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'http_500', times: null });
    worker.advance(3_000);
    expect(await worker.runDue(payment)).toContain(`check-payment: ${reason}`);
    expect(await worker.reload(payment)).toMatchObject({ status: 'pending', cancelReason: reason, hiddenAt: worker.clock.now() });
  });

  it('is paid when the money came first', async () => {
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    await change(payment.orderKey);
    worker.advance(3_000);
    await worker.runDue(payment);
    expect(await worker.reload(payment)).toMatchObject({ received: payment.amount, cancelReason: null });
  });
});

describe('a QR for what was ordered after a payment that the host has not booked yet', () => {
  it('is displayed, and stays on display before and after the host books that payment', async () => {
    const first = await worker.pending({ total: 25_000 });
    worker.simulator.controls.pay(`${first.reference}-1`);
    worker.advance(3_000);
    await worker.runDue(first);
    const order = [first.orderKey];
    await worker.db.pool.query(`update pos.orders set paid_total = 0, status = 'open' where id = $1`, order);
    await worker.db.pool.query('update gateway.attempts set unbooked = true, host_paid_before = 0 where payment_id = $1', [first.id]);
    await addToOrder(worker.db.pool, first.orderKey, 7_000);

    const payment = await worker.pending({ orderId: first.orderKey });
    expect(payment).toMatchObject({ status: 'pending', amount: 7_000 });
    for (const booked of [0, 25_000]) {
      await worker.db.pool.query('update pos.orders set paid_total = $2 where id = $1', [...order, booked]);
      worker.advance(3_000);
      expect(await worker.runDue(payment)).toEqual(['check-payment: no_change']);
    }
    expect((await worker.reload(payment)).hiddenAt).toBeNull();
  });
});

describe('a QR whose order cannot be read', () => {
  it('stays on display, and is polled on', async () => {
    const payment = await worker.pending();
    worker.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'http_500', times: null });
    await worker.db.pool.query('alter table pos.orders rename column grand_total to renamed');
    worker.advance(3_000);
    expect(await worker.runDue(payment)).toContain('check-payment: provider_error');
    await worker.db.pool.query('alter table pos.orders rename column renamed to grand_total');
    expect((await worker.reload(payment)).hiddenAt).toBeNull();
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
