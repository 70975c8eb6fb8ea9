import { loadReference } from '@gateway/host-kit';
import {
  aWrite,
  type HostTransaction,
  hostDatabase,
  inHost,
  must,
  referenceFolder,
  type TestHostDatabase,
} from '../../test/host-fixture.ts';
import { makeBill } from '../payment/index.ts';
import { newReference } from '../runtime/index.ts';
import type { HostWriteName } from './statements/statement-parameters.ts';

const folder = referenceFolder('pos');
let db: TestHostDatabase;
let tenant: string;
let otherTenant: string;

beforeAll(async () => {
  db = await hostDatabase(folder);
  tenant = await uuidOf('merchant Dapur Nusantara');
  otherTenant = await uuidOf('merchant Warung Cak Di');
});
afterAll(() => db.close());

const one = async (sql: string, values: unknown[]) => (await db.client.query(sql, values)).rows[0];
const uuidOf = async (name: string): Promise<string> => (await one('select md5($1)::uuid as id', [name])).id;
const orderId = (orderNo: string) => uuidOf(`order ${orderNo}`);
const inPos = <T>(work: (tools: HostTransaction) => Promise<T>, as = tenant): Promise<T> => inHost(folder, db.client, as, work);
const read = (id: string, as = tenant) => inPos(({ client, orders }) => orders.readPayable(client, { orderId: id, tenant: as }), as);
const orderRow = (id: string) => one('select status, paid_total, version from pos.orders where id = $1', [id]);
const paymentRow = (reference: string) => one('select status, amount, paid_at from pos.payments where external_ref = $1', [reference]);

/** An order of the demo, and a payment of its amount due that was created in the host. */
async function aPaymentFor(orderNo: string) {
  const { order, lines, charges } = must(await read(await orderId(orderNo)));
  const { amount, recordAmount } = makeBill({ ...order, lines, charges }, folder.money);
  const values = aWrite({ ...order, orderVersion: order.version, reference: newReference('pos'), amount, recordAmount });
  const write = (name: HostWriteName, overrides: Partial<typeof values> = {}) =>
    inPos(({ client, orders }) => orders.writeInSavepoint(client, name, { ...values, ...overrides }));
  await write('created');
  return { order, values, write };
}

const tookEffect = { kind: 'took_effect', hostPaymentKey: null };
const refused = { kind: 'refused' };

describe('reading from the POS', () => {
  it('returns an order with its lines and charges, which add up', async () => {
    const { order, lines, charges } = must(await read(await orderId('A-0005')));
    expect(order).toMatchObject({
      tenant,
      storeId: 'JKT-01',
      orderNumber: 'A-0005',
      currency: 'IDR',
      total: '141892',
      paid: '0',
      payable: true,
    });
    expect(lines).toHaveLength(3);
    expect(charges.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['discount', '-13650'],
      ['service_charge', '6143'],
      ['tax', '12899'],
      ['rounding', '0'],
    ]);
  });

  it('finds forty payable orders of the first merchant, and every one of them can be charged', async () => {
    const { rows } = await db.client.query("select id from pos.orders where order_no between 'A-0001' and 'A-0040' order by order_no");
    expect(rows).toHaveLength(40);
    for (const { id } of rows) {
      const { order, lines, charges } = must(await read(id));
      expect(order.payable).toBe(true);
      expect(makeBill({ ...order, lines, charges }, folder.money).amount).toBeGreaterThan(0);
    }
  });

  it.each([
    ['A-0041', 'the order is paid'],
    ['A-0043', 'the order is void'],
    ['A-0045', 'the order was deleted'],
  ])('gives the reason why %s is not payable', async (orderNo, reason) => {
    expect(must(await read(await orderId(orderNo))).order).toMatchObject({ payable: false, reason });
  });

  it('leaves out a voided line, and keeps a fractional quantity', async () => {
    const { lines } = must(await read(await orderId('A-0007')));
    expect(await one('select count(*)::int as n from pos.order_items where order_id = $1', [await orderId('A-0007')])).toEqual({
      n: lines.length + 1,
    });
    const { rows } = await db.client.query(
      'select order_id, qty from pos.order_items where qty <> trunc(qty) and voided_at is null limit 1',
    );
    expect(must(await read(rows[0].order_id)).lines.map(({ quantity }) => quantity)).toContain(rows[0].qty);
  });

  it('charges only the rest of an order that was partly paid', async () => {
    const { order, lines, charges } = must(await read(await orderId('A-0040')));
    expect(makeBill({ ...order, lines, charges }, folder.money)).toMatchObject({ due: '54300', paid: '20000', recordAmount: '54300' });
  });

  it('finds one order by two spellings of its uuid', async () => {
    const key = await orderId('A-0002');
    const spelled = must(await read(key.toUpperCase()));
    expect(spelled).toEqual(must(await read(key)));
    expect(spelled.order.orderKey).toBe(key);
  });

  it("neither returns nor locks another merchant's order", async () => {
    const key = await orderId('A-0003');
    await inPos(async ({ client, orders }) => {
      expect(await orders.readPayable(client, { orderId: key, tenant: otherTenant })).toBeNull();
      await db.other.query('select 1 from pos.orders where id = $1 for update nowait', [key]);
    }, otherTenant);
  });

  it.each(['A-0001', 'no uuid', '', `'; drop table pos.orders; --`, 'a\u0000b'])('finds no order by %j', async (id) => {
    expect(await read(id)).toBeNull();
  });
});

