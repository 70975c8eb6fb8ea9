import { randomUUID } from 'node:crypto';
import { eventually } from '../../../testing/eventually.ts';
import { type House, startHouse } from '../../../testing/house.ts';
import { anOrder } from '../../../testing/pos-orders.ts';
import { aScreen, type Screen } from '../../../testing/screen.ts';
import { auditCommand } from '../../ops/src/audit-command.ts';
import { answered, typed } from '../../ops/test/typed.ts';

let house: House;
let screen: Screen;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  house = await startHouse();
  screen = await aScreen(house.redisUrl, 'JKT-01');
  env = { DATA_DIR: house.dataDir }; // where the stack that runs says its addresses
});
afterAll(async () => {
  screen?.close();
  await house?.stop();
});

describe('a guest who wants the money back', () => {
  it('has a part of it, then the rest: each screen hears it, the till books it, and all books agree', async () => {
    const till = house.till();
    const { body: payment } = await till.create(await anOrder(house.pos));
    await house.simulator.pay(payment.transaction_id);
    await screen.hears('payment.paid', payment);
    const path = `/transaction/payments/${payment.payment_id}`;
    const refund = (amount: number) =>
      till.request<{ refund_id: string }>('POST', `${path}/refunds`, {
        body: { amount, reason: 'cold soup' },
        headers: { 'idempotency-key': randomUUID() },
      });
    expect((await refund(20_000)).status).toBe(202);
    await screen.hears('refund.succeeded', payment, 20_000);
    expect((await till.get(payment.payment_id)).body).toMatchObject({ status: 'partially_refunded', refunded_amount: 20_000 });
    const { body: rest } = await refund(35_000);
    const final = () => till.request<{ status: string }>('GET', `/transaction/refunds/${rest.refund_id}`);
    await eventually(async () => (await final()).body.status === 'succeeded', 20_000);
    expect(screen.typesOf(payment)).toEqual(
      expect.arrayContaining(['payment.pending', 'payment.paid', 'order.paid', 'refund.pending', 'refund.succeeded']),
    );
    const { rows } = await house.pos.query('select status from pos.payments where order_id = $1', [payment.order_id]);
    expect(rows).toEqual([{ status: 'refunded' }]);
    const { body: story } = await till.request<{ timeline: { key: string }[] }>('GET', `${path}/timeline`);
    expect(story.timeline.map(({ key }) => key)).toEqual([
      'created',
      'payment.pending',
      'payment.paid',
      'order.paid',
      ...Array.from({ length: 2 }, () => ['refund.pending client', 'refund.succeeded client']).flat(),
    ]);
    expect(await answered([auditCommand], ['audit'], env)).toMatchObject({ payments: 1, charges: 1, broken: 0 });
  });

  it('is told apart by the audit when somebody has written to our books by hand', async () => {
    const { body: payment } = await house.till().create(await anOrder(house.pos));
    await house.simulator.pay(payment.transaction_id);
    await screen.hears('payment.paid', payment);
    await house.pos.query('update gateway.payments set received_idr = received_idr - 1 where id = $1', [payment.payment_id]);
    const { code, out } = await typed([auditCommand], ['audit'], env);
    expect([code, out]).toEqual([1, expect.stringContaining(`I1 paid_without_money  ${payment.payment_id}`)]);
  });
});
