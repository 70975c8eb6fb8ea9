import { openPayment } from '@gateway/api/src/payments/open-payment.ts';
import { createStoreRegistry } from '@gateway/api/src/payments/store-registry.ts';
import type { Payment } from '@gateway/shared/payment';
import { runJob } from '@gateway/shared/queue';
import { systemClock } from '@gateway/shared/runtime';
import { faultInjectingPool } from '@gateway/testing/database/fault-injecting-pool';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { clientOf, hostSoftware, startBothHosts } from '@gateway/testing/pos/both-hosts';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createHandlers } from '../handlers.ts';
import { createPaymentWriter } from './payment-writer.ts';

const faultyPool = faultInjectingPool();
let worker: WorkerHarness; // for its providers and its clock
let database: TestDatabase; // of both hosts
let hosts: Awaited<ReturnType<typeof startBothHosts>>;
let handlers: ReturnType<typeof createHandlers>; // do not wait for a busy host
let retryingHandlers: typeof handlers;
let stepByStepHandlers: typeof handlers; // write the usual case with the same statements as any other

beforeAll(async () => {
  [worker, database] = await Promise.all([startWorkerHarness(), freshDatabase()]);
  hosts = await startBothHosts({ pos: database.url, erp: database.url }, { lockTimeoutMs: 100, wrapDatabase: faultyPool.wrapDatabase });
  const { clock, log } = worker.deps;
  const writerWith = (hostBusyLimitMs: number, writesAtOnce = true) =>
    createPaymentWriter({ clock, log, wakeRelay: () => {}, reply: () => {}, hostBusyLimitMs, lateMoneyOf: () => 'accept', writesAtOnce });
  handlers = createHandlers({ ...worker.deps, hosts, writer: writerWith(0) });
  retryingHandlers = createHandlers({ ...worker.deps, hosts, writer: writerWith(30_000) });
  stepByStepHandlers = createHandlers({ ...worker.deps, hosts, writer: writerWith(0, false) });
});
afterAll(async () => {
  await hosts?.close();
  await database?.drop();
  await worker?.close();
});

