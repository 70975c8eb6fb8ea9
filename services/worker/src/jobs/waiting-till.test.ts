import type { Payment } from '@gateway/shared/payment';
import { eventually } from '@gateway/testing/eventually';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import type { PaymentUpdate } from '../settling/plan-changes.ts';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness({ createLimitMs: 60_000 });
});
afterAll(() => worker?.close());

/** Midtrans makes charges, and the worker receives its answers when they are released. */
function holdAnswers() {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { provider } = worker.deps.accounts.of({ provider: 'midtrans', account: 'default' });
  const createCharge = provider.createCharge.bind(provider);
  provider.createCharge = async (...request) => {
    const charge = await createCharge(...request);
    await released;
    return charge;
  };
  return {
    release: () => {
      provider.createCharge = createCharge;
      release();
    },
  };
}

const repliesOf = ({ id }: Payment) => worker.replies.filter((reply) => reply.id === id).map(({ status }) => status);

describe('a till that waits for a QR', () => {
  it('hears at once that the payment is paid when the webhook overtakes the answer of the charge', async () => {
    const payment = await worker.created();
    const answers = holdAnswers();
    const running = worker.run({ name: 'charge', payload: { host: 'pos', paymentId: payment.id, leaseNo: payment.leaseNo } });
    await eventually(() => worker.simulator.controls.charge(`${payment.reference}-1`));
    worker.simulator.controls.pay(`${payment.reference}-1`);
    await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    await worker.runDue(payment);
    expect(repliesOf(payment)).toEqual(['paid']);
    answers.release();
    expect(await running).toBe('superseded');
    expect(worker.replies.find(({ id }) => id === payment.id)).toMatchObject({ replyTo: 'api', received: payment.amount });
  });

  it.each<[string, PaymentUpdate, string]>([
    ['cancels', { kind: 'closed', as: 'cancelled', reason: 'client' }, 'cancelled'],
    ['gives up', { kind: 'given_up', leaseNo: 0, reason: 'providers_unavailable', route: [] }, 'failed'],
  ])('hears at once of the end of the payment: the gateway %s', async (_, update, status) => {
    const payment = await worker.created();
    await worker.writer.apply(worker.host, payment, update);
    await worker.writer.apply(worker.host, payment, update);
    expect(repliesOf(payment)).toEqual([status]);
  });
});

describe('a till that waits for a cancellation', () => {
  it('hears at once that the money came first, also when a webhook reports it', async () => {
    const payment = await worker.pending();
    await worker.db.pool.query('update gateway.payments set cancel_requested_at = $2, hidden_at = $2 where id = $1', [
      payment.id,
      worker.clock.now(),
    ]);
    worker.simulator.controls.pay(`${payment.reference}-1`);
    await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    await worker.runDue(payment);
    expect(repliesOf(payment)).toEqual(['pending', 'paid']);
    const { leaseNo } = await worker.reload(payment);
    await worker.run({ name: 'cancel-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo } });
    expect(repliesOf(payment)).toEqual(['pending', 'paid', 'paid']); // a job that finds nothing left to do answers too
  });
});
