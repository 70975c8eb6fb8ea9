import type { Payment } from '@gateway/shared/payment';
import { rupiah } from '@gateway/shared/payment';
import { refunds } from '@gateway/shared/store';
import { payInCash, reduceOrder, voidOrder } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

/** Received minus refunded is what the merchant keeps, and the status says so. */
let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
beforeEach(() => {
  worker.settings.lateMoney = 'accept';
});
afterAll(() => worker?.close());

const referenceOf = ({ reference, shownAttempt }: Payment) => `${reference}-${shownAttempt}`;

async function pay(payment: Payment, amount: number | null = null): Promise<Payment> {
  worker.simulator.controls.pay(referenceOf(payment), { amount });
  await worker.receiveWebhook(referenceOf(payment), 'paid');
  await worker.runDue();
  return worker.reload(payment);
}

async function settle(): Promise<void> {
  for (const ms of [0, 5_000, 30_000, 60_000, 300_000]) {
    worker.advance(ms);
    await worker.runDue();
  }
}

async function refundByOperator(payment: Payment, amount: number): Promise<void> {
  const request = { payment, attemptNo: 1, amount: rupiah(amount), cause: 'operator' as const, reason: 'returned', at: worker.clock.now() };
  await refunds.open(worker.db.pool, request);
  await settle();
}

const figures = async (payment: Payment) => {
  const { status, received, refunded } = await worker.reload(payment);
  return { status, kept: received - refunded };
};
const lastEvent = async ({ id }: Payment) => {
  const text = `select payload from gateway.payment_events where payment_id = $1 order by occurred_at desc, event_id desc limit 1`;
  return (await worker.db.pool.query<{ payload: { type: string; status: string } }>(text, [id])).rows[0]?.payload;
};

describe('a payment whose money was refunded', () => {
  it('is refunded after a duplicate, and its last event says so', async () => {
    const payment = await worker.pending({ total: 30_000 });
    await payInCash(worker.db.pool, payment.orderKey);
    await pay(payment);
    await settle();
    expect(await figures(payment)).toEqual({ status: 'refunded', kept: 0 });
    expect(await lastEvent(payment)).toMatchObject({ type: 'refund.succeeded', status: 'refunded' });
  });

  it('is refunded after late money at a store that refunds it', async () => {
    worker.settings.lateMoney = 'refund';
    const payment = await worker.pending({ total: 30_000, expiresInMs: 60_000 });
    worker.advance(60_000);
    await worker.runDue();
    worker.advance(2_000);
    await pay(payment);
    await settle();
    expect(await figures(payment)).toEqual({ status: 'refunded', kept: 0 });
  });

  it('is refunded after an operator has returned money that was held', async () => {
    worker.settings.lateMoney = 'hold';
    const payment = await worker.pending({ total: 30_000, expiresInMs: 60_000 });
    worker.advance(60_000);
    await worker.runDue();
    worker.advance(2_000);
    const held = await pay(payment);
    expect(held).toMatchObject({ status: 'paid', needsReview: true });
    await refundByOperator(held, 30_000);
    expect(await figures(payment)).toEqual({ status: 'refunded', kept: 0 });
  });

  it('keeps its status and counts the money when too little for the bill was returned', async () => {
    const payment = await worker.pending({ total: 30_000 });
    const underpaid = await pay(payment, 10_000);
    expect(underpaid).toMatchObject({ status: 'pending', received: 10_000 });
    await refundByOperator(underpaid, 10_000);
    expect(await figures(payment)).toEqual({ status: 'pending', kept: 0 });
  });

  it('counts only its own money when a second payment of it was refunded', async () => {
    worker.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'hang_after_effect', times: 1 });
    worker.settings.hedgeAfterMs = 10;
    const payment = await worker.pending({ total: 30_000 });
    worker.settings.hedgeAfterMs = 60_000;
    worker.simulator.controls.pay(referenceOf(payment));
    await worker.receiveWebhook(referenceOf(payment), 'paid', { provider: 'xendit' });
    await worker.runDue();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    await settle();
    expect(await figures(payment)).toEqual({ status: 'paid', kept: 30_000 });
  });
});

describe('a bill that became smaller after its QR was made', () => {
  it('keeps the money for an operator, who learns of the difference, and nothing is refunded automatically', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await reduceOrder(worker.db.pool, payment.orderKey, 1_000);
    await pay(payment);
    await settle();
    // The statements of hosts/pos refuse another amount than the bill's, so the host's refusal is the second review.
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review', 'payment.review']);
    expect(await worker.reload(payment)).toMatchObject({ status: 'paid', received: 25_000, refunded: 0, needsReview: true });
  });
});

describe('money for an order that was voided', () => {
  it('is kept for an operator, because the host refuses it', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await voidOrder(worker.db.pool, payment.orderKey);
    expect(await pay(payment)).toMatchObject({ status: 'paid', needsReview: true });
    expect(await worker.events(payment)).not.toContain('order.paid');
  });
});

describe('money that was paid in time and is learned of after the payment expired', () => {
  it.each(['refund', 'hold'] as const)('is accepted, also at a store with the policy %s', async (policy) => {
    worker.settings.lateMoney = policy;
    const payment = await worker.pending({ total: 25_000, expiresInMs: 120_000 });
    worker.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'refuse', times: null });
    worker.advance(30_000);
    worker.simulator.controls.pay(referenceOf(payment)); // its webhook is lost, and no poll gets through
    worker.advance(120_000);
    for (let n = 0; n < 30; n++) {
      worker.advance(10_000);
      await worker.runDue();
    }
    expect((await worker.reload(payment)).status).toBe('expired');
    worker.simulator.controls.clearFaults('midtrans');
    for (let n = 0; n < 20; n++) {
      worker.advance(60_000);
      await worker.runDue();
    }
    expect((await worker.events(payment)).slice(-2)).toEqual(['payment.paid', 'order.paid']);
    expect(await figures(payment)).toEqual({ status: 'paid', kept: 25_000 });
  });
});

describe('the change of an overpaid bill', () => {
  it('is returned to the guest and is not a refund of the bill in the host', async () => {
    const payment = await pay(await worker.pending({ total: 50_000 }), 60_000);
    await refundByOperator(payment, 10_000);
    expect(await figures(payment)).toEqual({ status: 'partially_refunded', kept: 50_000 });
    const { rows } = await worker.db.pool.query('select status from pos.payments where external_ref = $1', [payment.reference]);
    expect(rows).toEqual([{ status: 'settled' }]);
  });
});
