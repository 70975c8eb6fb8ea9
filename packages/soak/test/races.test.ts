import { type Payment, rupiah } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { plusMs } from '@gateway/shared/runtime';
import { payments, refunds } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { addToOrder } from '@gateway/testing/pos/pos-orders';
import type { Job } from '@gateway/worker/src/sweep/due-job.ts';
import { type ModelRun, startModelRun } from './model/model-run.ts';

/** `npm run soak:races -- --times=200` */
const times = Number(process.env.SOAK_TIMES ?? 10);

let modelRun: ModelRun;
beforeAll(async () => {
  modelRun = await startModelRun();
});
afterAll(() => modelRun?.close());

type Racer = () => Promise<unknown>;

/**
 * Starts the racers one by one against locks on the order, its payments and their attempts. Releases the locks when all of them
 * wait, so that they continue in the order in which they were started.
 */
async function race(...racers: Racer[]): Promise<PromiseSettledResult<unknown>[]> {
  const { worker, scenario } = modelRun;
  const gate = await worker.db.pool.connect();
  const running: Promise<unknown>[] = [];
  try {
    await gate.query('begin');
    await gate.query('select from pos.orders where id = $1 for update', [scenario.orderId]);
    await gate.query('select from gateway.payments where order_key = $1 for update', [scenario.orderId]);
    await gate.query(
      'select from gateway.attempts a join gateway.payments p on p.id = a.payment_id where p.order_key = $1 for update of a',
      [scenario.orderId],
    );
    for (const [index, start] of racers.entries()) {
      const racer = start();
      racer.catch(() => {}); // a racer may fail: the caller checks the results
      running.push(racer);
      await eventually(async () => (await waitingForLock()) === index + 1);
    }
  } finally {
    await gate.query('rollback');
    gate.release();
  }
  return Promise.allSettled(running);
}

/** How many connections wait for a lock. */
async function waitingForLock(): Promise<number> {
  const { rows } = await modelRun.worker.db.pool.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}

/** Runs a race many times. Every second time `inOrder` swaps the two racers. */
function raced(name: string, once: (inOrder: (one: Racer, other: Racer) => [Racer, Racer]) => Promise<void>): void {
  it(
    `${name}, ${times} times`,
    async () => {
      for (let n = 0; n < times; n++) {
        await modelRun.begin({ hostId: 'pos', isAtOnce: n % 4 < 2 });
        await once((one, other) => (n % 2 === 0 ? [one, other] : [other, one]));
        await modelRun.observe();
      }
    },
    times * 2_000,
  );
}

const pending = (more = {}) => modelRun.worker.pending({ orderId: modelRun.scenario.orderId, ...more });
const events = (payment: Payment) => modelRun.worker.events(payment);
const pay = ({ reference }: Payment) => modelRun.worker.simulator.controls.pay(`${reference}-1`);
const run =
  (job: Job): Racer =>
  () =>
    modelRun.worker.run(job);
const poll = async ({ id }: Payment): Promise<Racer> => {
  const { leaseNo } = await modelRun.worker.reload({ id });
  return run({ name: 'check-payment', payload: { host: 'pos', paymentId: id, leaseNo } });
};

/** Stores a genuine webhook that reports paid. @returns the job that verifies it */
async function webhook({ reference }: Payment): Promise<Racer> {
  const { worker } = modelRun;
  const inboxId = await worker.receiveWebhook(`${reference}-1`, 'paid', { nextTryAt: plusMs(worker.clock.now(), 3_000) });
  return run({ name: 'verify-webhook', payload: { host: 'pos', inboxId, leaseNo: 0 } });
}

const paidInTime = ['payment.pending', 'payment.paid', 'order.paid'];

raced('two webhooks of one payment', async () => {
  const payment = await pending();
  pay(payment);
  const outcomes = await race(await webhook(payment), await webhook(payment));
  const [applied, other] = outcomes.map((each) => each.status === 'fulfilled' && each.value).sort();
  expect(applied).toBe('applied');
  expect(['duplicate', 'retry_scheduled']).toContain(other); // a job waits 250 ms for the order, which may be too short on a busy machine
  expect(await events(payment)).toEqual(paidInTime);
});

raced('a webhook and a poll', async (inOrder) => {
  const payment = await pending();
  pay(payment);
  await race(...inOrder(await webhook(payment), await poll(payment)));
  expect(await events(payment)).toEqual(paidInTime);
});

raced('a payment and its expiry', async (inOrder) => {
  const payment = await pending({ expiresInMs: 60_000 });
  modelRun.worker.advance(60_000);
  const expire = run({ name: 'expire-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo: payment.leaseNo } });
  const paid = async () => {
    pay(payment);
    return (await webhook(payment))();
  };
  await race(...inOrder(expire, paid));
  expect([paidInTime, ['payment.pending', 'payment.expired', 'payment.paid_late', 'order.paid']]).toContainEqual(await events(payment));
});

raced('a payment and its cancel', async (inOrder) => {
  const payment = await pending();
  const leaseNo = (await payments.hide(modelRun.worker.db.pool, payment.id, 'client', modelRun.worker.clock.now())) as number;
  const cancel = run({ name: 'cancel-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo } });
  const paid = async () => {
    pay(payment);
    return (await webhook(payment))();
  };
  await race(...inOrder(cancel, paid));
  expect([paidInTime, ['payment.pending', 'payment.cancelled', 'payment.paid_late', 'order.paid']]).toContainEqual(await events(payment));
});

raced('two refunds of sixty per cent', async () => {
  const payment = await pending();
  pay(payment);
  await (await webhook(payment))();
  const refund = {
    payment: await modelRun.worker.reload(payment),
    attemptNo: 1,
    amount: rupiah(33_000),
    cause: 'client',
    reason: 'cold',
    at: modelRun.worker.clock.now(),
  } as const;
  const requestRefund = () => inTransaction(modelRun.worker.db, (trx) => refunds.open(trx, refund));
  const outcomes = await race(requestRefund, requestRefund);
  expect(outcomes).toMatchObject([{ value: { amount: 33_000 } }, { value: null }]);
});

raced('two create requests for one order', async () => {
  const create = () => modelRun.worker.created({ orderId: modelRun.scenario.orderId });
  const [one, other] = await race(create, create);
  expect(one).toMatchObject({ status: 'fulfilled', value: { status: 'created' } });
  expect(other).toMatchObject({ value: { id: (one as PromiseFulfilledResult<Payment>).value.id } });
});

raced('a second create request and a webhook', async (inOrder) => {
  const payment = await pending({ expiresInMs: 60_000 });
  modelRun.worker.advance(40_000); // too little time is left to scan: another create request opens a new payment
  pay(payment);
  const createAgain = () => modelRun.worker.created({ orderId: modelRun.scenario.orderId });
  await race(...inOrder(createAgain, await webhook(payment)));
  expect(await events(payment)).toEqual(paidInTime);
  await modelRun.observe();
  await modelRun.sweep();
  expect(modelRun.scenario.records.payments.filter(({ hiddenAt }) => !hiddenAt)).toEqual([]); // the payment that was opened too is hidden
});

raced('an editor of the order and a webhook', async (inOrder) => {
  const payment = await pending();
  pay(payment);
  const edit = () => addToOrder(modelRun.worker.db.pool, modelRun.scenario.orderId, 7_000);
  await race(...inOrder(edit, await webhook(payment)));
  const refused = ['payment.pending', 'payment.paid', 'payment.review'];
  expect([paidInTime, refused]).toContainEqual(await events(payment));
});
