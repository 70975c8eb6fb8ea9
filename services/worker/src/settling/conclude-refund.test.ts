import type { Host } from '@gateway/shared/host';
import { type Payment, type Refund, rupiah } from '@gateway/shared/payment';
import { refunds } from '@gateway/shared/store';
import { payInCash } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { concludeRefund } from './conclude-refund.ts';

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
const open = async (payment: Payment, amount: number, cause: Refund['cause'] = 'client') =>
  (await refunds.open(worker.db.pool, {
    payment,
    attemptNo: 1,
    amount: rupiah(amount),
    cause,
    reason: 'cold soup',
    at: worker.clock.now(),
  })) as Refund;

/** The host, with the names of the statements that were run on it. */
function recordingHost(): { host: Host; steps: string[] } {
  const steps: string[] = [];
  const { orders } = worker.host;
  const writeInSavepoint: typeof orders.writeInSavepoint = (connection, name, values) => {
    steps.push(name);
    return orders.writeInSavepoint(connection, name, values);
  };
  return { host: { ...worker.host, orders: { ...orders, writeInSavepoint } }, steps };
}
async function conclude(payment: Payment, refund: Refund, status: 'succeeded' | 'failed' = 'succeeded'): Promise<string[]> {
  const { host, steps } = recordingHost();
  const result = { status, failure: status === 'failed' ? 'insufficient_balance' : null, providerRefundId: 'refund-1' };
  await concludeRefund({ host, payment, refund, result, clock: worker.clock });
  return steps;
}
const openReasons = async ({ id }: Payment) =>
  (
    await worker.db.pool.query<{ reason: string }>('select reason from gateway.discrepancies where payment_id = $1 and closed_at is null', [
      id,
    ])
  ).rows.map(({ reason }) => reason);
const count = async (payment: Payment, type: string) => (await worker.events(payment)).filter((each) => each === type).length;

describe('the result of a refund', () => {
  it('counts once, when two jobs learn of it at the same time', async () => {
    const payment = await paid(await worker.pending());
    const refund = await open(payment, 1_000);
    await Promise.all([conclude(payment, refund), conclude(payment, refund)]);
    expect(await worker.reload(payment)).toMatchObject({ status: 'partially_refunded', refunded: 1_000 });
    expect(await count(payment, 'refund.succeeded')).toBe(1);
  });

  it('is written to the host that has accepted the money', async () => {
    const payment = await paid(await worker.pending());
    expect(await conclude(payment, await open(payment, 1_000))).toEqual(['refunded']);
  });

  it('is not written to a host that never took the money', async () => {
    const payment = await worker.pending();
    await payInCash(worker.db.pool, payment.orderKey);
    const duplicate = await paid(payment);
    const [refund] = await refunds.ofPayment(worker.db.pool, payment.id);
    expect(await conclude(duplicate, refund as Refund)).toEqual([]);
    expect(await worker.reload(payment)).toMatchObject({ status: 'refunded', refunded: 55_000 });
    expect(await openReasons(payment)).toEqual([]);
  });

  it('is not a refund of the bill in the host while only the change of an overpaid bill went back', async () => {
    const payment = await paid(await worker.pending(), 60_000);
    expect(await conclude(payment, await open(payment, 5_000))).toEqual([]);
    expect(await conclude(await worker.reload(payment), await open(payment, 1_000))).toEqual(['refunded']);
  });
});

describe('a refund that failed', () => {
  it.each(['duplicate', 'late', 'operator'] as const)(
    'calls an operator when its cause is %s, because no till waits for it',
    async (cause) => {
      const payment = await paid(await worker.pending());
      await conclude(payment, await open(payment, 1_000, cause), 'failed');
      expect(await openReasons(payment)).toEqual(['refund_failed']);
      expect(await worker.reload(payment)).toMatchObject({ status: 'paid', refunded: 0 });
    },
  );

  it('calls no operator when a client asked for it: the client learns of the failure', async () => {
    const payment = await paid(await worker.pending());
    await conclude(payment, await open(payment, 1_000), 'failed');
    expect(await openReasons(payment)).toEqual([]);
    expect(await count(payment, 'refund.failed')).toBe(1);
  });
});
