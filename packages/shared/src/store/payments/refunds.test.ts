import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { type Attempt, type Payment, type Refund, rupiah } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as operatorRefunds from '../operators/refunds.ts';
import * as attempts from './attempts.ts';
import * as hostWrites from './host-writes.ts';
import * as payments from './payments.ts';
import * as refunds from './refunds.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const now = new Date('2026-03-02T03:00:00.000Z');
const later = (ms: number) => plusMs(now, ms);

/** A payment of Rp50,000 with two attempts that are paid. */
async function paid(): Promise<Payment> {
  const payment = aPayment({ amount: rupiah(50_000), expiresAt: later(60_000) });
  await payments.insert(db.pool, payment);
  for (const no of [1, 2]) {
    await attempts.begin(db.pool, {
      paymentId: payment.id,
      no,
      provider: 'midtrans',
      account: 'default',
      leaseNo: 0,
      at: now,
      resolveAt: now,
      leaseUntil: now,
    });
    const attempt = (await attempts.find(db.pool, payment.id, no)) as Attempt;
    await attempts.save(db.pool, { ...attempt, status: 'paid', paid: rupiah(50_000), paidAt: now });
  }
  return payment;
}
const open = (payment: Payment, amount: number, attemptNo = 1) =>
  refunds.open(db.pool, { payment, attemptNo, amount: rupiah(amount), cause: 'client', reason: 'cold soup', at: now });
const opened = async (payment: Payment, amount: number) => (await open(payment, amount)) as Refund;
const read = async ({ id }: Refund): Promise<Refund> => (await refunds.find(db.pool, id)) as Refund;
const finish = (refund: Refund, status: 'succeeded' | 'failed') =>
  refunds.finish(db.pool, refund, {
    status,
    failure: status === 'failed' ? 'refused' : null,
    providerRefundId: 'late id',
    at: later(9_000),
  });
const left = async ({ id }: Payment) => (await refunds.refundable(db.pool, id)).map((money) => money.left);
const eventCount = async ({ id }: Payment) => (await db.pool.query('select from gateway.outbox where payment_id = $1', [id])).rowCount;

describe('opening a refund', () => {
  it('reserves its amount on the attempt that holds the money, and on no other', async () => {
    const payment = await paid();
    await open(payment, 20_000);
    expect(await left(payment)).toEqual([30_000, 50_000]);
  });

  it('may use all that is left, and not one rupiah more; a refund that is not opened announces nothing', async () => {
    const payment = await paid();
    await open(payment, 20_000);
    expect(await open(payment, 30_001)).toBeNull();
    expect(await open(payment, 30_000)).toMatchObject({ amount: 30_000, status: 'pending' });
    expect(await open(payment, 1)).toBeNull();
    expect(await eventCount(payment)).toBe(2);
  });

  it('gives each refund of a payment a reference of its own', async () => {
    const payment = await paid();
    const both = [await opened(payment, 1_000), await opened(payment, 1_000)];
    expect(both.map(({ reference }) => reference.replace(/.*-r/, 'r'))).toEqual(['r1', 'r2']);
  });
});

describe('requesting a refund at the provider', () => {
  it('is allowed once', async () => {
    const refund = await opened(await paid(), 1_000);
    expect(await refunds.begin(db.pool, refund, now)).toBe(true);
    expect(await refunds.begin(db.pool, refund, now)).toBe(false);
    expect(await read(refund)).toMatchObject({ askedAt: now });
  });

  it('is refused to a job whose lease is superseded, and for a refund that is final', async () => {
    const payment = await paid();
    const [refund, ended] = [await opened(payment, 1_000), await opened(payment, 2_000)];
    expect(await refunds.begin(db.pool, { ...refund, leaseNo: 7 }, now)).toBe(false);
    await finish(ended, 'failed');
    expect(await refunds.begin(db.pool, ended, now)).toBe(false);
  });

  it('is allowed again only when the provider’s answer proves that nothing was carried out', async () => {
    const refund = await opened(await paid(), 1_000);
    await refunds.begin(db.pool, refund, now);
    await refunds.reschedule(db.pool, refund, { nextTryAt: later(3_000), at: now });
    expect(await refunds.begin(db.pool, refund, now)).toBe(false);
    await refunds.reschedule(db.pool, refund, { nextTryAt: later(3_000), notRequested: true, at: now });
    expect(await refunds.begin(db.pool, refund, now)).toBe(true);
  });
});

