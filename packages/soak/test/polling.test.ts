import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { aScreen } from '@gateway/testing/stack/screen';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { PaymentBody } from '@gateway/testing/stack/till';

/** `npm run soak:polling -- --qrs=50` */
const isFull = process.env.SOAK_QRS !== undefined; // in `npm test` other tests run beside it, so that its times say nothing
const liveQrs = Number(process.env.SOAK_QRS ?? 25);
const callsPerSecond = 5; // the poll slots of an account in a second
const cycleMs = (liveQrs / callsPerSecond) * 1_000; // 25 QRs: 5 s, 50: 10 s

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await stack.simulator.setDeliveryRules({ drop: 1 });
});
afterAll(() => stack?.stop());

it(`${liveQrs} paid QRs without webhooks are found within ${cycleMs / 1_000} s, and no account is polled more often than its limit`, async () => {
  const screen = await aScreen(stack.redisUrl, 'JKT-01');
  const till = stack.till();
  const payments: PaymentBody[] = [];
  for (let n = 0; n < liveQrs; n++) payments.push((await till.create(await anOrder(stack.pos))).body);
  await allPolledOnce();

  const waits = await Promise.all(
    payments.map(async (payment) => {
      await stack.simulator.pay(payment.transaction_id);
      const paidAt = performance.now();
      await screen.waitsFor('payment.paid', payment, 2 * cycleMs + 5_000);
      return performance.now() - paidAt;
    }),
  );
  screen.close();
  if (isFull) console.log(`paid → screen, ms: p95 ${Math.round(p95(waits))}, longest ${Math.round(Math.max(...waits))}`);
  // On a busy machine a call may be half a second late, and so closer to the next ones. Their number does not grow.
  expect(await maxCalls(4_500)).toBeLessThanOrEqual(5 * callsPerSecond + 1);
  if (isFull) expect(p95(waits)).toBeLessThanOrEqual(cycleMs);
}, 120_000);

it('ten concurrent checks of a payment are one provider call, and all ten get its answer', async () => {
  const till = stack.till();
  const { body: payment } = await till.create(await anOrder(stack.pos));
  await stack.simulator.fault('midtrans', { operation: 'status', fault: 'slow', delay_ms: 300 });
  await stack.simulator.pay(payment.transaction_id);
  const answers = await Promise.all(Array.from({ length: 10 }, () => till.check(payment.payment_id)));
  expect(answers.map(({ status, body }) => [status, body.status])).toEqual(answers.map(() => [200, 'paid']));
  const [charge] = await stack.simulator.charges(payment.transaction_id);
  expect(charge?.calls.filter(({ operation }) => operation === 'status')).toHaveLength(1);
});

/** Waits until every payment was polled once. From then on they are polled in turn. */
async function allPolledOnce(): Promise<void> {
  const neverPolled = 'select from gateway.payments where checked_at is null';
  await eventually(async () => (await stack.pos.query(neverPolled)).rowCount === 0, 3_000 + 2 * cycleMs);
}

/** The highest number of status calls to one provider within a period. */
async function maxCalls(withinMs: number): Promise<number> {
  const charges = await stack.simulator.charges();
  const times = charges
    .flatMap(({ calls }) => calls.filter(({ operation }) => operation === 'status'))
    .map(({ at }) => Date.parse(at))
    .sort((a, b) => a - b);
  return Math.max(...times.map((from, index) => times.slice(index).filter((time) => time < from + withinMs).length));
}

function p95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] as number;
}
