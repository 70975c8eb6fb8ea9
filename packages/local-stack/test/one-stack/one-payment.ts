import { randomUUID } from 'node:crypto';
import { getPriority } from 'node:os';
import { demoKeys } from '@gateway/shared/runtime';
import { eventually } from '@gateway/testing/eventually';
import { addToOrder, anOrder, payInCash } from '@gateway/testing/pos/pos-orders';
import { aScreen, type Screen } from '@gateway/testing/stack/screen';
import type { Till } from '@gateway/testing/stack/till';
import { type Receiver, startReceiver } from '@gateway/testing/webhooks/receiver';
import { Webhook } from 'standardwebhooks';
import { keyCommands } from '../../../ops/src/commands.ts';
import { triggerCommand } from '../../../ops/src/developer/trigger-command.ts';
import { runCommand, runForJson } from '../../../ops/test/run-command.ts';
import { stack } from './stack.ts';

// A whole stack as a till sees it: HTTP in, HTTP and Pub/Sub out.
let till: Till;
let screen: Screen;

beforeAll(async () => {
  till = stack.till();
  screen = await aScreen(stack.redisUrl, 'JKT-01');
});

afterAll(() => screen?.close());

const paymentsOf = async (orderId: string): Promise<{ status: string; hidden: boolean }[]> =>
  (
    await stack.pos.query('select status, hidden_at is not null as hidden from gateway.payments where order_key = $1 order by id', [
      orderId,
    ])
  ).rows;

it('a worker lets an api on the same machine go first when processors are scarce', () => {
  const priorityOf = (service: 'api' | 'worker') => getPriority(stack.pids(service)[0] as number);
  expect(priorityOf('worker')).toBeGreaterThan(priorityOf('api')); // a larger number is a smaller share
});

describe('one QRIS payment', () => {
  it('goes from QR to payment to paid order to the kitchen', async () => {
    const order = await anOrder(stack.pos, { total: 55_000 });
    const { status, body: payment } = await till.create(order);
    expect(status).toBe(201);
    expect(payment).toMatchObject({ status: 'pending', amount: 55_000, qr_string: expect.stringMatching(/^000201.*6304[0-9A-F]{4}$/) });

    const png = await fetch(payment.qr_image_url as string);
    expect([png.status, png.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^image\//)]);

    await stack.simulator.pay(payment.transaction_id);
    const event = await screen.waitsFor('order.paid', payment);
    expect(event).toMatchObject({ order_id: order, status: 'paid', amount: 55_000, data: { release: 1, items: [expect.anything()] } });
    expect(screen.typesOf(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
    expect((await till.get(payment.payment_id)).body).toMatchObject({ status: 'paid', received_amount: 55_000 });
    expect((await stack.pos.query('select status, paid_total from pos.orders where id = $1', [order])).rows).toEqual([
      { status: 'paid', paid_total: '55000' },
    ]);
  });

  it('numbers the events of a store without a gap', async () => {
    const numbers = screen.events.map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] as number) + index));
  });
});

