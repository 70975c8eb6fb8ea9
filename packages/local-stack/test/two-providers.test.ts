import { eventually } from '../../../testing/eventually.ts';
import { type House, startHouse } from '../../../testing/house.ts';
import { anOrder } from '../../../testing/pos-orders.ts';
import { aScreen, type Screen } from '../../../testing/screen.ts';
import type { SimulatedCharge } from '../../../testing/simulated.ts';
import type { Answer, PaymentBody } from '../../../testing/till.ts';
import { holdCommands } from '../../ops/src/hold-commands.ts';
import { typed } from '../../ops/test/typed.ts';

// From the till's side of the counter: the first provider falls ill in every way there is, whichever it is.
const sicknesses = ['refuse', 'hang', 'hang_after_effect', 'http_500_after_effect'] as const;
const paymentsEach = 15; // four sicknesses: 60 payments for each order of providers
const day = 24 * 3_600_000;

describe.each([
  ['midtrans', 'xendit'],
  ['xendit', 'midtrans'],
] as const)('%s first, then %s', (first, second) => {
  let house: House;
  let screen: Screen;

  beforeAll(async () => {
    const environment = { PROVIDERS: `${first},${second}`, CREATE_LIMIT_MS: '3000', BREAKER_REST_MS: '300' };
    house = await startHouse({ environment });
    screen = await aScreen(house.redisUrl, 'JKT-01');
  }, 30_000);

  afterAll(async () => {
    screen?.close();
    await house?.stop();
  });

  const amounts = Array.from({ length: paymentsEach }, (_, n) => 10_000 + 1_000 * n);
  const order = (total: number) => anOrder(house.pos, { total });
  const wellAgain = () =>
    eventually(async () => {
      const { body } = await house.till().create(await order(20_000));
      return (await chargeOf(body.transaction_id)).provider === first;
    });

  async function chargeOf(reference: string): Promise<SimulatedCharge> {
    const [charge, ...others] = await house.simulator.charges(reference);
    expect(others).toEqual([]);
    return charge as SimulatedCharge;
  }

  it.each(sicknesses)(
    '%s: every till gets a right QR, and what it pays is paid',
    async (fault) => {
      await house.simulator.fault(first, { operation: 'create', fault, times: null });
      const answers = await Promise.all(amounts.map(async (total) => house.till().create(await order(total))));
      await Promise.all(answers.map((answer, n) => isRight(answer, amounts[n] as number)));
      await Promise.all(answers.map(({ body }) => house.simulator.pay(body.transaction_id)));
      await Promise.all(answers.map(({ body }) => screen.hears('order.paid', body, 10_000)));
      for (const { body } of answers) expect(screen.typesOf(body)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
      const { rows } = await house.pos.query(
        'select distinct status, paid_total = grand_total as whole from pos.orders where id = any ($1)',
        [answers.map(({ body }) => body.order_id)],
      );
      expect(rows).toEqual([{ status: 'paid', whole: true }]);
      await house.simulator.heal();
      await wellAgain();
    },
    30_000,
  );

  async function isRight({ status, body }: Answer<PaymentBody>, total: number): Promise<void> {
    expect([status, body.status, body.amount]).toEqual([201, 'pending', total]);
    expect(body.qr_string).toMatch(new RegExp(`540[58]${total}(\\.00)?[56]`));
    expect(await chargeOf(body.transaction_id)).toMatchObject({ amount: total, qr_string: body.qr_string, status: 'pending' });
  }

  it('the genuine cancel notice of the one that lost changes nothing on display', async () => {
    // Asking a second provider beside a slow one has a budget, a tenth of what the first was asked lately: this fills it.
    await Promise.all(amounts.map(async (total) => house.till().create(await order(total))));
    await house.simulator.fault('midtrans', { operation: 'create', fault: 'http_500_after_effect' });
    if (first === 'xendit') await house.simulator.fault('xendit', { operation: 'create', fault: 'slow', delay_ms: 1_000 });
    const { body: payment } = await house.till().create(await order(33_000));
    const lost = await eventually(async () =>
      (await house.simulator.charges()).find(
        ({ reference, status }) => reference !== payment.transaction_id && reference.startsWith(stemOf(payment)) && status === 'cancelled',
      ),
    );
    if (lost.provider === 'midtrans') await eventually(() => isHeard(lost)); // Xendit sends none
    expect((await house.till().get(payment.payment_id)).body).toMatchObject({ status: 'pending', qr_string: payment.qr_string });
    expect(screen.typesOf(payment)).toEqual(['payment.pending']);
    await house.simulator.heal();
  });

  it("an operator's hold is obeyed within two seconds, and so is its end", async () => {
    await wellAgain();
    for (const [words, serving] of [
      ['hold', second],
      ['release', first],
    ] as const) {
      await typed(holdCommands, [words, first], { DATA_DIR: house.dataDir });
      const since = performance.now();
      let asked = since;
      await eventually(async () => {
        asked = performance.now();
        const { body } = await house.till().create(await order(21_000));
        return (await chargeOf(body.transaction_id)).provider === serving;
      });
      expect(asked - since).toBeLessThan(2_000 + 250); // one try may have begun just before
    }
  });

  it('both down: an honest 503 within the wait, and the next payment works when they are back', async () => {
    await wellAgain();
    await house.simulator.faultBoth({ operation: 'create', fault: 'hang', times: null });
    const waits = await Promise.all([1, 1, 1].map(async () => house.till().create(await order(22_000), { prefer: 'wait=1' })));
    expect(waits.map(({ status, ms }) => [status, ms >= 1_000])).toEqual(waits.map(() => [202, true]));
    expect(Math.min(...waits.map(({ ms }) => ms))).toBeLessThan(1_100); // the others may have met a busy machine
    const orders = await Promise.all(amounts.slice(0, 6).map(order));
    const key = { 'idempotency-key': 'both-down' };
    const refused = await Promise.all(orders.map((each, n) => house.till().create(each, n === 0 ? key : {})));
    for (const { status, body, ms, headers } of refused) {
      expect([status, body.code, headers.has('retry-after')]).toEqual([503, 'providers_unavailable', true]);
      expect(ms).toBeLessThan(10_000); // what a till waits that does not say how long
    }
    await house.simulator.heal();
    const again = await eventually(async () => {
      const answer = await house.till().create(orders[0] as string, key);
      return answer.status === 201 && answer;
    });
    await isRight(again, amounts[0] as number);
  }, 30_000);

  it('every orphan ends cancelled or absent, and none was ever on display', async () => {
    await advanceTwoDays();
    const left = async () =>
      (await house.pos.query(`select provider, status, reason from gateway.attempts where status in ('sending', 'unknown')`)).rows;
    await eventually(async () => (await left()).length === 0, 15_000).catch(async () => expect(await left()).toEqual([]));
    const shown = new Set(
      (
        await house.pos.query(
          'select a.reference from gateway.payments p join gateway.attempts a on a.payment_id = p.id and a.no = p.shown_attempt',
        )
      ).rows.map(({ reference }) => reference),
    );
    const orphans = (await house.simulator.charges()).filter(({ reference }) => !shown.has(reference));
    expect(orphans.length).toBeGreaterThanOrEqual(paymentsEach); // those made before the breaker opened, at least
    for (const { status } of orphans) expect(['cancelled', 'expired']).toContain(status);
  }, 30_000);

  const isHeard = async ({ reference }: SimulatedCharge) =>
    (await house.pos.query('select from gateway.webhook_inbox where reference = $1 and processed_at is not null', [reference])).rowCount;
  const stemOf = ({ transaction_id }: PaymentBody) => transaction_id.slice(0, transaction_id.lastIndexOf('-') + 1);

  /** Here and at the providers. A process has no other clock than the machine's, so the rows grow older. */
  async function advanceTwoDays(): Promise<void> {
    await house.simulator.pass(2 * day + 1);
    await house.pos.query(
      `update gateway.attempts set started_at = started_at - interval '2 days', resolve_at = now() where status in ('sending', 'unknown')`,
    );
  }
});
