import { rupiah } from '@gateway/shared/payment';
import { hidePayment, inTransaction, openRefund, type Payment } from '@gateway/shared/store';
import type { Job } from '../../../services/worker/src/due-job.ts';
import { eventually } from '../../../testing/eventually.ts';
import { addToOrder } from '../../../testing/pos-orders.ts';
import { openWorld, type World } from './model/world.ts';

/** `npm run soak:races -- --times=200` */
const times = Number(process.env.SOAK_TIMES ?? 20);

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

type Racer = () => Promise<unknown>;

/**
 * Lets them run into a closed gate: locks on the order, its payments and their attempts. When all of them stand there, in the order
 * in which they were started, it opens.
 */
async function race(...racers: Racer[]): Promise<PromiseSettledResult<unknown>[]> {
  const { shop, story } = world;
  const gate = await shop.db.pool.connect();
  const running: Promise<unknown>[] = [];
  try {
    await gate.query('begin');
    await gate.query('select from pos.orders where id = $1 for update', [story.orderId]);
    await gate.query('select from gateway.payments where order_key = $1 for update', [story.orderId]);
    await gate.query(
      'select from gateway.attempts a join gateway.payments p on p.id = a.payment_id where p.order_key = $1 for update of a',
      [story.orderId],
    );
    for (const [index, start] of racers.entries()) {
      const racer = start();
      racer.catch(() => {}); // whoever loses may throw: the caller looks
      running.push(racer);
      await eventually(async () => (await standing()) === index + 1);
    }
  } finally {
    await gate.query('rollback');
    gate.release();
  }
  return Promise.allSettled(running);
}

/** How many wait for a lock. */
async function standing(): Promise<number> {
  const { rows } = await world.shop.db.pool.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}

/** Each race is run from both sides: whoever starts first stands first at the gate. */
function raced(name: string, once: (inOrder: (one: Racer, other: Racer) => [Racer, Racer]) => Promise<void>): void {
  it(
    `${name}, ${times} times`,
    async () => {
      for (let n = 0; n < times; n++) {
        await world.begin();
        await once((one, other) => (n % 2 === 0 ? [one, other] : [other, one]));
        await world.observe();
      }
    },
    times * 2_000,
  );
}

const pending = (more = {}) => world.shop.pending({ orderId: world.story.orderId, ...more });
const events = (payment: Payment) => world.shop.events(payment);
const pay = ({ reference }: Payment) => world.shop.simulator.controls.pay(`${reference}-1`);
const run =
  (job: Job): Racer =>
  () =>
    world.shop.run(job);
const poll = async ({ id }: Payment): Promise<Racer> => {
  const { claims } = await world.shop.now({ id });
  return run({ name: 'check-payment', payload: { host: 'pos', paymentId: id, claim: claims } });
};

/** A genuine webhook that says paid has been kept; what looks into it. */
async function webhook({ reference }: Payment): Promise<Racer> {
  const { shop } = world;
  const inboxId = await shop.hear(`${reference}-1`, 'paid', { nextTryAt: new Date(shop.clock.now().getTime() + 3_000) });
  return run({ name: 'verify-webhook', payload: { host: 'pos', inboxId, claim: 0 } });
}

const inTime = ['payment.pending', 'payment.paid', 'order.paid'];

raced('two webhooks of one payment', async () => {
  const payment = await pending();
  pay(payment);
  const outcomes = await race(await webhook(payment), await webhook(payment));
  expect(outcomes.map((each) => each.status === 'fulfilled' && each.value).sort()).toEqual(['applied', 'duplicate']);
  expect(await events(payment)).toEqual(inTime);
});

raced('a webhook and a poll', async (inOrder) => {
  const payment = await pending();
  pay(payment);
  await race(...inOrder(await webhook(payment), await poll(payment)));
  expect(await events(payment)).toEqual(inTime);
});

raced('a payment and its expiry', async (inOrder) => {
  const payment = await pending({ expiresInMs: 60_000 });
  world.shop.pass(60_000);
  const expire = run({ name: 'expire-payment', payload: { host: 'pos', paymentId: payment.id, claim: payment.claims } });
  const paid = async () => {
    pay(payment);
    return (await webhook(payment))();
  };
  await race(...inOrder(expire, paid));
  expect([inTime, ['payment.pending', 'payment.expired', 'payment.paid_late', 'order.paid']]).toContainEqual(await events(payment));
});

raced('a payment and its cancelling', async (inOrder) => {
  const payment = await pending();
  const claim = (await hidePayment(world.shop.db.pool, payment.id, 'client', world.shop.clock.now())) as number;
  const cancel = run({ name: 'cancel-payment', payload: { host: 'pos', paymentId: payment.id, claim } });
  const paid = async () => {
    pay(payment);
    return (await webhook(payment))();
  };
  await race(...inOrder(cancel, paid));
  expect([inTime, ['payment.pending', 'payment.cancelled', 'payment.paid_late', 'order.paid']]).toContainEqual(await events(payment));
});

raced('two refunds of sixty per cent', async () => {
  const payment = await pending();
  pay(payment);
  await (await webhook(payment))();
  const refund = {
    payment: await world.shop.now(payment),
    attemptNo: 1,
    amount: rupiah(33_000),
    cause: 'client',
    reason: 'cold',
    at: world.shop.clock.now(),
  } as const;
  const give = () => inTransaction(world.shop.db, (trx) => openRefund(trx, refund));
  const outcomes = await race(give, give);
  expect(outcomes).toMatchObject([{ value: { amount: 33_000 } }, { value: null }]);
});

raced('twins that make one order payable', async () => {
  const create = () => world.shop.created({ orderId: world.story.orderId });
  const [one, other] = await race(create, create);
  expect(one).toMatchObject({ status: 'fulfilled', value: { status: 'created' } });
  expect(other).toMatchObject({ value: { id: (one as PromiseFulfilledResult<Payment>).value.id } });
});

raced('a till that presses again and a webhook', async (inOrder) => {
  const payment = await pending({ expiresInMs: 60_000 });
  world.shop.pass(40_000); // too little is left to scan it: pressing again makes another payment
  pay(payment);
  const press = () => world.shop.created({ orderId: world.story.orderId });
  await race(...inOrder(press, await webhook(payment)));
  expect(await events(payment)).toEqual(inTime);
  await world.observe();
  await world.sweep();
  expect(world.story.records.payments.filter(({ hiddenAt }) => !hiddenAt)).toEqual([]); // whatever was made beside it is taken down
});

raced('an editor of the order and a webhook', async (inOrder) => {
  const payment = await pending();
  pay(payment);
  const edit = () => addToOrder(world.shop.db.pool, world.story.orderId, 7_000);
  await race(...inOrder(edit, await webhook(payment)));
  const refused = ['payment.pending', 'payment.paid', 'payment.review'];
  expect([inTime, refused]).toContainEqual(await events(payment));
});
