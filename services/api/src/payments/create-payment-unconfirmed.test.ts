import { replyChannel } from '@gateway/shared/queue';
import { payments } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { eventually } from '@gateway/testing/eventually';
import { anOrder, voidOrder } from '@gateway/testing/pos/pos-orders';
import supertest from 'supertest';

// No worker runs in this file: the tests write what a worker would write.
let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());

const press = (order: string, wait = 0) =>
  supertest(api.url)
    .post('/transaction/payments')
    .set({ authorization: `Bearer ${api.key}`, prefer: `wait=${wait}` })
    .send({ order_id: order });
const set = (id: string, values: Record<string, unknown>) => api.db.knex('gateway.payments').where({ id }).update(values);

/** A payment of a new order, changed as a worker would have done. */
async function aPayment(values: Record<string, unknown>): Promise<{ order: string; id: string }> {
  const order = await anOrder(api.db.pool);
  const id = (await press(order)).body.payment_id;
  await set(id, values);
  return { order, id };
}
const onDisplay = { status: 'pending', qr_string: 'QR', shown_attempt: 1 };

describe('a press while a report of payment is unconfirmed', () => {
  it.each([
    [200, 'pending', onDisplay],
    [200, 'expired', { ...onDisplay, status: 'expired' }],
    [200, 'failed', { status: 'failed' }],
    [202, 'created', {}],
  ])('is answered %i with that payment, which is %s, with needs_review and without a QR', async (status, paymentStatus, values) => {
    const expiresAt = new Date(api.clock.now().getTime() + 10_000); // so soon that another QR would be made
    const { order, id } = await aPayment({ ...values, expires_at: expiresAt });
    await payments.markUnconfirmed(api.db.pool, id, api.clock.now());
    const answer = await press(order);
    expect([answer.status, answer.body]).toMatchObject([
      status,
      { payment_id: id, status: paymentStatus, needs_review: true, qr_string: null, qr_image_url: null },
    ]);
  });
});

describe('a press that finds the order void', () => {
  it('is answered 409 after the QR is gone', async () => {
    const { order, id } = await aPayment(onDisplay);
    await voidOrder(api.db.pool, order);
    const answer = await press(order);
    expect([answer.status, answer.body.code, answer.body.reason]).toEqual([409, 'order_not_payable', 'the order is void']);
    const shown = await supertest(api.url).get(`/transaction/payments/${id}`).set('authorization', `Bearer ${api.key}`);
    expect(shown.body).toMatchObject({ status: 'pending', qr_string: null, cancel_requested_at: api.clock.now().toISOString() });
  });
});

describe('a till whose payment is paid before its QR is made', () => {
  it('is answered as soon as the worker replies, with what was received', async () => {
    const order = await anOrder(api.db.pool);
    const startedAt = performance.now();
    const answer = press(order, 20).then((response) => response); // sends the request now
    const { id, reply_to: replyTo } = await eventually(() =>
      api.db.knex<{ id: string; reply_to: string; order_key: string }>('gateway.payments').where({ order_key: order }).first(),
    );
    const paid = { status: 'paid', received_idr: 55_000, paid_at: api.clock.now(), settled_attempt: 1 };
    await set(id, paid);
    const now = api.clock.now();
    const reply = { paymentId: id, status: 'paid', version: 2, qrString: null, shownAttempt: null, updatedAt: now, checkedAt: null };
    const publish = () => void api.redis.publish(replyChannel(replyTo), JSON.stringify(reply));
    const timer = setInterval(publish, 50); // the row is there a moment before the api waits for its reply
    const { body } = await answer.finally(() => clearInterval(timer));
    expect(body).toMatchObject({ status: 'paid', received_amount: 55_000, paid_at: now.toISOString() });
    expect(performance.now() - startedAt).toBeLessThan(9_000); // not at half of the wait
  });
});
