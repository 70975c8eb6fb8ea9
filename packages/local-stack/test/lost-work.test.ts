import { eventually } from '../../../testing/eventually.ts';
import { type House, startHouse } from '../../../testing/house.ts';
import { anOrder } from '../../../testing/pos-orders.ts';
import { aScreen, type Screen } from '../../../testing/screen.ts';
import { type OwnServer, ownRedis } from '../../../testing/servers.ts';
import type { PaymentBody } from '../../../testing/till.ts';

/** `npm run soak:lost-work -- --redis-away=30`: seconds; in `npm test` as long as five payments take. */
const redisAwayMs = Number(process.env.SOAK_REDIS_AWAY ?? 0) * 1_000;

// What a power cut, an operator's mistake or an evil hour takes away: the till still gets its QR, and the kitchen still hears.
let redis: OwnServer & { url: string };
let house: House;
let screen: Screen;

beforeAll(async () => {
  redis = await ownRedis();
  house = await startHouse({ redisUrl: redis.url, environment: { PROVIDERS: 'midtrans', CREATE_LIMIT_MS: '10000' } });
  screen = await aScreen(redis.url, 'JKT-01');
}, 40_000);

afterAll(async () => {
  screen?.close();
  await house?.stop();
  await redis?.stop();
});

const signal = (role: Parameters<House['pids']>[0], name: NodeJS.Signals) => {
  for (const pid of house.pids(role)) process.kill(pid, name);
};

describe('a worker that is killed between the call and the commit, twice on one payment', () => {
  it('costs a few seconds, and never shows a QR whose fate nobody knew', async () => {
    await house.simulator.fault('midtrans', { operation: 'create', fault: 'hang_after_effect', times: 2 });
    const order = await anOrder(house.pos);
    const answer = house.till().create(order, { prefer: 'wait=20' });
    const orphans: string[] = [];
    for (const nth of [1, 2]) {
      const made = await eventually(async () => {
        const charges = (await house.simulator.charges()).map(({ reference }) => reference);
        return charges.length === nth && charges;
      }, 15_000);
      orphans.push(...made.filter((reference) => !orphans.includes(reference)));
      house.kill('worker');
    }
    const { status, body: payment, ms } = await answer;
    expect(status).toBe(201);
    expect(ms).toBeLessThan(10_000); // the wait of a till that does not say how long
    expect(orphans).toHaveLength(2);
    expect(orphans).not.toContain(payment.transaction_id);

    const { rows } = await house.pos.query(`select no, status from gateway.attempts where payment_id = $1 order by no`, [
      payment.payment_id,
    ]);
    expect(rows.map(({ status: of }) => of)).toEqual([expect.not.stringMatching(/^open$/), expect.not.stringMatching(/^open$/), 'open']);
    await house.simulator.pay(payment.transaction_id);
    expect((await screen.hears('order.paid', payment)).data.release).toBe(1);
  }, 60_000);
});

describe('a Redis that is emptied', () => {
  it('between create and charge: the QR comes all the same', async () => {
    signal('worker', 'SIGSTOP');
    const { status, body: payment } = await house.till().create(await anOrder(house.pos), { prefer: 'wait=0' });
    expect(status).toBe(202);
    await house.redis.flushall();
    signal('worker', 'SIGCONT');
    await eventually(async () => (await house.till().get(payment.payment_id)).body.qr_string, 5_000);
  });

  it('between pay and verify: the kitchen hears all the same', async () => {
    const { body: payment } = await house.till().create(await anOrder(house.pos));
    signal('worker', 'SIGSTOP');
    await house.simulator.pay(payment.transaction_id);
    await eventually(
      async () => (await house.pos.query(`select 1 from gateway.webhook_inbox where reference = $1`, [payment.transaction_id])).rowCount,
    );
    await house.redis.flushall();
    signal('worker', 'SIGCONT');
    await screen.hears('order.paid', payment, 5_000);
  });
});

describe('a Redis that is stopped', () => {
  it(
    'creates still get their QR, money is still taken, and screens catch up in order',
    async () => {
      const till = house.till();
      const paid: PaymentBody[] = [];
      await redis.stop();
      for (const since = performance.now(); paid.length === 0 || performance.now() - since < redisAwayMs; ) {
        const orders = await Promise.all(Array.from({ length: 5 }, () => anOrder(house.pos)));
        const created = await Promise.all(orders.map((order) => till.create(order)));
        expect(created.map(({ status, body }) => [status, typeof body.qr_string])).toEqual(created.map(() => [201, 'string']));
        const bodies = created.map(({ body }) => body);
        await Promise.all(bodies.map(({ transaction_id }) => house.simulator.pay(transaction_id)));
        const isPaid = async (id: string) => (await till.get(id)).body.status === 'paid';
        await Promise.all(bodies.map(({ payment_id }) => eventually(() => isPaid(payment_id), 8_000)));
        paid.push(...bodies);
      }
      await redis.start();
      for (const payment of paid) {
        await screen.hears('order.paid', payment, 10_000);
        expect(screen.typesOf(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
      }
      if (redisAwayMs > 0) console.log(`${paid.length} payments were made and paid without Redis`);
    },
    60_000 + 2 * redisAwayMs,
  );
});