describe('writing to the POS', () => {
  it('inserts a pending payment and does not change the order', async () => {
    const { order, values, write } = await aPaymentFor('A-0008');
    expect(await paymentRow(values.reference)).toEqual({ status: 'pending', amount: order.total, paid_at: null });
    expect(await orderRow(order.orderKey)).toEqual({ status: 'open', paid_total: '0', version: 1 });
    expect(await write('created', { reference: newReference('pos') })).toEqual({
      ...tookEffect,
      hostPaymentKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('refuses a payment for an order that changed after it was read', async () => {
    const { write, order } = await aPaymentFor('A-0009');
    await db.client.query('update pos.orders set version = version + 1 where id = $1', [order.orderKey]);
    expect(await write('created', { reference: newReference('pos') })).toEqual(refused);
  });

  it('marks payment and order as paid, and changes nothing when it runs again', async () => {
    const { order, values, write } = await aPaymentFor('A-0001');
    expect(await write('paid')).toEqual(tookEffect);
    expect(await paymentRow(values.reference)).toMatchObject({ status: 'settled', paid_at: values.paidAt });
    const settled = { status: 'paid', paid_total: order.total, version: 2 };
    expect(await orderRow(order.orderKey)).toEqual(settled);
    for (const name of ['paid', 'expired', 'failed', 'cancelled'] as const) expect(await write(name)).toEqual(refused);
    expect(await orderRow(order.orderKey)).toEqual(settled);
  });

  it.each([
    ['expired', 'A-0010', 'expired'],
    ['failed', 'A-0011', 'failed'],
    ['cancelled', 'A-0012', 'failed'],
  ] as const)('records once that the payment is %s, and still accepts a late payment', async (name, orderNo, status) => {
    const { order, values, write } = await aPaymentFor(orderNo);
    expect(await write(name)).toEqual(tookEffect);
    expect(await write(name)).toEqual(refused);
    expect(await paymentRow(values.reference)).toMatchObject({ status });
    expect(await write('paid')).toEqual(tookEffect);
    expect(await orderRow(order.orderKey)).toMatchObject({ status: 'paid' });
  });

  it.each([
    ['grew', 'A-0013', 'update pos.orders set subtotal = subtotal + 1000, grand_total = grand_total + 1000 where id = $1'],
    ['was part-paid in cash', 'A-0014', 'update pos.orders set paid_total = 1000 where id = $1'],
    ['was paid another way', 'A-0015', "update pos.orders set paid_total = grand_total, status = 'paid' where id = $1"],
    ['was deleted', 'A-0016', 'update pos.orders set deleted_at = now() where id = $1'],
  ])('refuses the payment when the order %s, and undoes what it had begun to write', async (_, orderNo, change) => {
    const { order, values, write } = await aPaymentFor(orderNo);
    await db.client.query(change, [order.orderKey]);
    expect(await write('paid')).toEqual(refused);
    expect(await paymentRow(values.reference)).toMatchObject({ status: 'pending', paid_at: null });
  });

  it('leaves a partly refunded payment settled, and marks a wholly refunded one', async () => {
    const { values, write } = await aPaymentFor('A-0017');
    await write('paid');
    const refund = { refundId: 'ref_1', refundAmount: values.amount };
    expect(await write('refunded', { ...refund, refundedTotal: (values.amount - 1) as typeof values.amount })).toEqual(tookEffect);
    expect(await paymentRow(values.reference)).toMatchObject({ status: 'settled' });
    expect(await write('refunded', { ...refund, refundedTotal: values.amount })).toEqual(tookEffect);
    expect(await paymentRow(values.reference)).toMatchObject({ status: 'refunded' });
    for (const name of ['refunded', 'paid'] as const) expect(await write(name, { refundedTotal: values.amount })).toEqual(refused);
  });
});

it('keeps existing rows when the demo is loaded again', async () => {
  const { order, write } = await aPaymentFor('A-0020');
  await write('paid');
  const count = () => one('select (select count(*) from pos.orders) as orders, (select count(*) from pos.order_items) as items', []);
  const before = await count();
  await Promise.all([loadReference(db.client, folder, { demo: true }), loadReference(db.other, folder, { demo: true })]);
  expect(await count()).toEqual(before);
  expect(await orderRow(order.orderKey)).toMatchObject({ status: 'paid' });
});
