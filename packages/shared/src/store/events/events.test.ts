import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { anEvent, aPayment } from '@gateway/testing/worker/payment-fixture';
import type { Payment } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import * as events from './events.ts';

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

const release = (payment: Payment) => events.releaseOrder(db.pool, anEvent('order.paid', payment, new Date()), payment.orderKey);
const releasesOf = async (payment: Payment) => (await events.ofPayment(db.pool, payment)).map(({ data }) => data.release);
const outboxRows = async ({ id }: Payment) =>
  (await db.pool.query<{ type: string }>('select type from gateway.outbox where payment_id = $1', [id])).rows.map(({ type }) => type);

describe('the release of an order to the kitchen', () => {
  it('is announced once for each payment, however often it is written', async () => {
    const payment = aPayment();
    await release(payment);
    await release(payment);
    expect(await releasesOf(payment)).toEqual([1]);
    expect(await outboxRows(payment)).toEqual(['order.paid']);
  });

  it('has the next number when the order is paid again, and 1 for the same key at another host', async () => {
    const first = aPayment();
    const [again, elsewhere] = [aPayment({ orderKey: first.orderKey }), aPayment({ orderKey: first.orderKey, host: 'erp' })];
    for (const payment of [first, again, elsewhere]) await release(payment);
    expect([await releasesOf(again), await releasesOf(elsewhere)]).toEqual([[2], [1]]);
  });
});

describe('an event', () => {
  it('is in the history of its payment and in the outbox', async () => {
    const payment = aPayment();
    await events.append(db.pool, anEvent('payment.pending', payment, new Date()), payment.orderKey);
    expect((await events.ofPayment(db.pool, payment)).map(({ type }) => type)).toEqual(['payment.pending']);
    expect(await outboxRows(payment)).toEqual(['payment.pending']);
  });
});
