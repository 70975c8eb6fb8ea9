import type { Payment } from '@gateway/shared/payment';
import { createPollSlots } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { due, payments } from '@gateway/shared/store';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createHandlers } from '../handlers.ts';
import { jobFor } from '../sweep/due-job.ts';

const callsPerSecond = 5; // of a Midtrans test account
let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterAll(() => worker?.close());

const account = { account: 'midtrans/default', callsPerSecond };

/** The handlers with poll slots of their own. */
function withSlots() {
  const pollSlots = createPollSlots(null, worker.clock);
  const takeSlots = async (payment: Payment, times: number) => {
    for (let n = 0; n < times; n++) await pollSlots.reserve(account, payment, worker.clock.now());
  };
  return { pollSlots, takeSlots, handlers: createHandlers({ ...worker.deps, pollSlots }) };
}

const slotNow = () => new Date(Math.floor(worker.clock.now().getTime() / 200) * 200);

/** A payment whose QR was cancelled at the provider. */
async function cancelled(): Promise<Payment> {
  const payment = await worker.pending();
  await payments.hide(worker.db.pool, payment.id, 'client', worker.clock.now());
  await worker.runDue(payment);
  return worker.reload(payment);
}

const reportPaid = ({ reference }: Payment) => worker.receiveWebhook(`${reference}-1`, 'paid');

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
    const { handlers, takeSlots } = withSlots();
    const payment = await worker.pending();
    await takeSlots(payment, 100);
    worker.simulator.controls.pay(`${payment.reference}-1`);
    const inboxId = await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    expect(await handlers['verify-webhook']({ host: 'pos', inboxId, leaseNo: 0 })).toBe('applied');
    expect((await worker.reload(payment)).status).toBe('paid');
  });

  it('about money for a QR that was cancelled do not wait behind the polls, and a repeat does', async () => {
    const { pollSlots, handlers, takeSlots } = withSlots();
    const payment = await cancelled();
    await takeSlots(payment, 200);
    worker.simulator.controls.pay(`${payment.reference}-1`);
    const [first, repeat] = [await reportPaid(payment), await reportPaid(payment)];
    expect(await handlers['verify-webhook']({ host: 'pos', inboxId: repeat, leaseNo: 0 })).toBe('retry_scheduled');
    expect(await handlers['verify-webhook']({ host: 'pos', inboxId: first, leaseNo: 0 })).toBe('applied');
    expect((await worker.reload(payment)).status).toBe('paid');
    expect(await pollSlots.reserve(account, payment, worker.clock.now())).toEqual(plusMs(slotNow(), 202 * 200)); // each took a slot as well
  });

  it('about money make half of the account’s calls per second at most, however many captured webhooks report it', async () => {
    const { handlers, takeSlots } = withSlots();
    const payments = await Promise.all(Array.from({ length: 8 }, cancelled));
    await takeSlots(payments[0] as Payment, 200);
    const reports = await Promise.all(payments.map(reportPaid));
    const before = statusCalls();
    for (const inboxId of reports) await handlers['verify-webhook']({ host: 'pos', inboxId, leaseNo: 0 });
    expect(statusCalls() - before).toBe(1); // the others have slots later
    const { rows } = await worker.db.pool.query<{ questionAt: Date }>(
      'select question_at as "questionAt" from gateway.webhook_inbox where id = any ($1) and question_at is not null order by 1',
      [reports],
    );
    const gaps = rows.slice(1).map(({ questionAt }, index) => questionAt.getTime() - (rows[index]?.questionAt.getTime() ?? 0));
    expect(gaps).toEqual(Array.from({ length: 6 }, () => 400));
  });
});
