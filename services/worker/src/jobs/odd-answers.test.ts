import type { Payment } from '@gateway/shared/payment';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterEach(() => {
  worker.simulator.switches.reset();
  worker.simulator.controls.clearFaults('midtrans');
});
afterAll(() => worker?.close());

type SomeSwitches = Parameters<WorkerHarness['simulator']['controls']['setSwitches']>[0];

/** A payment of Rp10,000 that was paid, and that a webhook or a poll has found. */
async function paidWith(switches: SomeSwitches, by: 'webhook' | 'poll'): Promise<Payment> {
  const payment = await worker.pending({ total: 10_000 });
  worker.simulator.controls.setSwitches(switches);
  worker.simulator.controls.pay(`${payment.reference}-1`);
  if (by === 'webhook') await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
  else worker.advance(3_000);
  await worker.runDue();
  return worker.reload(payment);
}

describe.each(['webhook', 'poll'] as const)('an answer of Midtrans, after a %s', (by) => {
  it('is about the charge also when its order id is the transaction id', async () => {
    expect(await paidWith({ midtrans_order_id_of_status: 'transaction_id' }, by)).toMatchObject({ status: 'paid', needsReview: false });
  });

  it.each(['metadata', 'top_level', 'top_level_numbers'] as const)('has its customer fee subtracted: %s', async (midtrans_fee_info) => {
    const payment = await paidWith({ midtrans_fee_imposition: true, midtrans_fee_info }, by);
    expect(payment).toMatchObject({ status: 'paid', received: 10_000, needsReview: false });
  });
});

describe('a provider whose texts hold a zero byte', () => {
  it.each(['midtrans', 'xendit'] as const)('does not keep a paid order unpaid: the issuer, at %s', async (provider) => {
    if (provider === 'xendit') worker.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'rejected', times: 1 });
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-${payment.shownAttempt}`, { issuer: 'da\u0000na\ud800' });
    await worker.receiveWebhook(`${payment.reference}-${payment.shownAttempt}`, 'paid', { provider });
    await worker.runDue();
    expect((await worker.reload(payment)).status).toBe('paid');
    expect((await worker.attempts(payment)).find(({ status }) => status === 'paid')).toMatchObject({ issuer: 'da na' });
  });

  it('does not stop failover: the QR', async () => {
    worker.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'dirty_qr', times: 1 });
    worker.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'http_500', times: null });
    expect(await worker.pending()).toMatchObject({ status: 'pending', qrString: expect.stringMatching(/^[^\p{Cc}]+$/u) });
  });
});
