import { type Charge, type Payment, rupiah } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { plusMs } from '@gateway/shared/runtime';
import { attempts, refunds } from '@gateway/shared/store';
import { addToOrder, lockOrderRow, payInCash } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterAll(() => worker?.close());

/** The guest pays, and a poll finds the money. */
async function paid(payment: Payment, amount: number | null = null): Promise<Payment> {
  worker.simulator.controls.pay(`${payment.reference}-1`, { amount });
  const { leaseNo } = await worker.reload(payment);
  await worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo } });
  return worker.reload(payment);
}

const order = async ({ orderKey }: Payment) => {
  const { rows } = await worker.db.pool.query(`select status, paid_total::int as paid from pos.orders where id = $1`, [orderKey]);
  return rows[0];
};
const tillRow = async ({ reference }: Payment) => {
  const { rows } = await worker.db.pool.query(`select status from pos.payments where external_ref = $1`, [reference]);
  return rows[0].status;
};
const reviews = async ({ id }: Payment) => {
  const { rows } = await worker.db.pool.query<{ reason: string }>(
    'select reason from gateway.discrepancies where payment_id = $1 and closed_at is null order by id',
    [id],
  );
  return rows.map(({ reason }) => reason);
};
const refundsAtProvider = ({ reference }: Payment) =>
  worker.simulator.controls
    .charge(`${reference}-1`)
    .states.at(-1)
    ?.refunds.map(({ amount, status }) => ({ amount, status }));
/** Moves the clock in the steps of the refund job, long enough for a wallet to confirm a refund. */
async function refunded(): Promise<void> {
  for (const ms of [0, 3_000, 10_000, 30_000]) {
    worker.advance(ms);
    await worker.runDue();
  }
}

describe('money for an order with the amount due', () => {
  it('pays the order in the host, and releases it to the kitchen', async () => {
    const payment = await worker.pending({ total: 41_000 });
    expect(await paid(payment)).toMatchObject({ status: 'paid', received: 41_000, hiddenAt: worker.clock.now(), checkAt: null });
    expect(await order(payment)).toEqual({ status: 'paid', paid: 41_000 });
    expect(await tillRow(payment)).toBe('settled');
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('is applied once, however often the provider reports it', async () => {
    const payment = await worker.pending();
    await paid(payment);
    const charge = await worker.deps.accounts
      .of({ provider: 'midtrans', account: 'default' })
      .provider.findCharge({ reference: `${payment.reference}-1`, providerChargeId: null }, AbortSignal.timeout(1_000));
    const update = { kind: 'charge', attemptNo: 1, charge: charge as Charge } as const;
    const verdicts = await Promise.all([1, 2, 3].map(() => worker.writer.apply(worker.host, payment, update)));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['stale', 'stale', 'stale']);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('is applied once when ten polls find it at the same time', async () => {
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    const poll = () => worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo: 0 } });
    const outcomes = await Promise.all(Array.from({ length: 10 }, poll));
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });
});

describe('money for an order without an amount due', () => {
  it('is a duplicate: it is refunded at the provider, and the order is not released again', async () => {
    const payment = await worker.pending({ total: 30_000 });
    await payInCash(worker.db.pool, payment.orderKey);
    expect(await paid(payment)).toMatchObject({ status: 'paid', received: 30_000, refunded: 0 });
    await refunded();
    expect(refundsAtProvider(payment)).toEqual([{ amount: 30_000, status: 'succeeded' }]);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.duplicate_paid', 'refund.pending', 'refund.succeeded']);
    expect(await order(payment)).toEqual({ status: 'paid', paid: 30_000 });
    expect(await worker.reload(payment)).toMatchObject({ status: 'refunded', received: 30_000, refunded: 30_000, needsReview: false });
  });

  it('opens a discrepancy when the provider refuses the refund', async () => {
    const payment = await worker.pending();
    await payInCash(worker.db.pool, payment.orderKey);
    worker.simulator.controls.addFault('midtrans', { operation: 'refund', fault: 'rejected' });
    await paid(payment);
    await refunded();
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.duplicate_paid', 'refund.pending', 'refund.failed']);
    expect(await reviews(payment)).toEqual(['refund_failed']);
  });
});

