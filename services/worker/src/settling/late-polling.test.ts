import type { Payment } from '@gateway/shared/payment';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
  worker.settings.holds = [{ provider: 'midtrans', account: '*', storeId: '*', heldAt: worker.clock.now() }];
});
afterAll(() => worker?.close());

const hour = 3_600_000;

/** Moves the clock from poll to poll, until no further poll is due or `until` is reached. @returns the number of polls */
async function pollUntil(payment: Payment, until: number): Promise<number> {
  for (let polls = 0; ; polls++) {
    const { checkAt } = await worker.reload(payment);
    if (!checkAt || checkAt.getTime() > until) return polls;
    worker.advance(Math.max(0, checkAt.getTime() - worker.clock.now().getTime()));
    await worker.runDue();
  }
}

describe('an expired payment', () => {
  it('is polled for the 48 h in which its money may arrive, at growing intervals, and then no more', async () => {
    const payment = await worker.pending({ expiresInMs: 60_000 });
    const shownAt = worker.clock.now().getTime();
    const polls = await pollUntil(payment, Number.POSITIVE_INFINITY);
    expect(worker.clock.now().getTime() - shownAt).toBe(48 * hour);
    expect(polls).toBeGreaterThan(48);
    expect(polls).toBeLessThan(120);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.expired']);
  });

  it('is found paid in the last hours although its webhook is lost', async () => {
    const payment = await worker.pending({ expiresInMs: 60_000 });
    await pollUntil(payment, worker.clock.now().getTime() + 46 * hour);
    worker.simulator.controls.pay(`${payment.reference}-1`);
    await pollUntil(payment, worker.clock.now().getTime() + 2 * hour);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.expired', 'payment.paid_late', 'order.paid']);
    expect((await worker.reload(payment)).checkAt).toBeNull();
  });

  it('is polled for an hour more when all workers were stopped for days and the provider lags', async () => {
    const payment = await worker.pending({ expiresInMs: 60_000 });
    worker.advance(49 * hour);
    worker.simulator.controls.pay(`${payment.reference}-1`);
    worker.simulator.controls.addFault('xendit', { operation: 'status', fault: 'lag', times: null, delay_ms: hour });
    await pollUntil(payment, worker.clock.now().getTime() + hour / 2);
    worker.simulator.controls.clearFaults('xendit');
    await pollUntil(payment, Number.POSITIVE_INFINITY);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.expired', 'payment.paid_late', 'order.paid']);
  });
});
