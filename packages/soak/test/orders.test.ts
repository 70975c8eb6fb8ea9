import { randomUUID } from 'node:crypto';
import { eventually } from '@gateway/testing/eventually';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { HttpResult, PaymentBody, Till } from '@gateway/testing/stack/till';
import { settledFindings } from './settled-findings.ts';

/** `npm run soak:orders -- --times=500` */
const times = Number(process.env.SOAK_TIMES ?? 4);
const atOnce = 4; // so many orders race at the same time
const store = 'DPS-01';
const patienceMs = 60_000; // the account's questions have a budget, and hidden QRs before it are asked about too

let stack: TestStack;
let till: Till;
beforeAll(async () => {
  stack = await startTestStack();
  till = stack.till('sk_test_till_demo');
});
afterAll(() => stack?.stop());

interface Order {
  due: number;
  total: number;
  status: 'open' | 'paid' | 'void';
  payment: PaymentBody | null;
  code?: string;
}

/** Repeats a request while it is limited: lists and pictures may be read some times a second, and eighty creates at once are many. */
const unlimited = <Answer extends { status: number }>(request: () => Promise<Answer>): Promise<Answer> =>
  eventually(async () => {
    const answer = await request();
    return answer.status !== 429 && answer;
  }, patienceMs);

const body = (total: number) => ({ number: 'A', lines: [{ name: 'Soto', quantity: 1, unit_price: total, total }], total });
const pathOf = (id: string) => `/stores/${store}/orders/${id}`;
const put = (id: string, total: number) => till.request<Order>('PUT', pathOf(id), { body: body(total) });
const find = async (id: string) => (await till.request<Order>('GET', pathOf(id))).body;
const remove = (id: string) => till.request<Order>('DELETE', pathOf(id));
const tender = (id: string, amount: number) =>
  till.request<Order>('POST', `${pathOf(id)}/tenders`, { body: { method: 'cash', amount }, headers: { 'idempotency-key': randomUUID() } });
const inOneCall = (id: string, total: number, key?: string) =>
  unlimited(() => till.create(id, key ? { 'idempotency-key': key } : {}, { store_id: store, order: body(total) }));
const paymentsOf = async (id: string) =>
  (await unlimited(() => till.request<{ payments: PaymentBody[] }>('GET', `/transaction/payments?order_id=${id}`))).body.payments;
const displayed = async (id: string) => (await paymentsOf(id)).filter(({ qr_string }) => qr_string !== null);

/** Runs a race many times, several orders at once. */
function raced(name: string, once: (id: string, round: number) => Promise<void>): void {
  it(
    `${name}, ${times} times`,
    async () => {
      let next = 0;
      const run = async () => {
        for (let round = next++; round < times; round = next++) await once(`S-${randomUUID().slice(0, 18)}`, round);
      };
      await Promise.all(Array.from({ length: atOnce }, run));
    },
    90_000 + times * 4_000,
  );
}

const isRefused = ({ status, body: { code } }: HttpResult<Order | PaymentBody>, ...codes: string[]) =>
  status >= 400 && codes.includes(String(code));

/** The money of a payment has its home: it paid the order, or it is refunded, or an operator sees it. */
async function requireHome(id: string, { payment_id: paymentId }: PaymentBody): Promise<void> {
  const payment = await eventually(async () => {
    const { body: now } = await till.get(paymentId);
    return now.received_amount > 0 && now;
  }, patienceMs);
  const order = await find(id);
  const paidTheOrder = order.status === 'paid' && order.payment?.payment_id === paymentId && payment.refunded_amount === 0;
  const { body: back } = await till.request<{ refunds: unknown[] }>('GET', `/transaction/payments/${paymentId}/refunds`);
  expect([paidTheOrder, payment.needs_review, back.refunds.length > 0]).toContain(true);
  expect(await displayed(id)).toEqual([]);
}

