import { type Payment, type Refund, rupiah } from '@gateway/shared/payment';
import { manualClock, newReference, systemClock } from '@gateway/shared/runtime';
import { discrepancies, hostWrites, payments, refunds } from '@gateway/shared/store';
import { trustCallersClock } from '@gateway/testing/database/trust-callers-clock';
import { eventually } from '@gateway/testing/eventually';
import { commitEvents, drain, eventFixture, type RelayFixture, startRelayFixture } from '@gateway/testing/relay/relay-fixture';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { createMaintenance, startMaintenance } from './maintenance.ts';

const day = 86_400_000;

let fixture: RelayFixture;
beforeEach(async () => {
  fixture = await startRelayFixture();
  await trustCallersClock(fixture.db);
});
afterEach(() => fixture.close());

const inDays = (days: number) => manualClock(new Date(Date.now() + days * day));
const loggedTables = (part: string) => fixture.lines.filter(({ msg }) => msg.includes(part)).map(({ table }) => table);
const today = () => `outbox_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;

describe('maintenance', () => {
  it('drops an expired partition and logs it, and keeps and logs one that has unpublished events', async () => {
    const { db, key, log } = fixture;
    await commitEvents(db, [eventFixture(await fixture.store())]);
    const maintenance = createMaintenance({ database: { key, db }, clock: inDays(30), log, tillOrdersDays: null });
    await maintenance.runOnce();
    expect(loggedTables('expired partition dropped')).not.toContain(today());
    expect(loggedTables('expired partition not dropped')).toEqual([today()]);
    await drain(fixture.createRelay());
    await maintenance.runOnce();
    expect(loggedTables('expired partition dropped')).toContain(today());
  });

  it('drops each partition once when two processes run it at the same time', async () => {
    const { db, key, log } = fixture;
    const maintenance = createMaintenance({ database: { key, db }, clock: inDays(30), log, tillOrdersDays: null });
    await Promise.all([maintenance.runOnce(), maintenance.runOnce()]);
    await maintenance.runOnce();
    expect(new Set(loggedTables('expired partition dropped')).size).toBe(loggedTables('expired partition dropped').length);
  });

  it('keeps a paid order whose money is not settled: work is left, a discrepancy, a refund or a host write is open', async () => {
    const { db, key, log } = fixture;
    const at = new Date();
    /** A paid order whose payment has an attempt that was paid. */
    const aPaidOrder = async (orderId: string, checkAt: Date | null = null): Promise<Payment> => {
      const payment = aPayment({ host: 'till', tenant: 'w', orderKey: `w/${orderId}`, reference: newReference('till'), checkAt });
      await db.pool.query(
        `insert into till.orders (order_key, tenant, store_id, order_id, number, total, paid, status, fingerprint, created_at, updated_at)
         values ($1, 'w', 's', $2, '1', 1000, 1000, 'paid', 'f', now(), now())`,
        [payment.orderKey, orderId],
      );
      await payments.insert(db.pool, payment);
      await db.pool.query(
        `insert into gateway.attempts (payment_id, no, provider, account, reference, status, paid_idr, paid_at, started_at)
         values ($1, 1, 'midtrans', 'default', $2, 'paid', 1000, now(), now())`,
        [payment.id, `${payment.reference}-1`],
      );
      return payment;
    };
    await aPaidOrder('settled');
    await aPaidOrder('polled', at);
    const { id: paymentId } = await aPaidOrder('unexplained');
    const discrepancy = { paymentId, attemptNo: 1, reason: 'late_money_held', ours: '1000', theirs: '900' } as const;
    await discrepancies.open(db.pool, { ...discrepancy, at });
    const refunded = {
      payment: await aPaidOrder('refunded'),
      attemptNo: 1,
      amount: rupiah(1_000),
      cause: 'client',
      reason: 'cold',
    } as const;
    const refund = (await refunds.open(db.pool, { ...refunded, at })) as Refund;
    const { id: deferredId } = await aPaidOrder('deferred');
    await hostWrites.defer(db.pool, { paymentId: deferredId, step: 'paid', nextTryAt: at, error: 'locked', at });

    const maintenance = createMaintenance({ database: { key, db }, clock: inDays(401), log, tillOrdersDays: 400 });
    const left = async () => (await db.pool.query('select order_id as id from till.orders order by 1')).rows.map(({ id }) => id);
    await maintenance.runOnce();
    expect(await left()).toEqual(['deferred', 'polled', 'refunded', 'unexplained']);
    await discrepancies.resolve(db.pool, { paymentId, no: 1 }, discrepancy.reason, at, 'confirmed');
    await refunds.finish(db.pool, refund, { status: 'succeeded', failure: null, providerRefundId: 'r', at });
    await maintenance.runOnce();
    expect(await left()).toEqual(['deferred', 'polled']);
  });

  it('deletes the paid and void orders of tills after their days, with all that belongs to them, and keeps open and young ones', async () => {
    const { db, key, log } = fixture;
    const order = (id: string, status: string) =>
      `('w/${id}', 'w', 's', '${id}', '1', 1000, ${status === 'paid' ? 1000 : 0}, '${status}', 'f', now(), now())`;
    await db.pool.query(
      `insert into till.orders (order_key, tenant, store_id, order_id, number, total, paid, status, fingerprint, created_at, updated_at)
       values ${order('paid', 'paid')}, ${order('void', 'void')}, ${order('open', 'open')};
       insert into till.lines select order_key, 1, null, 'Kopi', 1, 1000, 1000 from till.orders;
       insert into till.tenders values ('ten_00000000000000000000000001', 'w/paid', 'cash', 1000, 'c', now())`,
    );
    const runIn = (days: number) => createMaintenance({ database: { key, db }, clock: inDays(days), log, tillOrdersDays: 400 }).runOnce();
    const left = async () => (await db.pool.query('select order_id as id from till.orders order by 1')).rows.map(({ id }) => id);
    await runIn(399);
    expect(await left()).toEqual(['open', 'paid', 'void']);
    await runIn(401);
    expect(await left()).toEqual(['open']);
    expect((await db.pool.query('select from till.lines')).rowCount).toBe(1);
  });

  it('runs as soon as the process starts', async () => {
    const { db, key, log } = fixture;
    const deps = { database: { key, db }, clock: systemClock, log };
    let runs = 0;
    const timer = startMaintenance({ runOnce: async () => void runs++ }, deps);
    await eventually(() => runs === 1);
    await timer.close();
  });

  it('does not run while the process clock is wrong by days', async () => {
    const { db, key, log } = fixture;
    let runs = 0;
    const timer = startMaintenance({ runOnce: async () => void runs++ }, { database: { key, db }, clock: inDays(30), log });
    await eventually(() => loggedTables('maintenance failed').length === 1);
    await timer.close();
    expect(runs).toBe(0);
  });
});