describe('money of another amount', () => {
  it('that is more pays the order, with a discrepancy', async () => {
    const payment = await worker.pending({ total: 20_000 });
    expect(await paid(payment, 22_000)).toMatchObject({ status: 'paid', received: 22_000, needsReview: true });
    expect(await reviews(payment)).toEqual(['overpaid']);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review', 'order.paid']);
    expect(await order(payment)).toEqual({ status: 'paid', paid: 20_000 });
  });

  it('that is less keeps the payment pending and hidden, and it does not expire', async () => {
    const payment = await worker.pending({ total: 20_000, expiresInMs: 60_000 });
    expect(await paid(payment, 19_000)).toMatchObject({
      status: 'pending',
      received: 19_000,
      hiddenAt: worker.clock.now(),
      needsReview: true,
    });
    worker.advance(3_600_000);
    await worker.runDue();
    expect((await worker.reload(payment)).status).toBe('pending');
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.review']);
    expect(await order(payment)).toEqual({ status: 'open', paid: 0 });
  });
});

describe('money that the host refuses', () => {
  it('is kept, with a discrepancy, and the order is not released', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await addToOrder(worker.db.pool, payment.orderKey, 5_000); // the QR is for less than the amount due, so the host refuses to mark the order paid
    expect(await paid(payment)).toMatchObject({ status: 'paid', received: 25_000, needsReview: true });
    expect(await reviews(payment)).toEqual(['host_refused']);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review']);
    expect(await order(payment)).toEqual({ status: 'open', paid: 0 });
    expect((await worker.attempts(payment))[0]).toMatchObject({ status: 'paid', paid: 25_000, accepted: false });
  });
});

describe('a host that is busy for longer than the limit', () => {
  it('does not delay the payment, and its order is paid later, once', async () => {
    const payment = await worker.pending({ total: 33_000 });
    const unlockOrder = await lockOrderRow(worker.db.pool, payment.orderKey);
    expect(await paid(payment)).toMatchObject({ status: 'paid', received: 33_000 });
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid']);
    await unlockOrder();

    worker.advance(5_000);
    const deferred = await worker.db.pool.query('select id::int from gateway.host_writes where payment_id = $1', [payment.id]);
    const job = { name: 'write-host', payload: { host: 'pos', hostWriteId: deferred.rows[0].id, leaseNo: 0 } } as const;
    const outcomes = await Promise.all([worker.run(job), worker.run(job)]);
    expect(outcomes.sort()).toEqual(['already_done', 'took_effect']);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
    expect(await order(payment)).toEqual({ status: 'paid', paid: 33_000 });
    expect((await worker.attempts(payment))[0]?.accepted).toBe(true);
    expect(await reviews(payment)).toEqual([]);
  });

  it('leads to a refund when the guest had paid otherwise', async () => {
    const payment = await worker.pending({ total: 33_000 });
    const unlockOrder = await lockOrderRow(worker.db.pool, payment.orderKey);
    await paid(payment);
    await unlockOrder();
    await payInCash(worker.db.pool, payment.orderKey);
    worker.advance(5_000);
    await refunded();
    expect(await worker.events(payment)).toEqual([
      'payment.pending',
      'payment.paid',
      'payment.duplicate_paid',
      'refund.pending',
      'refund.succeeded',
    ]);
    expect((await worker.attempts(payment))[0]).toMatchObject({ accepted: false });
    expect(refundsAtProvider(payment)).toEqual([{ amount: 33_000, status: 'succeeded' }]);
  });

  it('leads to a refund of the remaining amount when a part was refunded before the guest paid otherwise', async () => {
    const payment = await worker.pending({ total: 33_000 });
    const unlockOrder = await lockOrderRow(worker.db.pool, payment.orderKey);
    const settled = await paid(payment);
    const some = {
      payment: settled,
      attemptNo: 1,
      amount: rupiah(3_000),
      cause: 'client',
      reason: 'cold',
      at: worker.clock.now(),
    } as const;
    await inTransaction(worker.db, (trx) => refunds.open(trx, some));
    await unlockOrder();
    await payInCash(worker.db.pool, payment.orderKey);
    worker.advance(5_000);
    await refunded();
    expect(refundsAtProvider(payment)).toEqual([
      { amount: 3_000, status: 'succeeded' },
      { amount: 30_000, status: 'succeeded' },
    ]);
  });

  it('receives no expiry of a payment that was paid since', async () => {
    const payment = await worker.pending({ expiresInMs: 60_000 });
    worker.advance(60_000);
    const unlockOrder = await lockOrderRow(worker.db.pool, payment.orderKey);
    await worker.runDue(payment);
    expect((await worker.reload(payment)).status).toBe('expired');
    expect(await tillRow(payment)).toBe('pending');
    await unlockOrder();
    expect(await paid(payment)).toMatchObject({ status: 'paid' }); // late, accepted
    worker.advance(5_000);
    expect(await worker.runDue(payment)).toContain('write-host: obsolete');
    expect(await tillRow(payment)).toBe('settled');
  });
});

