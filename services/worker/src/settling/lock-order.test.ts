import { type Payment, type Refund, type RefundId, rupiah } from '@gateway/shared/payment';
import { payments, refunds } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { lockOrderRow } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { concludeRefund } from './conclude-refund.ts';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterEach(() => {
  worker.settings.isAtOnce = true;
});
afterAll(() => worker?.close());

/** Money is written with few statements, or step by step. */
const ways = [
  ['with few statements', true],
  ['step by step', false],
] as const;

const poll = async ({ id }: Payment) => {
  const { leaseNo } = await worker.reload({ id });
  return worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: id, leaseNo } });
};
async function paid(payment: Payment): Promise<Payment> {
  worker.simulator.controls.pay(`${payment.reference}-1`);
  await poll(payment);
  return worker.reload(payment);
}
const isWaitingForLock = async (table: string) =>
  (
    await worker.db.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%' || $1 || '%'`,
      [table],
    )
  ).rowCount !== 0;
const isPaymentFree = async ({ id }: Payment) =>
  (await worker.db.pool.query('select from gateway.payments where id = $1 for update skip locked', [id])).rowCount === 1;

/** Runs `work` while an editor holds the order, and looks at the payment row when the work waits. */
async function isPaymentFreeWhileWaiting(payment: Payment, work: () => Promise<unknown>): Promise<boolean> {
  const unlockOrder = await lockOrderRow(worker.db.pool, payment.orderKey);
  const running = work();
  running.catch(() => {}); // awaited below
  await eventually(() => isWaitingForLock('pos.orders'));
  const isFree = await isPaymentFree(payment);
  await unlockOrder();
  await running;
  return isFree;
}

/** A till locks the order and then its payment. Work that held the payment and waited for the order would deadlock with it. */
describe('work that waits for the order holds no lock on the payment', () => {
  it.each(ways)('when it records money %s', async (_, isAtOnce) => {
    worker.settings.isAtOnce = isAtOnce;
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    expect(await isPaymentFreeWhileWaiting(payment, () => poll(payment))).toBe(true);
  });

  it('when it records a refund', async () => {
    const payment = await paid(await worker.pending());
    const refund = (await refunds.open(worker.db.pool, {
      payment,
      attemptNo: 1,
      amount: rupiah(1_000),
      cause: 'client',
      reason: 'cold soup',
      at: worker.clock.now(),
    })) as Refund & { id: RefundId };
    const result = { status: 'succeeded', failure: null, providerRefundId: 'refund-1' } as const;
    const conclude = () => concludeRefund({ host: worker.host, payment, refund, result, clock: worker.clock });
    expect(await isPaymentFreeWhileWaiting(payment, conclude)).toBe(true);
    expect(await worker.reload(payment)).toMatchObject({ status: 'partially_refunded', refunded: 1_000 });
  });

  it('when it carries out a deferred host write', async () => {
    const payment = await worker.pending();
    const unlockOrder = await lockOrderRow(worker.db.pool, payment.orderKey);
    await paid(payment);
    await unlockOrder();
    const { rows } = await worker.db.pool.query('select id::int from gateway.host_writes where payment_id = $1', [payment.id]);
    const writeHost = () => worker.run({ name: 'write-host', payload: { host: 'pos', hostWriteId: rows[0].id, leaseNo: 0 } });
    expect(await isPaymentFreeWhileWaiting(payment, writeHost)).toBe(true);
    expect(await worker.events(payment)).toContain('order.paid');
  });
});

describe('a till that cancels in the moment in which money is recorded', () => {
  it.each(ways)('is waited for, and the money is recorded %s on top of the cancel', async (_, isAtOnce) => {
    worker.settings.isAtOnce = isAtOnce;
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    const till = await worker.db.pool.connect();
    await till.query('begin');
    await payments.hide(till, payment.id, 'client', worker.clock.now());
    const polled = poll(payment);
    await eventually(() => isWaitingForLock('gateway.payments'));
    await till.query('commit');
    till.release();
    expect(await polled).toBe('applied');
    expect(await worker.reload(payment)).toMatchObject({ status: 'paid', cancelReason: 'client', received: payment.amount });
  });
});
