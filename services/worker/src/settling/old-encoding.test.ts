import { rupiah } from '@gateway/shared/payment';
import { refunds } from '@gateway/shared/store';
import { databaseInEncoding } from '@gateway/testing/database/servers';
import { prepareTemplate } from '@gateway/testing/database/template';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  const database = await databaseInEncoding('LATIN1');
  await prepareTemplate(database.url);
  worker = await startWorkerHarness({ database });
});
afterAll(() => worker?.close());

describe('a host whose database is not in UTF8', () => {
  it('records money whose issuer has a character that it cannot store, which becomes a question mark', async () => {
    const payment = await worker.pending({ total: 25_000 });
    const reference = `${payment.reference}-${payment.shownAttempt}`;
    worker.simulator.controls.pay(reference, { issuer: 'Cafépay ✓ 支付' });
    await worker.receiveWebhook(reference, 'paid');
    await worker.runDue();
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
    expect((await worker.attempts(payment))[0]).toMatchObject({ status: 'paid', issuer: 'cafépay ? ??' });
  });

  it('takes a refund whose reason has a character that it cannot store', async () => {
    const payment = await worker.pending({ total: 25_000 });
    const reference = `${payment.reference}-${payment.shownAttempt}`;
    worker.simulator.controls.pay(reference);
    await worker.receiveWebhook(reference, 'paid');
    await worker.runDue();
    const refund = { payment, attemptNo: 1, amount: rupiah(25_000), cause: 'client' as const, reason: 'dingin ❄', at: worker.clock.now() };
    await refunds.open(worker.db.pool, refund);
    for (const ms of [0, 30_000, 60_000]) {
      worker.advance(ms);
      await worker.runDue();
    }
    expect(await worker.reload(payment)).toMatchObject({ status: 'refunded', refunded: 25_000 });
    expect((await refunds.ofPayment(worker.db.pool, payment.id))[0]?.reason).toBe('dingin ?');
  });
});
