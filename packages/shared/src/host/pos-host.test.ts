import { aWrite, type HostDatabase, hostDatabase, inHost, referenceFolder, type Tools } from '../../test/host-fixture.ts';
import { makeBill, rupiah } from '../payment/index.ts';
import { newReference } from '../runtime/index.ts';
import type { HostOrder } from './host-order.ts';
import type { HostWriteName } from './statement-parameters.ts';

const folder = referenceFolder('pos');
const uuidOf = async (name: string): Promise<string> => String((await db.client.query('select md5($1)::uuid as id', [name])).rows[0].id);

let db: HostDatabase;
let tenant: string;
beforeAll(async () => {
  db = await hostDatabase(folder);
  tenant = await uuidOf('merchant Dapur Nusantara');
});
afterAll(() => db.close());

const inPos = <T>(work: (tools: Tools) => Promise<T>, as = tenant): Promise<T> => inHost(folder, db.client, as, work);
const read = (orderId: string, as = tenant) => inPos(({ client, orders }) => orders.readPayable(client, { orderId, tenant: as }), as);
const orderRow = async (id: string) =>
  (await db.client.query('select status, paid_total, version from pos.orders where id = $1', [id])).rows[0];
const paymentRow = async (reference: string) =>
  (await db.client.query('select status, amount, paid_at, created_at from pos.payments where external_ref = $1', [reference])).rows[0];

/** An order of the demo day, and a payment of what it owes that the till knows of. */
async function aPaymentFor(orderNo: string) {
  const found = await read(await uuidOf(`order ${orderNo}`));
  if (!found) throw new Error(`no order ${orderNo}`);
  const { order, lines, charges } = found;
  const bill = makeBill({ ...order, lines, charges }, folder.money);
  const values = aWrite({
    orderKey: order.orderKey,
    tenant,
    storeId: order.storeId,
    reference: newReference('pos'),
    amount: bill.amount,
    recordAmount: bill.recordAmount,
    orderVersion: order.version,
  });
  const write = (name: HostWriteName) => inPos(({ client, orders }) => orders.writeInSavepoint(client, name, values));
  return { order, bill, values, write };
}

describe('the pos host', () => {
  it('reads an order with its lines and charges, which add up', async () => {
    const { order, lines, charges } = (await read(await uuidOf('order A-0005')))!;
    expect(order).toMatchObject({
      tenant,
      storeId: 'JKT-01',
      orderNumber: 'A-0005',
      currency: 'IDR',
      total: '141892',
      paid: '0',
      payable: true,
      version: '1',
    });
    expect(lines).toHaveLength(3);
    expect(charges.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['discount', '-13650'],
      ['service_charge', '6143'],
      ['tax', '12899'],
      ['rounding', '0'],
    ]);
  });

  it('has forty payable orders of its first merchant, every one of which can be charged', async () => {
    const { rows } = await db.client.query("select o.id from pos.orders o where order_no between 'A-0001' and 'A-0040' order by order_no");
    expect(rows).toHaveLength(40);
    for (const { id } of rows) {
      const { order, lines, charges } = (await read(id))!;
      expect(order.payable).toBe(true);
      expect(makeBill({ ...order, lines, charges }, folder.money).amount).toBeGreaterThan(0);
    }
  });

  it('marks payment and order as paid once, and refuses to do it again', async () => {
    const { order, values, write } = await aPaymentFor('A-0001');
    expect(await write('created')).toEqual({ kind: 'took_effect', hostPaymentKey: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(await orderRow(order.orderKey)).toMatchObject({ status: 'open' });
    expect(await write('paid')).toEqual({ kind: 'took_effect', hostPaymentKey: null });
    expect(await paymentRow(values.reference)).toMatchObject({ status: 'settled', paid_at: values.paidAt });
    expect(await orderRow(order.orderKey)).toEqual({ status: 'paid', paid_total: order.total, version: 2 });
    expect(await write('paid')).toEqual({ kind: 'refused' });
    expect(await write('expired')).toEqual({ kind: 'refused' });
    expect(await orderRow(order.orderKey)).toMatchObject({ version: 2 });
  });
});