describe('a refund that is final', () => {
  it('ends once, and is never due again', async () => {
    const refund = await opened(await paid(), 1_000);
    expect(await finish(refund, 'succeeded')).toBe(true);
    const final = await read(refund);
    const by = { actor: 'dewi', at: now };
    expect(await finish(refund, 'failed')).toBe(false);
    await refunds.reschedule(db.pool, refund, { nextTryAt: later(3_000), at: later(3_000) });
    await refunds.setProviderRefundId(db.pool, { reference: refund.reference, providerRefundId: 'other' }, now);
    await refunds.clearProviderRefundId(db.pool, { id: refund.id, providerRefundId: 'late id' });
    expect(await refunds.expedite(db.pool, refund.paymentId, now)).toBe(false);
    expect(await operatorRefunds.retryRefund(db, refund.id, by)).toBe(false);
    expect(await operatorRefunds.confirmProviderRefund(db, refund.id, 'other', by)).toBe(false);
    expect(await read(refund)).toEqual(final);
    expect(final).toMatchObject({ status: 'succeeded', nextTryAt: null });
  });

  it('is not due again when a webhook names its id', async () => {
    const refund = await opened(await paid(), 1_000);
    await refunds.finish(db.pool, refund, { status: 'failed', failure: 'refused', providerRefundId: null, at: now });
    await refunds.setProviderRefundId(db.pool, { reference: refund.reference, providerRefundId: 'late id' }, later(1_000));
    expect(await read(refund)).toMatchObject({ providerRefundId: null, nextTryAt: null });
  });

  it('gives its amount back to the attempt when it failed, and keeps it when it succeeded', async () => {
    const payment = await paid();
    await finish(await opened(payment, 20_000), 'succeeded');
    await finish(await opened(payment, 10_000), 'failed');
    await finish((await open(payment, 5_000, 2)) as Refund, 'failed');
    expect(await left(payment)).toEqual([30_000, 50_000]);
  });
});

describe('the money that can be refunded', () => {
  it('is that of paid attempts', async () => {
    const payment = await paid();
    await attempts.save(db.pool, { ...((await attempts.find(db.pool, payment.id, 2)) as Attempt), status: 'open' });
    expect((await refunds.refundable(db.pool, payment.id)).map(({ attemptNo }) => attemptNo)).toEqual([1]);
  });

  it('waits for the host when the order is paid with it, and a duplicate does not', async () => {
    const payment = await paid();
    await attempts.save(db.pool, { ...((await attempts.find(db.pool, payment.id, 2)) as Attempt), accepted: true });
    const waiting = async () => (await refunds.refundable(db.pool, payment.id)).map((money) => [money.attemptNo, money.awaitsHostWrite]);
    expect(await waiting()).toEqual([
      [2, false],
      [1, false],
    ]);
    await hostWrites.defer(db.pool, { paymentId: payment.id, step: 'paid', nextTryAt: now, error: 'busy', at: now });
    expect(await waiting()).toEqual([
      [2, true],
      [1, false],
    ]);
  });
});

describe('the provider’s id of a refund', () => {
  it('is taken from a webhook, which makes the refund due, and a known id is not replaced', async () => {
    const refund = await opened(await paid(), 1_000);
    await refunds.reschedule(db.pool, refund, { nextTryAt: later(60_000), at: now });
    await refunds.setProviderRefundId(db.pool, { reference: refund.reference, providerRefundId: 'first' }, later(1_000));
    expect(await read(refund)).toMatchObject({ providerRefundId: 'first', nextTryAt: later(1_000) });
    await refunds.setProviderRefundId(db.pool, { reference: refund.reference, providerRefundId: 'second' }, later(2_000));
    await refunds.reschedule(db.pool, refund, { nextTryAt: later(60_000), at: now });
    expect(await read(refund)).toMatchObject({ providerRefundId: 'first' });
  });

  it('is removed when no refund of ours has it, and only that one', async () => {
    const refund = await opened(await paid(), 1_000);
    await refunds.setProviderRefundId(db.pool, { reference: refund.reference, providerRefundId: 'right' }, now);
    await refunds.clearProviderRefundId(db.pool, { id: refund.id, providerRefundId: 'wrong' });
    expect(await read(refund)).toMatchObject({ providerRefundId: 'right' });
    await refunds.clearProviderRefundId(db.pool, { id: refund.id, providerRefundId: 'right' });
    expect(await read(refund)).toMatchObject({ providerRefundId: null });
  });
});

describe('a webhook about refunds of a payment', () => {
  it('makes pending refunds due, and never later than they were', async () => {
    const payment = await paid();
    const [soon, late] = [await opened(payment, 1_000), await opened(payment, 2_000)];
    await refunds.reschedule(db.pool, late, { nextTryAt: later(60_000), at: now });
    expect(await refunds.expedite(db.pool, payment.id, later(3_000))).toBe(true);
    expect([(await read(soon)).nextTryAt, (await read(late)).nextTryAt]).toEqual([now, later(3_000)]);
  });
});