describe('a late payment', () => {
  async function late(policy: 'accept' | 'refund' | 'hold'): Promise<Payment> {
    const payment = await worker.pending({ total: 18_000, expiresInMs: 60_000 });
    worker.advance(60_000);
    await worker.runDue();
    worker.settings.lateMoney = policy;
    worker.advance(5_000); // providers report when a guest paid in whole seconds
    return paid(payment);
  }
  afterEach(() => {
    worker.settings.lateMoney = 'accept';
  });

  it('pays the order under the policy accept, the default', async () => {
    const payment = await late('accept');
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.expired', 'payment.paid_late', 'order.paid']);
    expect(await order(payment)).toEqual({ status: 'paid', paid: 18_000 });
  });

  it('is refunded under the policy refund', async () => {
    const payment = await late('refund');
    await refunded();
    expect(await worker.events(payment)).toEqual([
      'payment.pending',
      'payment.expired',
      'payment.paid_late',
      'refund.pending',
      'refund.succeeded',
    ]);
    expect(await order(payment)).toEqual({ status: 'open', paid: 0 });
    expect(refundsAtProvider(payment)).toEqual([{ amount: 18_000, status: 'succeeded' }]);
  });

  it('is held for an operator under the policy hold', async () => {
    const payment = await late('hold');
    expect(payment).toMatchObject({ status: 'paid', needsReview: true });
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.expired', 'payment.paid_late']);
    expect(await order(payment)).toEqual({ status: 'open', paid: 0 });
  });
});

describe('another payment of the same order', () => {
  it('is cancelled when one is paid', async () => {
    const first = await worker.pending({ total: 50_000, expiresInMs: 61_000 });
    worker.advance(40_000); // too little time left to scan it: the till gets another one
    const second = await worker.pending({ orderId: first.orderKey });
    expect(second.id).not.toBe(first.id);
    worker.simulator.controls.pay(`${first.reference}-1`); // the guest had scanned the first QR
    await worker.runDue();
    expect((await worker.reload(first)).status).toBe('paid');
    expect(await worker.reload(second)).toMatchObject({ status: 'cancelled', cancelReason: 'order_paid' });
    expect(worker.simulator.controls.charge(`${second.reference}-1`).states.at(-1)?.lifecycle).toBe('cancelled');
  });

  it('stays as it is when the host refuses the money, because the order is not paid', async () => {
    const first = await worker.pending({ total: 50_000, expiresInMs: 61_000 });
    worker.advance(40_000);
    const second = await worker.pending({ orderId: first.orderKey });
    await worker.db.pool.query('delete from pos.payments where external_ref = $1', [first.reference]); // the host then refuses the money
    await paid(first);
    expect(await reviews(first)).toEqual(['host_refused']);
    expect(await worker.reload(second)).toMatchObject({ status: 'pending', hiddenAt: null, cancelRequestedAt: null });
  });
});

describe('another charge of a paid payment', () => {
  it('is cancelled now and not at its next look-up', async () => {
    const payment = await worker.created();
    const start = {
      paymentId: payment.id,
      no: 1,
      provider: 'xendit',
      account: 'default',
      leaseNo: payment.leaseNo,
      at: worker.clock.now(),
    };
    const anHourLater = plusMs(worker.clock.now(), 3_600_000);
    await attempts.begin(worker.db.pool, { ...start, resolveAt: anHourLater, leaseUntil: anHourLater });
    await attempts.conclude(worker.db.pool, { ...start, status: 'unknown', reason: 'timeout', resolveAt: anHourLater });
    await worker.run({ name: 'charge', payload: { host: 'pos', paymentId: payment.id, leaseNo: payment.leaseNo } });
    worker.simulator.controls.pay(`${payment.reference}-2`);
    const { leaseNo } = await worker.reload(payment);
    await worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo } });
    expect(await worker.reload(payment)).toMatchObject({ status: 'paid', settledAttempt: 2 });
    expect((await worker.attempts(payment))[0]?.resolveAt).toEqual(worker.clock.now());
  });
});

describe('money for an order of which a part was paid in cash meanwhile', () => {
  it('goes back, because the host would book more than the bill', async () => {
    const payment = await worker.pending({ total: 30_000 });
    await worker.db.pool.query('update pos.orders set paid_total = 10000, version = version + 1 where id = $1', [payment.orderKey]);
    await paid(payment);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.duplicate_paid', 'refund.pending']);
  });
});

describe('an expiry that the host does not record', () => {
  it('opens no discrepancy, because no money is concerned', async () => {
    const payment = await worker.pending({ expiresInMs: 60_000 });
    await worker.db.pool.query('delete from pos.payments where external_ref = $1', [payment.reference]);
    worker.advance(60_000);
    await worker.runDue(payment);
    expect([(await worker.reload(payment)).status, await reviews(payment)]).toEqual(['expired', []]);
  });
});
