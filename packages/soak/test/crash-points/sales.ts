import { randomUUID } from 'node:crypto';
import { eventually } from '@gateway/testing/eventually';
import { anOrder, lockOrderRow, voidOrder } from '@gateway/testing/pos/pos-orders';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { HttpResult, PaymentBody } from '@gateway/testing/stack/till';

const tillKey = 'sk_test_till_demo';
const patienceMs = 90_000; // a stopped process continues after 40 s

/** Sales of every kind, at the same time. Each till repeats a request that failed, with the same key. */
export async function sellOneOfEach(stack: TestStack): Promise<void> {
  await Promise.all([
    paidAndRefunded(stack),
    cancelled(stack),
    paidLate(stack),
    voidedAndPaid(stack),
    bookedLater(stack),
    orderedByApi(stack),
  ]);
}

async function paidAndRefunded(stack: TestStack): Promise<void> {
  const payment = await sold(stack);
  await becomes(stack, payment, 'paid');
  const refund = { body: { amount: 20_000, reason: 'the soup was cold' }, headers: { 'idempotency-key': randomUUID() } };
  await answered(() => stack.till().request('POST', `/transaction/payments/${payment.payment_id}/refunds`, refund));
  await becomes(stack, payment, 'partially_refunded');
}

async function cancelled(stack: TestStack): Promise<void> {
  const payment = await displayed(stack, await anOrder(stack.pos));
  await answered(() => stack.till().cancel(payment.payment_id));
  await becomes(stack, payment, 'cancelled');
}

/** The guest paid after the QR had expired at the provider, so the money is not kept for the order without a decision. */
async function paidLate(stack: TestStack): Promise<void> {
  const payment = await displayed(stack, await anOrder(stack.pos));
  await stack.simulator.expire(payment.transaction_id);
  await becomes(stack, payment, 'expired');
  await stack.simulator.pay(payment.transaction_id);
  await becomes(stack, payment, 'paid', 'expired');
}

/** The waiter voided the order while the guest paid. */
async function voidedAndPaid(stack: TestStack): Promise<void> {
  const orderId = await anOrder(stack.pos);
  const payment = await displayed(stack, orderId);
  await voidOrder(stack.pos, orderId);
  await stack.simulator.pay(payment.transaction_id);
  await eventually(async () => (await stack.till().get(payment.payment_id)).body.received_amount > 0, patienceMs);
}

/** The order is locked by the POS for longer than the gateway waits for it, so the host's books are written later. */
async function bookedLater(stack: TestStack): Promise<void> {
  const orderId = await anOrder(stack.pos);
  const payment = await displayed(stack, orderId);
  const release = await lockOrderRow(stack.pos, orderId);
  await stack.simulator.pay(payment.transaction_id);
  await becomes(stack, payment, 'paid').finally(release); // a failure at this step must not hold up the next one
  const waiting = 'select 1 from gateway.host_writes where payment_id = $1 and done_at is null'; // cheaper to ask than the audit
  await eventually(async () => (await stack.pos.query(waiting, [payment.payment_id])).rowCount === 0, patienceMs);
}

/** An order of the host `till`, of which a part is paid in cash. */
async function orderedByApi(stack: TestStack): Promise<void> {
  const till = stack.till(tillKey);
  const orderId = `S-${randomUUID().slice(0, 18)}`;
  const path = `/stores/DPS-01/orders/${orderId}`;
  const order = { number: 'A', lines: [{ name: 'Soto', quantity: 1, unit_price: 50_000, total: 50_000 }], total: 50_000 };
  await answered(() => till.request('PUT', path, { body: order }));
  const tender = { body: { method: 'cash', amount: 20_000 }, headers: { 'idempotency-key': randomUUID() } };
  await answered(() => till.request('POST', `${path}/tenders`, tender));
  const payment = await displayed(stack, orderId, tillKey);
  await stack.simulator.pay(payment.transaction_id);
  await becomes(stack, payment, 'paid');
}

async function sold(stack: TestStack): Promise<PaymentBody> {
  const payment = await displayed(stack, await anOrder(stack.pos));
  await stack.simulator.pay(payment.transaction_id);
  return payment;
}

async function displayed(stack: TestStack, orderId: string, key?: string): Promise<PaymentBody> {
  const headers = { 'idempotency-key': randomUUID(), prefer: 'wait=10' };
  return await eventually(async () => {
    const { body } = await stack.till(key).create(orderId, headers);
    return body.qr_string ? body : null;
  }, patienceMs);
}

/** Repeats a request until it is answered without a failure of the server. */
const answered = (request: () => Promise<HttpResult<PaymentBody>>) =>
  eventually(async () => {
    const { status, body } = await request();
    if (status >= 400 && status < 500 && status !== 409 && status !== 429) throw new Error(`${status} ${JSON.stringify(body)}`);
    return status < 300;
  }, patienceMs);

const becomes = (stack: TestStack, { payment_id, store_id }: PaymentBody, ...statuses: string[]) => {
  const till = stack.till(store_id.startsWith('DPS') ? tillKey : undefined);
  return eventually(async () => statuses.includes((await till.get(payment_id)).body.status), patienceMs);
};
