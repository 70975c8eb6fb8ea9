import type { Payment } from '@gateway/shared/payment';
import { systemClock as clock, plusMs } from '@gateway/shared/runtime';
import { type clients, payments } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { type PosHost, startPosHost } from '@gateway/testing/pos/pos-host';
import { addToOrder, anOrder, lockOrderRow, payInCash } from '@gateway/testing/pos/pos-orders';
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
const keyed = (key: string, fingerprint = 'same body') => ({
  key: { clientId: client.id, operation: 'create-payment' as const, key, fingerprint },
});
const order = (total = 55_000) => anOrder(pos.db.pool, { total });
const twenty = Array.from({ length: 20 }, (_, n) => n);
const tillRows = async (orderId: string) =>
  (await pos.db.pool.query(`select status, amount::int, external_ref from pos.payments where order_id = $1`, [orderId])).rows;
const paymentRows = async (orderId: string) =>
  (await pos.db.pool.query<{ id: string }>('select id from gateway.payments where order_key = $1', [orderId])).rows;
const show = ({ id }: Payment) =>
  pos.db.pool.query(`update gateway.payments set status = 'pending', qr_string = 'QR', shown_attempt = 1 where id = $1`, [id]);
const fail = ({ id }: Payment) => pos.db.pool.query(`update gateway.payments set status = 'failed' where id = $1`, [id]);

describe('opening a payment', () => {
  it('writes the gateway’s row and the host’s row together', async () => {
    const orderId = await order(55_000);
    const { kind, payment } = await open(orderId);
    expect(kind).toBe('created');
    expect(await tillRows(orderId)).toEqual([{ status: 'pending', amount: 55_000, external_ref: payment.reference }]);
    expect(await payments.find(pos.db.pool, payment.id)).toEqual(payment);
  });

  it('finds the order by any spelling of its id, and stores the canonical key', async () => {
    const orderId = await order();
    const { payment } = await open(orderId.toUpperCase());
    expect(payment.orderKey).toBe(orderId);
    expect(await open(orderId)).toMatchObject({ kind: 'existing', payment: { id: payment.id } });
  });

  it('returns the live payment of the order, as long as 30 seconds remain to scan it', async () => {
    const orderId = await order();
    const { payment } = await open(orderId);
    await show(payment);
    expect(await open(orderId)).toMatchObject({ kind: 'existing', payment: { id: payment.id }, replaced: null });
    const late = plusMs(payment.expiresAt, -29_999);
    const next = await open(orderId, { now: late });
    expect(next).toMatchObject({ kind: 'created', replaced: { id: payment.id } });
    expect(await payments.find(pos.db.pool, payment.id)).toMatchObject({ hiddenAt: late, cancelReason: 'replaced', checkAt: late });
  });

  it('creates another payment when the amount has changed', async () => {
    const orderId = await order(20_000);
    const { payment } = await open(orderId);
    await addToOrder(pos.db.pool, orderId, 5_000);
    const next = await open(orderId);
    expect(next).toMatchObject({ kind: 'created', payment: { amount: 25_000 }, replaced: { id: payment.id } });
  });

  it('creates another payment beside a hidden one', async () => {
    const orderId = await order();
    const { payment } = await open(orderId);
    await payments.hide(pos.db.pool, payment.id, 'client', clock.now());
    expect(await open(orderId)).toMatchObject({ kind: 'created', replaced: null });
  });

  it('holds no connection while it registers a store: twenty concurrent first requests of a process all succeed', async () => {
    const fresh = createStoreRegistry(pos.db, clock);
    const orders = await Promise.all(twenty.map(() => order()));
    const opened = await Promise.all(
      orders.map((orderId) =>
        openPayment(fresh, { host: pos.host, client, orderId, expiresInMs: 900_000, key: null, now: clock.now(), replyTo: 'api' }),
      ),
    );
    expect(opened.map(({ kind }) => kind)).toEqual(twenty.map(() => 'created'));
  });
});

