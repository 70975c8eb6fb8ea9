import type { Payment } from '@gateway/shared/payment';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
  worker.settings.holds = [{ provider: 'midtrans', account: '*', storeId: '*', heldAt: worker.clock.now() }];
});
afterAll(() => worker?.close());

const hour = 3_600_000;

/** Time goes on from look to look, until nobody will look again or until then. @returns how many looks there were */
async function pollUntil(payment: Payment, until: number): Promise<number> {
  for (let polls = 0; ; polls++) {
    const { checkAt } = await worker.reload(payment);
    if (!checkAt || checkAt.getTime() > until) return polls;
    worker.advance(Math.max(0, checkAt.getTime() - worker.clock.now().getTime()));
    await worker.runDue();
  }
}

describe('a QR that has run out', () => {
  it('is watched for the 48 hours in which its money may come, at lengthening steps, and then no more', async () => {
    const payment = await worker.pending({ expiresInMs: 60_000 });
    const shownAt = worker.clock.now().getTime();
    const polls = await pollUntil(payment, Number.POSITIVE_INFINITY);
    expect(worker.clock.now().getTime() - shownAt).toBe(48 * hour);
    expect(polls).toBeGreaterThan(48);
    expect(polls).toBeLessThan(120);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.expired']);
  });

  it('is found paid in its last hours though no webhook told of it', async () => {
    const payment = await worker.pending({ expiresInMs: 60_000 });
    await pollUntil(payment, worker.clock.now().getTime() + 46 * hour);
    worker.simulator.controls.pay(`${payment.reference}-1`);
    await pollUntil(payment, worker.clock.now().getTime() + 2 * hour);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.expired', 'payment.paid_late', 'order.paid']);
    expect((await worker.reload(payment)).checkAt).toBeNull();
  });

  it('is looked at again though everybody was away for days, and the provider lags when they come back', async () => {
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
