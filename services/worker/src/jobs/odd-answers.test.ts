import type { Payment } from '@gateway/shared/payment';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterEach(() => worker.simulator.switches.reset());
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
