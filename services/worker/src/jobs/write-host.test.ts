import { type Attempt, type HostWriteId, type Payment, type Refund, rupiah } from '@gateway/shared/payment';
import { attempts, due, operatorHostWrites, refunds } from '@gateway/shared/store';
import { addToOrder, lockOrderRow } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { concludeRefund } from '../settling/conclude-refund.ts';

let worker: WorkerHarness;
let unlock: () => Promise<void>;
beforeAll(async () => {
  worker = await startWorkerHarness(); // its writer does not wait for a busy host
});
afterEach(() => unlock());
afterAll(() => worker?.close());

/** A payment that was paid while an editor holds its order. */
async function paidWhileLocked(): Promise<Payment> {
  const payment = await worker.pending();
  unlock = await lockOrderRow(worker.db.pool, payment.orderKey);
  worker.simulator.controls.pay(`${payment.reference}-1`);
  worker.advance(3_000);
  await worker.runDue(payment);
  expect((await worker.reload(payment)).status).toBe('paid');
  return payment;
}
const hostWriteOf = async ({ id }: Payment) =>
  (
    await worker.db.pool.query<{ id: HostWriteId; leaseNo: number }>(
      'select id::int, lease_no as "leaseNo" from gateway.host_writes where payment_id = $1',
      [id],
    )
  ).rows[0] as { id: HostWriteId; leaseNo: number };
const discrepanciesOf = async ({ id }: Payment) =>
  (
    await worker.db.pool.query<{ reason: string; isOpen: boolean }>(
      'select reason, closed_at is null as "isOpen" from gateway.discrepancies where payment_id = $1 order by id',
      [id],
    )
  ).rows;
async function runFor(minutes: number): Promise<string[]> {
  const outcomes: string[] = [];
  for (let ms = 0; ms < minutes * 60_000; ms += 5_000) {
    worker.advance(5_000);
    outcomes.push(...(await worker.runDue()));
  }
  return outcomes.filter((outcome) => outcome.startsWith('write-host'));
}

