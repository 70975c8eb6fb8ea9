import { hostOrders, readStatement } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { systemClock as clock, createLogger, plusMs } from '@gateway/shared/runtime';
import { type clients, payments } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { type PosHost, startPosHost } from '@gateway/testing/pos/pos-host';
import { addToOrder, anOrder, deleteOrder, payInCash, voidOrder } from '@gateway/testing/pos/pos-orders';
import { type OpenRequest, openPayment } from './open-payment.ts';
import { createStoreRegistry, type StoreRegistry } from './store-registry.ts';

let database: TestDatabase;
let pos: PosHost;
let stores: StoreRegistry;
let client: clients.Client;

beforeAll(async () => {
  database = await freshDatabase();
  pos = await startPosHost(database.url);
  stores = createStoreRegistry(pos.db, clock);
  client = await pos.client();
});
afterAll(async () => {
  await pos?.close();
  await database?.drop();
});

const open = (orderId: string, more: Partial<OpenRequest> = {}) =>
  openPayment(stores, { host: pos.host, client, orderId, expiresInMs: 900_000, key: null, now: clock.now(), replyTo: 'api', ...more });
const reload = async ({ id }: Payment) => (await payments.find(pos.db.pool, id)) as Payment;
const set = ({ id }: Payment, values: Record<string, unknown>) => pos.db.knex('gateway.payments').where({ id }).update(values);

/** An order of Rp 55,000 with its QR on display. */
async function onDisplay(): Promise<Payment> {
  const { payment } = await open(await anOrder(pos.db.pool));
  await set(payment, { status: 'pending', qr_string: 'QR', shown_attempt: 1 });
  return payment;
}

describe('a press for an order that may not be paid any more', () => {
  it.each([
    ['paid in cash', payInCash],
    ['voided', voidOrder],
    ['deleted', deleteOrder],
  ])('hides the live QR before it is refused: %s', async (_, change) => {
    const payment = await onDisplay();
    await change(pos.db.pool, payment.orderKey);
    const now = clock.now();
    await expect(open(payment.orderKey, { now })).rejects.toMatchObject({ name: 'OrderNotPayable' });
    expect(await reload(payment)).toMatchObject({ hiddenAt: now, cancelReason: 'order_closed_elsewhere', checkAt: now });
  });

  it('hides the live QR by any spelling of the order id, and while the QR is being made', async () => {
    const { payment } = await open(await anOrder(pos.db.pool));
    await voidOrder(pos.db.pool, payment.orderKey);
    await expect(open(payment.orderKey.toUpperCase())).rejects.toMatchObject({ name: 'OrderNotPayable' });
    expect(await reload(payment)).toMatchObject({ status: 'created', cancelReason: 'order_closed_elsewhere' });
  });

  it('hides the live QR when the order is gone from the host’s tables', async () => {
    const payment = await onDisplay();
    for (const table of ['order_items', 'payments'])
      await pos.db.pool.query(`delete from pos.${table} where order_id = $1`, [payment.orderKey]);
    await pos.db.pool.query('delete from pos.orders where id = $1', [payment.orderKey]);
    await expect(open(payment.orderKey)).rejects.toMatchObject({ code: 'order_not_found' });
    expect(await reload(payment)).toMatchObject({ cancelReason: 'order_closed_elsewhere' });
  });

  it('hides the live QR when the order owes more than QRIS carries', async () => {
    const payment = await onDisplay();
    await addToOrder(pos.db.pool, payment.orderKey, 10_000_000);
    await expect(open(payment.orderKey)).rejects.toMatchObject({ name: 'AmountOutOfRange' });
    expect(await reload(payment)).toMatchObject({ cancelReason: 'amount_changed' });
  });

  it('hides the live QR when the host refuses a new payment, and keeps nothing of what created.sql wrote', async () => {
    const payment = await onDisplay();
    await addToOrder(pos.db.pool, payment.orderKey, 5_000);
    const refusing = `with written as (update pos.orders set table_no = 'X' where id = :order_key::uuid returning id)
      select id::text as host_payment_key from written where :amount < 0`;
    const created = readStatement('created', 'pos/created.sql', refusing);
    const { folder } = pos.host;
    const host = {
      ...pos.host,
      orders: hostOrders({ ...folder, statements: { ...folder.statements, created } }, { log: createLogger('test', 'silent') }),
    };
    await expect(open(payment.orderKey, { host })).rejects.toMatchObject({ name: 'OrderNotPayable' });
    expect(await reload(payment)).toMatchObject({ cancelReason: 'amount_changed' });
    const { rows } = await pos.db.pool.query('select table_no from pos.orders where id = $1', [payment.orderKey]);
    expect(rows).toEqual([{ table_no: null }]);
  });

  it('hides no QR of an order that the key may not pay', async () => {
    const payment = await onDisplay();
    await voidOrder(pos.db.pool, payment.orderKey);
    for (const stranger of [await pos.client({}, 'SBY-01'), await pos.client({ stores: ['BDG-01'] })])
      await expect(open(payment.orderKey, { client: stranger })).rejects.toMatchObject({ code: 'order_not_found' });
    expect(await reload(payment)).toMatchObject({ hiddenAt: null, cancelReason: null });
  });
});

describe('a press while a report of payment is unconfirmed', () => {
  it.each(['created', 'pending', 'expired', 'cancelled'] as const)(
    'is answered with that payment, which is %s, and makes no second QR',
    async (status) => {
      const payment = await onDisplay();
      await set(payment, status === 'created' ? { status, qr_string: null, shown_attempt: null } : { status });
      await payments.markUnconfirmed(pos.db.pool, payment.id, clock.now());
      const answer = await open(payment.orderKey);
      expect(answer).toMatchObject({ kind: 'existing', replaced: null, payment: { id: payment.id, status, needsReview: true } });
      expect(answer.payment.hiddenAt).not.toBeNull();
    },
  );

  it('is answered with that payment also when its order owes another amount now', async () => {
    const payment = await onDisplay();
    await payments.markUnconfirmed(pos.db.pool, payment.id, clock.now());
    await addToOrder(pos.db.pool, payment.orderKey, 5_000);
    expect(await open(payment.orderKey)).toMatchObject({ kind: 'existing', payment: { id: payment.id } });
  });

  it('makes a QR again when an operator has ended the review', async () => {
    const payment = await onDisplay();
    await payments.markUnconfirmed(pos.db.pool, payment.id, clock.now());
    await inTransaction(pos.db, (trx) => payments.endReview(trx, payment.id, { unlessOpen: ['paid_unconfirmed'], at: clock.now() }));
    expect(await open(payment.orderKey)).toMatchObject({ kind: 'created', replaced: null });
  });

  it('returns the live QR when the report is about an older payment', async () => {
    const old = await onDisplay();
    await set(old, { status: 'expired', hidden_at: clock.now() });
    const { payment } = await open(old.orderKey, { now: plusMs(clock.now(), 1_000) });
    await payments.markUnconfirmed(pos.db.pool, old.id, clock.now());
    expect(await open(old.orderKey)).toMatchObject({ kind: 'existing', payment: { id: payment.id } });
  });
});
