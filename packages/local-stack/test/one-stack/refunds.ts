import { randomUUID } from 'node:crypto';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { aScreen, type Screen } from '@gateway/testing/stack/screen';
import { opsCommands } from '../../../ops/src/commands.ts';
import { runCommand, runForJson } from '../../../ops/test/run-command.ts';
import { stack } from './stack.ts';

let screen: Screen;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  screen = await aScreen(stack.redisUrl, 'JKT-01');
  env = { DATA_DIR: stack.dataDir }; // `ops` reads the addresses from stack.json there
});
afterAll(() => screen?.close());

describe('a refund', () => {
  it('of a part, then of the rest, reaches the screens and the till’s records, and the audit finds no difference', async () => {
    const till = stack.till();
    const { body: payment } = await till.create(await anOrder(stack.pos));
    await stack.simulator.pay(payment.transaction_id);
    await screen.waitsFor('payment.paid', payment);
    const path = `/transaction/payments/${payment.payment_id}`;
    const refund = (amount: number) =>
      till.request<{ refund_id: string }>('POST', `${path}/refunds`, {
        body: { amount, reason: 'cold soup' },
        headers: { 'idempotency-key': randomUUID() },
      });
    expect((await refund(20_000)).status).toBe(202);
    await screen.waitsFor('refund.succeeded', payment, 20_000);
    expect((await till.get(payment.payment_id)).body).toMatchObject({ status: 'partially_refunded', refunded_amount: 20_000 });
    const { body: secondRefund } = await refund(35_000);
    const final = () => till.request<{ status: string }>('GET', `/transaction/refunds/${secondRefund.refund_id}`);
    await eventually(async () => (await final()).body.status === 'succeeded');
    expect(screen.typesOf(payment)).toEqual(
      expect.arrayContaining(['payment.pending', 'payment.paid', 'order.paid', 'refund.pending', 'refund.succeeded']),
    );
    const { rows } = await stack.pos.query('select status from pos.payments where order_id = $1', [payment.order_id]);
    expect(rows).toEqual([{ status: 'refunded' }]);
    const { body: timelineBody } = await till.request<{ timeline: { key: string }[] }>('GET', `${path}/timeline`);
    expect(timelineBody.timeline.map(({ key }) => key)).toEqual([
      'created',
      'payment.pending',
      'payment.paid',
      'order.paid',
      ...Array.from({ length: 2 }, () => ['refund.pending client', 'refund.succeeded client']).flat(),
    ]);
    expect(await runForJson(opsCommands, ['audit'], env)).toMatchObject({ payments: 1, charges: 1, broken: 0 });
  });
});

describe('a payment that was changed in the database', () => {
  it('is reported by the audit', async () => {
    const { body: payment } = await stack.till().create(await anOrder(stack.pos));
    await stack.simulator.pay(payment.transaction_id);
    await screen.waitsFor('payment.paid', payment);
    await stack.pos.query('update gateway.payments set received_idr = received_idr - 1 where id = $1', [payment.payment_id]);
    const { code, out } = await runCommand(opsCommands, ['audit'], env);
    expect([code, out]).toEqual([1, expect.stringContaining(`I1 paid_without_money  ${payment.payment_id}`)]);
  });
});