/** The webhook endpoints of a key: the answer of `/webhook-endpoints…`. */
async function endpoints(key: string, method: string, path = '', body?: object) {
  const answer = await fetch(`${stack.api}/webhook-endpoints${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text(); // of a 204: empty
  return JSON.parse(text || '{}') as { id: string; secret: string; deliveries: { state: string }[] };
}

describe('a webhook endpoint', () => {
  it('gets the events of a payment, signed, in their order', async () => {
    const receiver: Receiver = await startReceiver();
    const { id, secret } = await endpoints(demoKeys.pos, 'POST', '', { url: receiver.url, events: ['*'], store_ids: ['JKT-01'] });
    await endpoints(demoKeys.pos, 'POST', `/${id}/test`);
    await receiver.waitsFor(1); // the notifier knows the endpoint
    const order = await anOrder(stack.pos, { total: 25_000 });
    const { body: payment } = await till.create(order);
    await stack.simulator.pay(payment.transaction_id);
    await screen.waitsFor('order.paid', payment);
    await receiver.waitsFor(4);
    expect(receiver.events().map(({ type }) => type)).toEqual(['webhook.test', 'payment.pending', 'payment.paid', 'order.paid']);
    for (const { body, headers } of receiver.received) new Webhook(secret).verify(body, headers as Record<string, string>);
    await eventually(async () => (await endpoints(demoKeys.pos, 'GET', `/${id}/deliveries?state=delivered`)).deliveries.length === 4);
    await endpoints(demoKeys.pos, 'DELETE', `/${id}`);
    await receiver.close();
  });

  it('gets no further event when its key was revoked', async () => {
    const environment = { DATA_DIR: stack.dataDir };
    const { rows } = await stack.pos.query<{ tenant: string }>(`select tenant from gateway.stores where store_id = 'JKT-01'`);
    const rights = ['--name', 'hook', '--host', 'pos', '--tenant', rows[0]?.tenant ?? '', '--scope', 'webhooks'];
    const { id: keyId, secret: key } = await runForJson<{ id: string; secret: string }>(keyCommands, ['create', ...rights], environment);
    const [revoked, other] = [await startReceiver(), await startReceiver()];
    const { id } = await eventually(async () => {
      const made = await endpoints(key, 'POST', '', { url: revoked.url, events: ['*'], store_ids: ['JKT-01'] });
      return made.id !== undefined && made; // every process knows a new key within 2 s
    });
    await endpoints(key, 'POST', `/${id}/test`);
    await revoked.waitsFor(1);
    await runForJson(keyCommands, ['revoke', keyId], environment);
    const active = async () =>
      /^gateway_webhook_endpoints{.*POS_DATABASE_URL.*} (\d+)$/m.exec(await stack.fetchMonitor('notifier', '/metrics'))?.[1];
    await eventually(async () => (await active()) === '0');
    const { id: otherId } = await endpoints(demoKeys.pos, 'POST', '', { url: other.url, events: ['*'], store_ids: ['JKT-01'] });
    await endpoints(demoKeys.pos, 'POST', `/${otherId}/test`);
    await other.waitsFor(1);
    await till.create(await anOrder(stack.pos));
    await other.waitsFor(2);
    expect(revoked.events().map(({ type }) => type)).toEqual(['webhook.test']);
    await endpoints(demoKeys.pos, 'DELETE', `/${otherId}`);
    await Promise.all([revoked.close(), other.close()]);
  });
});

describe('npm run trigger', () => {
  it.each([
    ['payment.pending', ['payment.pending']],
    ['payment.paid', ['payment.pending', 'payment.paid', 'order.paid']],
    ['payment.cancelled', ['payment.pending', 'payment.cancelled']],
    ['payment.paid_late', ['payment.pending', 'payment.cancelled', 'payment.paid_late']],
    ['refund.succeeded', ['payment.pending', 'payment.paid', 'order.paid', 'refund.succeeded']],
  ])('makes %s happen, with a payment of the order', async (type, happens) => {
    const environment = { DATA_DIR: stack.dataDir };
    const args = [type, '--order', await anOrder(stack.pos)];
    const payment = await runForJson<{ payment_id: string; store_id: string }>([triggerCommand], args, environment);
    expect(payment.store_id).toBe('JKT-01');
    await screen.waitsFor(happens.at(-1) ?? '', payment);
    expect(screen.typesOf(payment)).toEqual(expect.arrayContaining(happens));
  });

  it('names the types that it knows, and says why an order cannot be paid', async () => {
    const environment = { DATA_DIR: stack.dataDir };
    const unknown = await runCommand([triggerCommand], ['payment.made', '--order', 'x'], environment);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('known types: payment.pending, payment.paid')]);
    const none = await runCommand([triggerCommand], ['payment.paid', '--order', randomUUID()], environment);
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('order_not_found')]);
  });
});

describe('a till that requests a payment twice', () => {
  it('with one idempotency key, twenty times at once, creates one payment', async () => {
    const order = await anOrder(stack.pos);
    const key = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => till.create(order, key)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ body }) => body.qr_string)).size).toBe(1);
    expect(await paymentsOf(order)).toHaveLength(1);
    expect(await stack.simulator.charges(answers[0]?.body.transaction_id)).toHaveLength(1);
  });

  it('without a key gets the QR that is on display', async () => {
    const order = await anOrder(stack.pos);
    const answers = await Promise.all(Array.from({ length: 20 }, () => till.create(order)));
    expect(new Set(answers.map(({ body }) => body.qr_string)).size).toBe(1);
    expect(await paymentsOf(order)).toEqual([{ status: 'pending', hidden: false }]);
  });

  it('with the key of a payment that failed gets a new payment', async () => {
    const order = await anOrder(stack.pos);
    const key = { 'idempotency-key': randomUUID() };
    await stack.simulator.faultBoth({ operation: 'create', fault: 'http_500', times: null });
    const refused = await till.create(order, key);
    expect([refused.status, refused.body.code]).toEqual([503, 'providers_unavailable']);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    await stack.simulator.clearFaults();
    const made = await eventually(async () => {
      const answer = await till.create(order, key); // like a till, until the breakers are half-open
      return answer.status === 201 && answer.body;
    });
    expect(made.qr_string).not.toBeNull();
    expect((await till.create(order, key)).body.payment_id).toBe(made.payment_id);
  });
});

describe('an order that changes while its QR is on display', () => {
  it('gets a new QR for what is due now; the old charge is cancelled', async () => {
    const order = await anOrder(stack.pos, { total: 55_000 });
    const { body: first } = await till.create(order);
    await addToOrder(stack.pos, order, 8_000);
    const { status, body: second } = await till.create(order);
    expect([status, second.amount]).toEqual([201, 63_000]);
    await eventually(async () => (await till.get(first.payment_id)).body.status === 'cancelled');
    const [charge] = await stack.simulator.charges(first.transaction_id);
    expect(charge?.status).not.toBe('open');
  });

  it('and is paid in cash: the payment by QR is a duplicate and is refunded', async () => {
    const order = await anOrder(stack.pos, { total: 55_000 });
    const { body: payment } = await till.create(order);
    await payInCash(stack.pos, order);
    await stack.simulator.pay(payment.transaction_id);
    await screen.waitsFor('payment.duplicate_paid', payment);
    await screen.waitsFor('refund.succeeded', payment);
    expect(screen.typesOf(payment)).not.toContain('order.paid');
    expect((await stack.simulator.charges(payment.transaction_id))[0]?.refunds).toEqual([expect.objectContaining({ amount: 55_000 })]);
  });
});

describe('a till that presses again while the money arrives', () => {
  it('gets the same QR, or learns that the order is paid, sixty times without a deadlock', async () => {
    const answers: { status: number; code: string | undefined; payment_id: string }[] = [];
    for (let round = 0; round < 6; round++) {
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const order = await anOrder(stack.pos);
          const { body: payment } = await till.create(order);
          const [again] = await Promise.all([till.create(order), stack.simulator.pay(payment.transaction_id)]);
          answers.push({ status: again.status, code: again.body.code, payment_id: payment.payment_id });
        }),
      );
    }
    expect(answers).toHaveLength(60);
    // Before the money arrives the answer is the same QR, and after it the host's own refusal.
    expect(answers.filter(({ status, code }) => status !== 200 && !(status === 409 && code === 'order_not_payable'))).toEqual([]);
    const paid = new Set<string>();
    await eventually(() => {
      for (const { type, payment_id } of screen.events) if (type === 'order.paid') paid.add(payment_id);
      return answers.every(({ payment_id }) => paid.has(payment_id));
    });
    expect(stack.log('worker')).not.toMatch(/deadlock/);
  });
});