raced('a QR is hidden before the answer to a PUT with another total, and what is displayed asks for what is due', async (id, round) => {
  const { body: first } = await inOneCall(id, 50_000);
  expect((await put(id, 60_000 + round)).status).toBe(200);
  expect((await till.get(first.payment_id)).body).toMatchObject({ qr_string: null, qr_image_url: null });
  expect((await unlimited(() => fetch(first.qr_image_url as string))).status).toBe(410);
  expect((await till.create(id)).body.amount).toBe(60_000 + round);
  expect(await displayed(id)).toMatchObject([{ amount: 60_000 + round }]);
});

raced('two PUTs and a create at once leave at most one QR, for the amount due', async (id) => {
  await put(id, 50_000);
  await Promise.all([put(id, 60_000), put(id, 70_000), till.create(id)]);
  const { due } = await find(id);
  for (const { amount } of await displayed(id)) expect(amount).toBe(due);
  expect((await displayed(id)).length).toBeLessThanOrEqual(1);
  expect((await till.create(id)).body.amount).toBe(due);
});

raced('a PUT and the webhook: the money pays the order, or it is refunded or reviewed', async (id) => {
  const { body: payment } = await inOneCall(id, 50_000);
  const [answer] = await Promise.all([put(id, 40_000), stack.simulator.pay(payment.transaction_id)]);
  expect(answer.status === 200 || isRefused(answer, 'order_paid', 'order_busy')).toBe(true);
  await requireHome(id, payment);
});

raced('a DELETE and the webhook: the money pays the order, or it is refunded or reviewed', async (id) => {
  const { body: payment } = await inOneCall(id, 50_000);
  const [answer] = await Promise.all([remove(id), stack.simulator.pay(payment.transaction_id)]);
  expect(answer.status === 200 || isRefused(answer, 'order_paid', 'order_busy')).toBe(true);
  await requireHome(id, payment);
  if (answer.status === 200) expect((await find(id)).status).toBe('void');
});

raced('a tender and the webhook: the order is paid once, and the other money goes back', async (id) => {
  const { body: payment } = await inOneCall(id, 50_000);
  const [answer] = await Promise.all([tender(id, 50_000), stack.simulator.pay(payment.transaction_id)]);
  expect(answer.status === 201 || isRefused(answer, 'tender_exceeds_due', 'order_busy')).toBe(true);
  await requireHome(id, payment);
  expect(await find(id)).toMatchObject({ status: 'paid', due: 0 });
});

raced('a part in cash and what is left by QRIS release the kitchen once', async (id) => {
  const { body: whole } = await inOneCall(id, 50_000);
  expect((await tender(id, 20_000)).body.due).toBe(30_000);
  expect((await till.get(whole.payment_id)).body.qr_string).toBeNull();
  const { body: payment } = await till.create(id);
  await stack.simulator.pay(payment.transaction_id);
  await eventually(async () => (await find(id)).status === 'paid', patienceMs);
  const { rows } = await stack.pos.query(
    `select payload ->> 'order_id' as id from gateway.payment_events where type = 'order.paid' and payload ->> 'order_id' = $1`,
    [id],
  );
  expect(rows).toEqual([{ id }]);
});

raced('money that comes after the order was paid in cash is refunded', async (id) => {
  const { body: payment } = await inOneCall(id, 50_000);
  await tender(id, 50_000);
  await stack.simulator.pay(payment.transaction_id);
  await eventually(async () => {
    const { rows } = await stack.pos.query(`select from gateway.payment_events where payment_id = $1 and type = 'payment.duplicate_paid'`, [
      payment.payment_id,
    ]);
    return rows.length === 1;
  }, patienceMs);
  await requireHome(id, payment);
});

raced(
  'order and payment in one call, twenty times at once with one key and with twenty keys, make one order and one QR',
  async (id, round) => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => inOneCall(id, 50_000, round % 2 === 0 ? key : randomUUID())));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ body: { payment_id } }) => payment_id)).size).toBe(1);
    expect(await displayed(id)).toHaveLength(1);
    expect(await paymentsOf(id)).toHaveLength(1);
  },
);

it('after all of it every invariant holds', async () => {
  expect(await settledFindings(stack, 120_000)).toEqual([]);
  expect(stack.log('worker')).not.toMatch(/deadlock/);
}, 150_000);