describe.each(['pos', 'erp'] as const)('money for an order of the %s', (id) => {
  const software = hostSoftware[id];
  const db = () => hosts.byId(id).db;
  const states =
    id === 'pos'
      ? { open: 'open', paid: 'paid', settled: 'settled', waiting: 'pending' }
      : { open: 'Unpaid', paid: 'Paid', settled: 'CO', waiting: 'DR' };

  const run = (name: 'charge' | 'check-payment', { id: paymentId, leaseNo }: Payment, withHandlers = handlers) =>
    runJob(name, { host: id, paymentId, leaseNo }, withHandlers, worker.deps.log);
  const reload = async (payment: Payment): Promise<Payment & { reviews: string[]; theirs: string[] }> => {
    const { rows } = await db().pool.query<{ reason: string; theirs: string }>(
      'select reason, theirs from gateway.discrepancies where payment_id = $1 and closed_at is null order by id',
      [payment.id],
    );
    const found = (
      await db().pool.query<{ leaseNo: number; status: Payment['status'] }>(
        'select lease_no as "leaseNo", status from gateway.payments where id = $1',
        [payment.id],
      )
    ).rows[0];
    return { ...payment, ...found, reviews: rows.map(({ reason }) => reason), theirs: rows.map(({ theirs }) => theirs) };
  };
  const events = async ({ id: paymentId }: Payment) =>
    (await db().pool.query<{ type: string }>('select type from gateway.outbox where payment_id = $1 order by id', [paymentId])).rows.map(
      ({ type }) => type,
    );

  /** A payment with its QR on display. */
  async function pending(total: number, order?: string): Promise<Payment> {
    const stores = createStoreRegistry(db(), systemClock);
    const { payment } = await openPayment(stores, {
      host: hosts.byId(id),
      client: clientOf(id),
      orderId: order ?? (await software.anOrder(db().pool, total)),
      expiresInMs: 900_000,
      key: null,
      now: worker.clock.now(),
      replyTo: 'api',
    });
    expect(await run('charge', payment)).toBe('pending');
    return payment;
  }
  /** The guest pays, and a poll finds the money. */
  async function paid(payment: Payment) {
    worker.simulator.controls.pay(`${payment.reference}-1`, { amount: null });
    await run('check-payment', await reload(payment));
    return reload(payment);
  }
  const deferredWrite = async (payment: Payment) =>
    (
      await db().pool.query<{ id: number }>('select id::int from gateway.host_writes where payment_id = $1 and done_at is null', [
        payment.id,
      ])
    ).rows[0]?.id;
  /** Claims the deferred host write, as the sweep does, and runs its job. */
  const writeHost = async (hostWriteId: number) => {
    const text = 'update gateway.host_writes set lease_no = lease_no + 1 where id = $1 returning lease_no as "leaseNo"';
    const { rows } = await db().pool.query<{ leaseNo: number }>(text, [hostWriteId]);
    return runJob('write-host', { host: id, hostWriteId, leaseNo: rows[0]?.leaseNo ?? 0 }, handlers, worker.deps.log);
  };

  it('pays the order once', async () => {
    const payment = await pending(41_000);
    expect(await paid(payment)).toMatchObject({ status: 'paid', reviews: [] });
    await run('check-payment', await reload(payment));
    expect(await software.stateOf(db().pool, payment.orderKey)).toBe(states.paid);
    expect(await software.paymentsOf(db().pool, payment.orderKey)).toEqual([states.settled]);
    expect(await events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it.each([
    ['two statements', 6, () => handlers],
    ['two statements that run one by one', 19, () => stepByStepHandlers],
  ])('is written nowhere when the worker dies between any %s, and is found by the next poll', async (_, statements, handlersOf) => {
    const payment = await reload(await pending(40_000));
    worker.simulator.controls.pay(`${payment.reference}-1`, { amount: null });
    let crashes = 0;
    for (; ; crashes++) {
      faultyPool.crashBefore(crashes + 1);
      const outcome = await run('check-payment', payment, handlersOf()).catch((error: Error) => error.message);
      if (!faultyPool.hasFailed) break;
      const row = await db().pool.query('select status, received_idr::int as received from gateway.payments where id = $1', [payment.id]);
      expect([crashes, outcome, row.rows[0]]).toEqual([crashes, 'simulated crash', { status: 'pending', received: 0 }]);
      expect(await software.stateOf(db().pool, payment.orderKey)).toBe(states.open);
      expect(await software.paymentsOf(db().pool, payment.orderKey)).toEqual([states.waiting]);
      expect(await events(payment)).toEqual(['payment.pending']);
    }
    faultyPool.crashBefore(null);
    expect(crashes).toBe(statements);
    expect(await software.stateOf(db().pool, payment.orderKey)).toBe(states.paid);
    expect(await events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it.each([
    ['before the order is locked', () => faultyPool.disconnectBefore(2)],
    ['before our rows are written', () => faultyPool.disconnectBefore(4)],
    ['before the commit', () => faultyPool.disconnectBefore(6)],
    ['after the commit, before its answer', () => faultyPool.loseCommit()],
  ])('is recorded once when the connection is lost %s, because the whole transaction runs again', async (_, loseConnection) => {
    const payment = await pending(39_000);
    worker.simulator.controls.pay(`${payment.reference}-1`, { amount: null });
    loseConnection();
    await runJob(
      'check-payment',
      { host: id, paymentId: payment.id, leaseNo: (await reload(payment)).leaseNo },
      retryingHandlers,
      worker.deps.log,
    );
    expect(faultyPool.hasFailed).toBe(true);
    expect(await software.stateOf(db().pool, payment.orderKey)).toBe(states.paid);
    expect(await software.paymentsOf(db().pool, payment.orderKey)).toEqual([states.settled]);
    expect(await events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
    expect(await deferredWrite(payment)).toBeUndefined();
  });

  it('is refunded when the order was paid in cash meanwhile', async () => {
    const payment = await pending(42_000);
    await software.payInCash(db().pool, payment.orderKey);
    expect(await paid(payment)).toMatchObject({ status: 'paid', reviews: [] });
    expect(await events(payment)).toEqual(['payment.pending', 'payment.duplicate_paid', 'refund.pending']);
    expect(await software.paymentsOf(db().pool, payment.orderKey)).toEqual([states.waiting]);
  });

  it.each([
    ['grew', software.addDish, id === 'pos' ? 'open' : 'Unpaid'],
    ['was voided', software.void, id === 'pos' ? 'void' : 'Unpaid'],
  ] as const)('is kept, with a discrepancy, when the order %s', async (_, change, state) => {
    const payment = await pending(43_000);
    await change(db().pool, payment.orderKey, 5_000);
    expect(await paid(payment)).toMatchObject({ status: 'paid', reviews: ['host_refused'], theirs: ['no row'] });
    expect(await events(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review']);
    expect(await software.stateOf(db().pool, payment.orderKey)).toBe(state);
  });

  it('pays a reopened order again', async () => {
    const first = await pending(44_000);
    await paid(first);
    await software.reopen(db().pool, first.orderKey, 9_000);
    const second = await pending(0, first.orderKey);
    expect(second.amount).toBe(9_000);
    expect(await paid(second)).toMatchObject({ status: 'paid', reviews: [] });
    expect(await software.stateOf(db().pool, first.orderKey)).toBe(states.paid);
    const { rows } = await db().pool.query(
      `select e.payload->'data'->>'release' as release from gateway.payment_events e
       where e.payment_id = any($1) and e.type = 'order.paid' order by e.payload->'data'->>'release'`,
      [[first.id, second.id]],
    );
    expect(rows).toEqual([{ release: '1' }, { release: '2' }]);
  });

  it('is kept, with a discrepancy that quotes the host, when a trigger of the host raises', async () => {
    const payment = await pending(45_000);
    await software.setFailingTrigger(db().pool, true);
    expect(await paid(payment)).toMatchObject({
      status: 'paid',
      reviews: ['host_refused'],
      theirs: [expect.stringContaining('the day is closed')],
    });
    await software.setFailingTrigger(db().pool, false);
    expect(await events(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review']);
    expect(await software.paymentsOf(db().pool, payment.orderKey)).toEqual([states.waiting]);
  });

  it('is kept while another session locks the order for two minutes, and pays the order then', async () => {
    const payment = await pending(46_000);
    const editor = await db().pool.connect();
    await editor.query('begin');
    await editor.query(software.lock, [payment.orderKey]);
    expect(await paid(payment)).toMatchObject({ status: 'paid', reviews: [] });
    expect(await events(payment)).toEqual(['payment.pending', 'payment.paid']);
    const deferredId = Number(await deferredWrite(payment));
    for (let tries = 0; tries < 3; tries++) {
      worker.advance(40_000);
      expect(await writeHost(deferredId)).toBe('retry_scheduled');
    }
    await editor.query('rollback');
    editor.release();
    expect(await writeHost(deferredId)).toBe('took_effect');
    expect(await software.stateOf(db().pool, payment.orderKey)).toBe(states.paid);
    expect(await events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
    expect(await reload(payment)).toMatchObject({ reviews: [] });
    expect(await deferredWrite(payment)).toBeUndefined();
  });
});