describe('twenty concurrent requests for one order', () => {
  it('with one key create one payment', async () => {
    const orderId = await order();
    const answers = await Promise.all(twenty.map(() => open(orderId, keyed('concurrent'))));
    expect(new Set(answers.map(({ payment }) => payment.id)).size).toBe(1);
    expect(answers.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === 'replayed')).toHaveLength(19);
    expect(await paymentRows(orderId)).toHaveLength(1);
    expect(await tillRows(orderId)).toHaveLength(1);
  });

  it('without a key create one payment', async () => {
    const orderId = await order();
    const answers = await Promise.all(twenty.map(() => open(orderId)));
    expect(answers.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(await paymentRows(orderId)).toHaveLength(1);
  });

  it('with different keys create one payment, and each key is bound to it', async () => {
    const orderId = await order();
    const answers = await Promise.all(twenty.map((n) => open(orderId, keyed(`own-${n}`))));
    const ids = new Set(answers.map(({ payment }) => payment.id));
    expect(ids.size).toBe(1);
    const again = await open(orderId, keyed('own-7'));
    expect(again).toMatchObject({ kind: 'replayed', payment: { id: [...ids][0] } });
  });

  it('with one key for two orders create one payment, and the other request is refused', async () => {
    const orders = await Promise.all([order(), order()]);
    const answers = await Promise.allSettled(orders.map((orderId) => open(orderId, keyed('two orders', orderId))));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'idempotency_key_reused' } });
  });
});

describe('an idempotency key', () => {
  it('returns its payment also when the order cannot be paid any more', async () => {
    const orderId = await order();
    const { payment } = await open(orderId, keyed('looked up first'));
    await payInCash(pos.db.pool, orderId);
    expect(await open(orderId, keyed('looked up first'))).toMatchObject({ kind: 'replayed', payment: { id: payment.id } });
  });

  it('returns its payment also while another transaction has locked the order', async () => {
    const orderId = await order();
    const { payment } = await open(orderId, keyed('order is held'));
    const releaseOrder = await lockOrderRow(pos.db.pool, orderId);
    expect(await open(orderId, keyed('order is held'))).toMatchObject({ kind: 'replayed', payment: { id: payment.id } });
    await releaseOrder();
  });

  it('is refused with another body', async () => {
    const orderId = await order();
    await open(orderId, keyed('another body'));
    await expect(open(orderId, keyed('another body', 'other body'))).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('is free again when its payment has failed', async () => {
    const orderId = await order();
    const { payment } = await open(orderId, keyed('failed once'));
    await fail(payment);
    const again = await open(orderId, keyed('failed once'));
    expect(again.kind).toBe('created');
    expect(await open(orderId, keyed('failed once'))).toMatchObject({ kind: 'replayed', payment: { id: again.payment.id } });
  });

  it('is free again after 72 hours', async () => {
    const orderId = await order();
    const { payment } = await open(orderId, keyed('old'));
    const later = plusMs(clock.now(), 72 * 3_600_000);
    const again = await open(orderId, { ...keyed('old'), now: later });
    expect(again).toMatchObject({ kind: 'created', replaced: { id: payment.id } });
  });

  it('of one client is independent of the same key of another client', async () => {
    const [one, two] = await Promise.all([order(), order()]);
    await open(one, keyed('mine'));
    const other = await pos.client();
    const answer = await open(two, { client: other, key: { ...keyed('mine', 'whatever').key, clientId: other.id } });
    expect(answer.kind).toBe('created');
  });
});

describe('an order that this key must not pay', () => {
  it('is not found: of another merchant, of a store that the key does not cover, or with a malformed id', async () => {
    const orderId = await order();
    const otherTenant = await pos.client({}, 'SBY-01');
    const otherStore = await pos.client({ stores: ['BDG-01'] });
    await expect(open(orderId, { client: otherTenant })).rejects.toMatchObject({ code: 'order_not_found' });
    await expect(open(orderId, { client: otherStore })).rejects.toMatchObject({ code: 'order_not_found' });
    await expect(open('no uuid at all')).rejects.toMatchObject({ code: 'order_not_found' });
  });

  it('is refused in a store that another tenant has registered', async () => {
    await pos.db.pool.query(`update gateway.store_claims set tenant = 'other tenant' where store_id = 'BDG-01'`);
    await pos.db.pool.query(
      `insert into gateway.store_claims (store_id, host, tenant, claimed_at) values ('BDG-01', 'erp', 'other tenant', now()) on conflict do nothing`,
    );
    const orderId = await anOrder(pos.db.pool, { outlet: 'BDG-01' });
    await expect(open(orderId)).rejects.toMatchObject({ name: 'StoreConflict' });
    expect(await tillRows(orderId)).toEqual([]);
  });
});
