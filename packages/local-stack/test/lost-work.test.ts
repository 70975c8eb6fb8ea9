import { type OwnServer, ownRedis } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { aScreen, type Screen } from '@gateway/testing/stack/screen';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { PaymentBody } from '@gateway/testing/stack/till';

/** Set by `npm run soak:lost-work -- --redis-away=30`, in seconds. In `npm test` Redis is down for five payments. */
const redisDownMs = Number(process.env.SOAK_REDIS_AWAY ?? 0) * 1_000;

// Killed workers and lost Redis data: the till still gets its QR, and the kitchen still receives the order.
let redis: OwnServer & { url: string };
let stack: TestStack;
let screen: Screen;

beforeAll(async () => {
  redis = await ownRedis();
  stack = await startTestStack({ redisUrl: redis.url, environment: { PROVIDERS: 'midtrans', CREATE_LIMIT_MS: '10000' } });
  screen = await aScreen(redis.url, 'JKT-01');
});

afterAll(async () => {
  screen?.close();
  await stack?.stop();
  await redis?.stop();
});

const signal = (kind: Parameters<TestStack['pids']>[0], name: NodeJS.Signals) => {
  for (const pid of stack.pids(kind)) process.kill(pid, name);
};

describe('a worker that is killed between the call and the commit, twice on one payment', () => {
  it('delays the QR by a few seconds, and a QR of an unknown charge is never shown', async () => {
    await stack.simulator.fault('midtrans', { operation: 'create', fault: 'hang_after_effect', times: 2 });
    const order = await anOrder(stack.pos);
    const answer = stack.till().create(order, { prefer: 'wait=25' });
    const abandonedCharges: string[] = [];
    for (const nth of [1, 2]) {
      const made = await eventually(async () => {
        const charges = (await stack.simulator.charges()).map(({ reference }) => reference);
        return charges.length === nth && charges;
      });
      abandonedCharges.push(...made.filter((reference) => !abandonedCharges.includes(reference)));
      stack.kill('worker');
    }
    const { status, body: payment } = await answer;
    expect(status).toBe(201); // within the wait that the till asked for
    expect(abandonedCharges).toHaveLength(2);
    expect(abandonedCharges).not.toContain(payment.transaction_id);

    const { rows } = await stack.pos.query(`select no, status from gateway.attempts where payment_id = $1 order by no`, [
      payment.payment_id,
    ]);
    expect(rows.map(({ status: of }) => of)).toEqual([expect.not.stringMatching(/^open$/), expect.not.stringMatching(/^open$/), 'open']);
    await stack.simulator.pay(payment.transaction_id);
    expect((await screen.waitsFor('order.paid', payment)).data.release).toBe(1);
  });
});

describe('FLUSHALL', () => {
  it('between create and charge: the till still gets its QR', async () => {
    signal('worker', 'SIGSTOP');
    const { status, body: payment } = await stack.till().create(await anOrder(stack.pos), { prefer: 'wait=0' });
    expect(status).toBe(202);
    await stack.redis.flushall();
    signal('worker', 'SIGCONT');
    await eventually(async () => (await stack.till().get(payment.payment_id)).body.qr_string);
  });

  it('between pay and verify: the kitchen still receives the order', async () => {
    const { body: payment } = await stack.till().create(await anOrder(stack.pos));
    signal('worker', 'SIGSTOP');
    await stack.simulator.pay(payment.transaction_id);
    await eventually(
      async () => (await stack.pos.query(`select 1 from gateway.webhook_inbox where reference = $1`, [payment.transaction_id])).rowCount,
    );
    await stack.redis.flushall();
    signal('worker', 'SIGCONT');
    await screen.waitsFor('order.paid', payment);
  });
});

describe('while Redis is down', () => {
  it(
    'tills still get their QR, payments are still recorded, and screens receive all events in order afterwards',
    async () => {
      const till = stack.till();
      const paid: PaymentBody[] = [];
      await redis.stop();
      for (const since = performance.now(); paid.length === 0 || performance.now() - since < redisDownMs; ) {
        const orders = await Promise.all(Array.from({ length: 5 }, () => anOrder(stack.pos)));
        const created = await Promise.all(orders.map((order) => till.create(order)));
        expect(created.map(({ status, body }) => [status, typeof body.qr_string])).toEqual(created.map(() => [201, 'string']));
        const bodies = created.map(({ body }) => body);
        await Promise.all(bodies.map(({ transaction_id }) => stack.simulator.pay(transaction_id)));
        const isPaid = async (id: string) => (await till.get(id)).body.status === 'paid';
        await Promise.all(bodies.map(({ payment_id }) => eventually(() => isPaid(payment_id))));
        paid.push(...bodies);
      }
      await redis.start();
      for (const payment of paid) {
        await screen.waitsFor('order.paid', payment);
        expect(screen.typesOf(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
      }
      if (redisDownMs > 0) console.log(`${paid.length} payments were created and paid without Redis`);
    },
    60_000 + 2 * redisDownMs,
  );
});
