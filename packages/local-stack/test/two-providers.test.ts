import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { aScreen, type Screen } from '@gateway/testing/stack/screen';
import type { SimulatedCharge } from '@gateway/testing/stack/simulator-client';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { HttpResult, PaymentBody } from '@gateway/testing/stack/till';
import { twoDaysLater } from '@gateway/testing/stack/two-days-later';
import { opsCommands } from '../../ops/src/commands.ts';
import { runCommand } from '../../ops/test/run-command.ts';

// Every kind of outage of the first provider, for both orders of providers, as a till sees it.
const createFaults = ['refuse', 'hang', 'hang_after_effect', 'http_500_after_effect'] as const;
const paymentsEach = 15; // with four faults: 60 payments for each order of providers

describe.each([
  ['midtrans', 'xendit'],
  ['xendit', 'midtrans'],
] as const)('%s first, then %s', (first, second) => {
  let stack: TestStack;
  let screen: Screen;

  beforeAll(async () => {
    const environment = { PROVIDERS: `${first},${second}`, CREATE_LIMIT_MS: '3000', BREAKER_REST_MS: '300' };
    stack = await startTestStack({ environment });
    screen = await aScreen(stack.redisUrl, 'JKT-01');
  });

  afterAll(async () => {
    screen?.close();
    await stack?.stop();
  });

  const amounts = Array.from({ length: paymentsEach }, (_, n) => 10_000 + 1_000 * n);
  const order = (total: number) => anOrder(stack.pos, { total });
  const recovered = () =>
    eventually(async () => {
      const { body } = await stack.till().create(await order(20_000));
      return (await chargeOf(body.transaction_id)).provider === first;
    });

  async function chargeOf(reference: string): Promise<SimulatedCharge> {
    const [charge, ...others] = await stack.simulator.charges(reference);
    expect(others).toEqual([]);
    return charge as SimulatedCharge;
  }

  it.each(createFaults)('%s: every till gets a correct QR, and its order is paid', async (fault) => {
    await stack.simulator.fault(first, { operation: 'create', fault, times: null });
    const answers = await Promise.all(amounts.map(async (total) => stack.till().create(await order(total))));
    await Promise.all(answers.map((answer, n) => isRight(answer, amounts[n] as number)));
    await Promise.all(answers.map(({ body }) => stack.simulator.pay(body.transaction_id)));
    await Promise.all(answers.map(({ body }) => screen.waitsFor('order.paid', body)));
    for (const { body } of answers) expect(screen.typesOf(body)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
    const { rows } = await stack.pos.query(
      'select distinct status, paid_total = grand_total as whole from pos.orders where id = any ($1)',
      [answers.map(({ body }) => body.order_id)],
    );
    expect(rows).toEqual([{ status: 'paid', whole: true }]);
    await stack.simulator.clearFaults();
    await recovered();
  });

  async function isRight({ status, body }: HttpResult<PaymentBody>, total: number): Promise<void> {
    expect([status, body.status, body.amount]).toEqual([201, 'pending', total]);
    expect(body.qr_string).toMatch(new RegExp(`540[58]${total}(\\.00)?[56]`));
    expect(await chargeOf(body.transaction_id)).toMatchObject({ amount: total, qr_string: body.qr_string, status: 'pending' });
  }

  /** A payment whose other charge was made, but not shown: Midtrans made it, and its answer was lost. */
  const paymentWithTwoCharges = () =>
    eventually(async () => {
      // The hedge budget is a tenth of the first provider's recent creates. These payments fill it; on a busy machine they use it, too.
      await Promise.all(amounts.map(async (total) => stack.till().create(await order(total))));
      await stack.simulator.fault('midtrans', { operation: 'create', fault: 'http_500_after_effect' });
      if (first === 'xendit') await stack.simulator.fault('xendit', { operation: 'create', fault: 'slow', delay_ms: 1_000 });
      const { body } = await stack.till().create(await order(33_000));
      const charges = (await stack.simulator.charges()).filter(({ reference }) => reference.startsWith(stemOf(body)));
      if (charges.length < 2) await stack.simulator.clearFaults();
      return charges.length > 1 && body;
    });

  it('the cancel webhook of the charge that was not shown does not close the QR on display', async () => {
    const payment = await paymentWithTwoCharges();
    const cancelledCharge = await eventually(async () =>
      (await stack.simulator.charges()).find(
        ({ reference, status }) => reference !== payment.transaction_id && reference.startsWith(stemOf(payment)) && status === 'cancelled',
      ),
    );
    if (cancelledCharge.provider === 'midtrans') await eventually(() => isProcessed(cancelledCharge)); // Xendit sends no webhook for a cancel
    expect((await stack.till().get(payment.payment_id)).body).toMatchObject({ status: 'pending', qr_string: payment.qr_string });
    expect(screen.typesOf(payment)).toEqual(['payment.pending']);
    await stack.simulator.clearFaults();
  });

  it("an operator's hold takes effect on the next payments, and so does its release", async () => {
    await recovered();
    for (const [command, serving] of [
      ['hold', second],
      ['release', first],
    ] as const) {
      await runCommand(opsCommands, [command, first], { DATA_DIR: stack.dataDir });
      await eventually(async () => {
        const { body } = await stack.till().create(await order(21_000));
        return (await chargeOf(body.transaction_id)).provider === serving;
      });
    }
  });

  it('both down: 503 within the wait of a till, and the next payment works after the recovery', async () => {
    await recovered();
    await stack.simulator.faultBoth({ operation: 'create', fault: 'hang', times: null });
    const waits = await Promise.all([1, 1, 1].map(async () => stack.till().create(await order(22_000), { prefer: 'wait=1' })));
    expect(waits.map(({ status, ms }) => [status, ms >= 1_000])).toEqual(waits.map(() => [202, true]));
    expect(Math.min(...waits.map(({ ms }) => ms))).toBeLessThan(5_000); // not the ten seconds for which a till waits by default
    const orders = await Promise.all(amounts.slice(0, 6).map(order));
    const key = { 'idempotency-key': 'both-down' };
    const refused = await Promise.all(orders.map((each, n) => stack.till().create(each, n === 0 ? key : {})));
    for (const { status, body, headers } of refused) // not 202, which a till gets when it has waited for ten seconds
      expect([status, body.code, headers.has('retry-after')]).toEqual([503, 'providers_unavailable', true]);
    await stack.simulator.clearFaults();
    const again = await eventually(async () => {
      const answer = await stack.till().create(orders[0] as string, key);
      return answer.status === 201 && answer;
    });
    await isRight(again, amounts[0] as number);
  });

  it('every charge that was not shown ends as cancelled or expired', async () => {
    await twoDaysLater(stack);
    const pending = async () =>
      (await stack.pos.query(`select provider, status, reason from gateway.attempts where status in ('sending', 'unknown')`)).rows;
    await eventually(async () => (await pending()).length === 0).catch(async () => expect(await pending()).toEqual([]));
    const shown = new Set(
      (
        await stack.pos.query(
          'select a.reference from gateway.payments p join gateway.attempts a on a.payment_id = p.id and a.no = p.shown_attempt',
        )
      ).rows.map(({ reference }) => reference),
    );
    const unshownCharges = (await stack.simulator.charges()).filter(({ reference }) => !shown.has(reference));
    expect(unshownCharges.length).toBeGreaterThanOrEqual(paymentsEach); // at least the charges from before the breaker opened
    for (const { status } of unshownCharges) expect(['cancelled', 'expired']).toContain(status);
  });

  const isProcessed = async ({ reference }: SimulatedCharge) =>
    (await stack.pos.query('select from gateway.webhook_inbox where reference = $1 and processed_at is not null', [reference])).rowCount;
  const stemOf = ({ transaction_id }: PaymentBody) => transaction_id.slice(0, transaction_id.lastIndexOf('-') + 1);
});
