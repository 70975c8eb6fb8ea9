import { createPollSlots } from '@gateway/shared/queue';
import { due } from '@gateway/shared/store';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createHandlers } from '../handlers.ts';
import { jobFor } from '../sweep/due-job.ts';

const callsPerSecond = 5; // of a Midtrans test account
let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterAll(() => worker?.close());

const statusCalls = () => worker.simulator.callLog.counts().midtrans?.status ?? 0;

describe('the questions that webhooks cause', () => {
  it('stay within the budget of the account in every second, whatever captured webhooks report', async () => {
    const handlers = createHandlers({ ...worker.deps, pollSlots: createPollSlots(null, worker.clock) });
    const paid = await Promise.all(Array.from({ length: 12 }, () => worker.pending()));
    for (const payment of paid) {
      worker.simulator.controls.pay(`${payment.reference}-1`);
      await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    }
    await worker.runDue();
    for (const payment of paid) // a captured settlement whose unsigned fields say something else
      for (const reported of ['refunded', null] as const) await worker.receiveWebhook(`${payment.reference}-1`, reported);

    const perSecond: number[] = [];
    for (let second = 0; second < 8; second++) {
      const before = statusCalls();
      for (let part = 0; part < 5; part++) {
        for (const job of (await due.claim(worker.db.pool, { now: worker.clock.now(), limit: 100 })).map(jobFor))
          await handlers[job.name](job.payload as never);
        worker.advance(200);
      }
      perSecond.push(statusCalls() - before);
    }
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(callsPerSecond);
    expect(perSecond.reduce((sum, calls) => sum + calls)).toBe(2 * paid.length); // each is asked about once
  });

  it('do not delay the first report of a payment, also while other questions have taken every slot', async () => {
    const pollSlots = createPollSlots(null, worker.clock);
    const handlers = createHandlers({ ...worker.deps, pollSlots });
    const payment = await worker.pending();
    const account = { account: 'midtrans/default', callsPerSecond };
    for (let n = 0; n < 100; n++) await pollSlots.reserve(account, payment, worker.clock.now());
    worker.simulator.controls.pay(`${payment.reference}-1`);
    const inboxId = await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    expect(await handlers['verify-webhook']({ host: 'pos', inboxId, leaseNo: 0 })).toBe('applied');
    expect((await worker.reload(payment)).status).toBe('paid');
  });
});
