import type { Payment } from '@gateway/shared/payment';
import { eventually } from '@gateway/testing/eventually';
import { addToOrder, lockOrderRow, payInCash, payPartInCash, reduceOrder, voidOrder } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness({ createLimitMs: 5_000 });
});
afterEach(() => worker.simulator.controls.clearFaults('midtrans'));
afterAll(() => worker?.close());

const charge = ({ id, leaseNo }: Payment) => worker.run({ name: 'charge', payload: { host: 'pos', paymentId: id, leaseNo } });
const lifecycle = (reference: string) => worker.simulator.controls.charge(reference).states.at(-1)?.lifecycle;
const repliesOf = ({ id }: Payment) => worker.replies.filter((reply) => reply.id === id).map(({ status }) => status);
const reasonOf = async ({ id }: Payment) =>
  (
    await worker.db.pool.query<{ reason: string }>(
      `select payload -> 'data' ->> 'reason' as reason from gateway.payment_events where payment_id = $1 and type = 'payment.cancelled'`,
      [id],
    )
  ).rows.map(({ reason }) => reason);

/** Runs the charge job, and `change` while the provider makes the QR. @returns the job's outcome */
async function chargeWhile(payment: Payment, change: () => Promise<unknown>): Promise<string> {
  worker.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'slow', delay_ms: 150 });
  const running = charge(payment);
  await eventually(async () => (await worker.attempts(payment)).length === 1);
  await change();
  return running;
}

describe.each([
  ['grew', (order: string) => addToOrder(worker.db.pool, order, 12_000), 'amount_changed'],
  ['shrank', (order: string) => reduceOrder(worker.db.pool, order, 1_000), 'amount_changed'],
  ['was paid in part', (order: string) => payPartInCash(worker.db.pool, order, 20_000), 'amount_changed'],
  ['was paid in cash', (order: string) => payInCash(worker.db.pool, order), 'order_closed_elsewhere'],
  ['was voided', (order: string) => voidOrder(worker.db.pool, order), 'order_closed_elsewhere'],
] as const)('a QR whose order %s while the provider made it', (_, change, reason) => {
  it('is never on display, the till hears at once, and the charge is cancelled', async () => {
    const payment = await worker.created();
    expect(await chargeWhile(payment, () => change(payment.orderKey))).toBe('cancelled');
    expect(await worker.reload(payment)).toMatchObject({ status: 'cancelled', shownAttempt: null, cancelReason: reason });
    expect(repliesOf(payment)).toEqual(['cancelled']);
    expect([await worker.events(payment), await reasonOf(payment)]).toEqual([['payment.cancelled'], [reason]]);
    await worker.runDue(payment);
    expect(lifecycle(`${payment.reference}-1`)).toBe('cancelled');
  });
});

describe('a QR whose order cannot be read when the provider has made it', () => {
  it('is shown when an editor of the POS holds the order', async () => {
    const payment = await worker.created();
    const releaseOrder = await lockOrderRow(worker.db.pool, payment.orderKey);
    expect(await charge(payment)).toBe('pending');
    await releaseOrder();
  });

  it('is shown when the host does not answer in time', async () => {
    const payment = await worker.created();
    const locker = await worker.db.pool.connect();
    await locker.query('begin');
    await locker.query('lock table pos.orders in access exclusive mode');
    expect(await charge(payment)).toBe('pending');
    await locker.query('rollback');
    locker.release();
  });

  it('is shown when the statement of the host fails', async () => {
    const payment = await worker.created();
    await worker.db.pool.query('alter table pos.orders rename column grand_total to renamed');
    expect(await charge(payment)).toBe('pending');
    await worker.db.pool.query('alter table pos.orders rename column renamed to grand_total');
  });
});
