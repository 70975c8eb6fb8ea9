import { openPayment } from '@gateway/api/src/payments/open-payment.ts';
import { createStoreRegistry } from '@gateway/api/src/payments/store-registry.ts';
import type { Host } from '@gateway/shared/host';
import { runJob } from '@gateway/shared/queue';
import { payments } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { clientOf, hostSoftware, startBothHosts } from '@gateway/testing/pos/both-hosts';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createHandlers } from '../handlers.ts';

let worker: WorkerHarness;
let database: TestDatabase; // of the erp host
let hosts: Awaited<ReturnType<typeof startBothHosts>>;
beforeAll(async () => {
  [worker, database] = await Promise.all([startWorkerHarness(), freshDatabase()]);
  hosts = await startBothHosts({ pos: database.url, erp: database.url });
});
afterAll(async () => {
  await hosts?.close();
  await database?.drop();
  await worker?.close();
});

describe('a QR that was made before money.rounding of its host was changed', () => {
  it('stays on display, is answered to a till that asks again, and its money is accepted without a review', async () => {
    const erp = hosts.byId('erp');
    const { clock, log } = worker.deps;
    const stores = createStoreRegistry(erp.db, clock);
    const order = await hostSoftware.erp.anOrder(erp.db.pool, 55_000.6);
    const open = (host: Host) =>
      openPayment(stores, {
        host,
        client: clientOf('erp'),
        orderId: order,
        expiresInMs: 900_000,
        key: null,
        now: clock.now(),
        replyTo: 'api',
      });
    const { payment } = await open(erp);
    expect(payment.amount).toBe(55_001);

    const changed: Host = { ...erp, folder: { ...erp.folder, money: { ...erp.folder.money, rounding: 'down' } } };
    const handlers = createHandlers({ ...worker.deps, hosts: { byId: () => changed } });
    const current = async () => (await payments.find(erp.db.pool, payment.id)) ?? payment;
    const run = async (name: 'charge' | 'check-payment') =>
      runJob(name, { host: 'erp', paymentId: payment.id, leaseNo: (await current()).leaseNo }, handlers, log);

    expect(await run('charge')).toBe('pending');
    expect(await run('check-payment')).toBe('no_change');
    expect(await open(changed)).toMatchObject({ kind: 'existing', payment: { id: payment.id } });
    worker.simulator.controls.pay(`${payment.reference}-1`);
    expect(await run('check-payment')).toBe('applied');
    expect(await current()).toMatchObject({ status: 'paid', received: 55_001, needsReview: false });
  });
});
