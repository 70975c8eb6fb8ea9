import { events } from '@gateway/shared/store';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterAll(() => worker?.close());

describe('what a host gives beside the number of an order', () => {
  it('is in each event: the table of the ticket is that of now, each dish has its note, and money has its issuer and receipt', async () => {
    const orderId = await anOrder(worker.db.pool, { total: 55_000 });
    const change = (set: string) => worker.db.pool.query(`update pos.orders set ${set} where id = $1`, [orderId]);
    await worker.db.pool.query(`update pos.order_items set note = 'tidak pedas' where order_id = $1`, [orderId]);
    await change(`table_no = '7'`);
    const payment = await worker.pending({ orderId });
    await change(`table_no = '9'`);
    worker.simulator.controls.pay(`${payment.reference}-1`, { issuer: 'dana' });
    await worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo: payment.leaseNo } });

    const [paid] = await worker.attempts(payment);
    expect(paid).toMatchObject({ issuer: 'dana', receipt: expect.any(String) });
    expect(await worker.reload(payment)).toMatchObject({ issuer: 'dana', receipt: paid?.receipt });
    const published = await events.ofPayment(worker.db.pool, payment);
    expect(published.map(({ type, table, order_type, metadata }) => ({ type, table, order_type, metadata }))).toEqual([
      { type: 'payment.pending', table: '7', order_type: null, metadata: null },
      { type: 'payment.paid', table: '7', order_type: null, metadata: null },
      { type: 'order.paid', table: '9', order_type: null, metadata: null },
    ]);
    const dataOf = (type: string) => published.find((event) => event.type === type)?.data;
    expect(dataOf('payment.paid')).toMatchObject({ issuer: 'dana', receipt: paid?.receipt });
    expect(dataOf('order.paid')).toMatchObject({ items: [{ note: 'tidak pedas' }] });
  });
});