describe('a deferred host write whose order stays locked', () => {
  it('is tried more and more rarely, gets one discrepancy after some minutes, and pays the order when it is unlocked', async () => {
    const payment = await paidWhileLocked();
    const tries = await runFor(1);
    expect(new Set(tries)).toEqual(new Set(['write-host: retry_scheduled']));
    expect(await discrepanciesOf(payment)).toEqual([]);
    tries.push(...(await runFor(9)));
    expect(tries.length).toBeLessThanOrEqual(10); // every 4 s would be 150
    expect(await discrepanciesOf(payment)).toEqual([{ reason: 'host_not_told', isOpen: true }]);
    expect(await worker.reload(payment)).toMatchObject({ needsReview: true });
    await unlock();
    unlock = async () => {};
    expect(await runFor(6)).toEqual(['write-host: took_effect']);
    expect(await discrepanciesOf(payment)).toEqual([{ reason: 'host_not_told', isOpen: false }]);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('leaves no open discrepancy, and one record, when an operator closes it', async () => {
    const payment = await paidWhileLocked();
    await runFor(5);
    expect(await discrepanciesOf(payment)).toEqual([{ reason: 'host_not_told', isOpen: true }]);
    const { id } = await hostWriteOf(payment);
    await operatorHostWrites.close(worker.db, { id, host: 'pos', at: worker.clock.now(), by: 'dewi', because: 'entered by hand' });
    expect(await discrepanciesOf(payment)).toEqual([{ reason: 'host_not_told', isOpen: false }]);
  });
});

it('a host write that another worker has taken over is left alone', async () => {
  const payment = await paidWhileLocked();
  await unlock();
  unlock = async () => {};
  const { id, leaseNo } = await hostWriteOf(payment);
  worker.advance(5_000);
  await due.claim(worker.db.pool, { now: worker.clock.now(), limit: 100 });
  expect(await worker.run({ name: 'write-host', payload: { host: 'pos', hostWriteId: id as never, leaseNo } })).toBe('superseded');
  expect(await worker.run({ name: 'write-host', payload: { host: 'pos', hostWriteId: id as never, leaseNo: leaseNo + 1 } })).toBe(
    'took_effect',
  );
});

describe('a deferred host write that is not needed any more', () => {
  it('leaves the host as it is when the money does not pay the order any more', async () => {
    const payment = await paidWhileLocked();
    const [attempt] = await worker.attempts(payment);
    await attempts.save(worker.db.pool, { ...(attempt as Attempt), accepted: false });
    await unlock();
    unlock = async () => {};
    expect(await runFor(1)).toEqual(['write-host: obsolete']);
    expect((await worker.db.pool.query('select status from pos.orders where id = $1', [payment.orderKey])).rows).toEqual([
      { status: 'open' },
    ]);
  });
});

describe('a deferred host write that the host refuses', () => {
  it('keeps the money for an operator, and it does not count as accepted', async () => {
    const payment = await paidWhileLocked();
    expect((await worker.attempts(payment))[0]).toMatchObject({ accepted: true });
    await worker.db.pool.query('delete from pos.payments where external_ref = $1', [payment.reference]);
    await unlock();
    unlock = async () => {};
    expect(await runFor(1)).toEqual(['write-host: refused']);
    expect((await worker.attempts(payment))[0]).toMatchObject({ accepted: false });
    expect(await discrepanciesOf(payment)).toContainEqual({ reason: 'host_refused', isOpen: true });
  });
});

describe('a deferred host write that pays the order', () => {
  it('hides the other QR of the order', async () => {
    const first = await worker.pending({ expiresInMs: 61_000 });
    worker.advance(40_000); // too little time is left to scan it: the till gets another one
    const second = await worker.pending({ orderId: first.orderKey });
    unlock = await lockOrderRow(worker.db.pool, first.orderKey);
    worker.simulator.controls.pay(`${first.reference}-1`);
    await worker.receiveWebhook(`${first.reference}-1`, 'paid');
    await worker.runDue(first);
    expect((await worker.reload(first)).status).toBe('paid');
    await unlock();
    unlock = async () => {};
    const { id: hostWriteId, leaseNo } = await hostWriteOf(first);
    expect(await worker.run({ name: 'write-host', payload: { host: 'pos', hostWriteId, leaseNo } })).toBe('took_effect');
    expect(await worker.reload(second)).toMatchObject({ hiddenAt: expect.any(Date), cancelReason: 'order_paid' });
  });

  it('is not refunded as a duplicate of money that the host has not taken yet: the host writes decide which one pays', async () => {
    const first = await worker.pending();
    await addToOrder(worker.db.pool, first.orderKey, 7_000);
    const second = await worker.pending({ orderId: first.orderKey }); // for the new total
    unlock = await lockOrderRow(worker.db.pool, first.orderKey);
    for (const { reference } of [first, second]) {
      worker.simulator.controls.pay(`${reference}-1`);
      await worker.receiveWebhook(`${reference}-1`, 'paid');
    }
    await worker.runDue();
    expect([(await worker.reload(first)).status, (await worker.reload(second)).status]).toEqual(['paid', 'paid']);
    await unlock();
    unlock = async () => {};
    const write = async (payment: Payment) => {
      const { id: hostWriteId, leaseNo } = await hostWriteOf(payment);
      return worker.run({ name: 'write-host', payload: { host: 'pos', hostWriteId, leaseNo } });
    };
    expect([await write(second), await write(first)]).toEqual(['took_effect', 'duplicate']);
    expect(await refunds.ofPayment(worker.db.pool, second.id)).toEqual([]);
    expect(await refunds.ofPayment(worker.db.pool, first.id)).toMatchObject([{ amount: rupiah(55_000), cause: 'duplicate' }]);
    expect(await runFor(1)).toEqual(['write-host: took_effect']); // the refund ends the first payment's row in the host
  });
});

describe('the deferred host write of a refund', () => {
  /** A payment of Rp55,000 that is paid, and whose order an editor then holds. */
  async function paidThenLocked(): Promise<Payment> {
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    worker.advance(3_000);
    await worker.runDue(payment);
    unlock = await lockOrderRow(worker.db.pool, payment.orderKey);
    return worker.reload(payment);
  }
  async function refund(payment: Payment, amount: number, status: 'succeeded' | 'failed'): Promise<void> {
    const asked = { payment, attemptNo: 1, amount: rupiah(amount), cause: 'client', reason: 'cold soup', at: worker.clock.now() } as const;
    const opened = (await refunds.open(worker.db.pool, asked)) as Refund;
    worker.advance(1);
    const result = { status, failure: status === 'failed' ? 'refused' : null, providerRefundId: opened.id };
    await concludeRefund({ host: worker.host, payment, refund: opened, result, clock: worker.clock });
  }
  const tillRow = async ({ reference }: Payment) =>
    (await worker.db.pool.query('select status from pos.payments where external_ref = $1', [reference])).rows[0].status;
  async function unlockAndRun(): Promise<string[]> {
    await unlock();
    unlock = async () => {};
    return runFor(1);
  }

  it('records each of two refunds with the total at its time', async () => {
    const payment = await paidThenLocked();
    await refund(payment, 20_000, 'succeeded');
    await refund(payment, 35_000, 'succeeded');
    expect(await unlockAndRun()).toEqual(['write-host: took_effect', 'write-host: took_effect']); // the till refuses a total that was reached
    expect(await tillRow(payment)).toBe('refunded');
    expect(await discrepanciesOf(payment)).toEqual([]);
  });

  it('records no refund that failed', async () => {
    const payment = await paidThenLocked();
    await refund(payment, 35_000, 'failed');
    await refund(payment, 20_000, 'succeeded');
    expect(await unlockAndRun()).toEqual(['write-host: took_effect']);
    expect(await tillRow(payment)).toBe('settled'); // `refunded` is for the whole amount
  });
});
