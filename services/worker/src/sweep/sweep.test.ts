import type { Payment } from '@gateway/shared/payment';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { type Handlers, jobCatalog, openQueues, startWork } from '@gateway/shared/queue';
import { systemClock as clock, createLogger } from '@gateway/shared/runtime';
import { attempts, payments } from '@gateway/shared/store';
import { flushTestRedis, freshDatabase, type TestDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { Redis } from 'ioredis';
import { startSweep } from './sweep.ts';

const log = createLogger('test', 'silent');
const noRedis = 'redis://127.0.0.1:1'; // nothing listens there
let database: TestDatabase;
let db: Database;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  await flushTestRedis();
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await db.close();
  await database.drop();
});

type Done = { job: string; paymentId: string; leaseNo: number };

/** Handlers that record their payloads, then do `work`. */
function recordingHandlers(work: (done: Done) => Promise<unknown> = async () => {}): { handlers: Handlers; done: Done[] } {
  const done: Done[] = [];
  const handle = (job: string) => async (payload: unknown) => {
    const each = { job, ...(payload as Omit<Done, 'job'>) };
    done.push(each);
    await work(each);
    return 'done';
  };
  return { done, handlers: Object.fromEntries(Object.keys(jobCatalog).map((job) => [job, handle(job)])) as unknown as Handlers };
}

function sweep(handlers: Handlers, redisUrl = testRedisUrl(), everyMs = 20) {
  const queues = openQueues(redisUrl);
  const sweeping = startSweep({
    databases: () => [{ database: 'POS_DATABASE_URL', db }],
    enqueue: queues.enqueue,
    handlers,
    clock,
    log,
    everyMs,
  });
  closing.push(async () => {
    await sweeping.stop();
    await queues.close();
  });
  return sweeping;
}

function work(handlers: Handlers): void {
  const working = startWork(testRedisUrl(), handlers, log);
  closing.push(() => working.close());
}

async function due(overrides: Partial<Payment> = {}): Promise<Payment> {
  const payment = aPayment({ checkAt: new Date(Date.now() - 1), expiresAt: new Date(Date.now() + 900_000), ...overrides });
  await payments.insert(db.pool, payment);
  if (overrides.status === 'pending')
    await db.pool.query(`update gateway.payments set status = 'pending', qr_string = 'QR', shown_attempt = 1 where id = $1`, [payment.id]);
  return payment;
}
async function waitingJobs(queue: string): Promise<number> {
  const redis = new Redis(testRedisUrl());
  try {
    return await redis.llen(`{gateway}:${queue}:wait`);
  } finally {
    redis.disconnect();
  }
}
const dueAgain = ({ id }: Payment) => db.pool.query('update gateway.payments set check_at = now() where id = $1', [id]);

describe('a due row', () => {
  it('becomes its job, once per claim', async () => {
    const { handlers, done } = recordingHandlers();
    const [created, shown, expired, cancelled] = await Promise.all([
      due(),
      due({ status: 'pending' }),
      due({ status: 'pending', expiresAt: new Date(Date.now() - 1) }),
      due({ status: 'pending' }),
    ]);
    await db.pool.query('update gateway.payments set cancel_requested_at = now() where id = $1', [cancelled.id]);
    work(handlers);
    sweep(handlers);
    await eventually(() => done.length === 4);
    expect(Object.fromEntries(done.map(({ paymentId, job }) => [paymentId, job]))).toEqual({
      [created.id]: 'charge',
      [shown.id]: 'check-payment',
      [expired.id]: 'expire-payment',
      [cancelled.id]: 'cancel-payment',
    });
    expect(done.map(({ leaseNo }) => leaseNo)).toEqual([1, 1, 1, 1]);
  });

  it('runs again although its last job is in the failed set', async () => {
    const payment = await due();
    const { handlers, done } = recordingHandlers(async ({ leaseNo }) => {
      if (leaseNo === 1) throw new Error('not this time');
    });
    work(handlers);
    sweep(handlers);
    await eventually(() => done.length === 1);
    await dueAgain(payment);
    await eventually(() => done.length === 2);
    expect(done.map(({ leaseNo }) => leaseNo)).toEqual([1, 2]);
  });

  it('runs again when its job was lost', async () => {
    const payment = await due();
    const { handlers, done } = recordingHandlers();
    sweep(handlers); // no worker takes jobs from the queue
    await eventually(async () => (await waitingJobs('charge')) === 1);
    await flushTestRedis();
    work(handlers);
    await dueAgain(payment); // its lease has ended
    await eventually(() => done.length === 1);
    expect(done[0]?.leaseNo).toBe(2);
  });

  it('is claimed by one of several sweeps', async () => {
    const { handlers, done } = recordingHandlers();
    await Promise.all(Array.from({ length: 30 }, () => due()));
    work(handlers);
    for (let n = 0; n < 3; n++) sweep(handlers);
    await eventually(() => done.length === 30);
    expect(new Set(done.map(({ paymentId }) => paymentId)).size).toBe(30);
  });
});

describe('unknown attempts', () => {
  it('are claimed ten a round, until none is left', async () => {
    const later = new Date(Date.now() + 900_000);
    for (let n = 0; n < 25; n++) {
      const { id, leaseNo } = await due({ checkAt: later });
      const [at, resolveAt] = [new Date(), new Date(Date.now() - 1)];
      const begun = {
        paymentId: id,
        no: 1,
        provider: 'midtrans',
        account: 'default',
        leaseNo,
        at,
        resolveAt,
        leaseUntil: later,
      } as const;
      expect(await attempts.begin(db.pool, begun)).not.toBeNull();
    }
    const { handlers, done } = recordingHandlers();
    const seen: number[] = [];
    const leasedCount = async () => (await db.pool.query('select from gateway.attempts where lease_no > 0')).rowCount as number;
    const sweeping = startSweep({
      databases: () => [{ database: 'POS_DATABASE_URL', db }],
      enqueue: async (name, payload) => {
        seen.push(await leasedCount());
        await handlers[name](payload as never);
        return true;
      },
      handlers,
      clock,
      log,
      everyMs: 20,
    });
    closing.push(() => sweeping.stop());
    await eventually(() => done.length === 25);
    expect(seen[0]).toBe(10);
    expect(new Set(done.map(({ paymentId }) => paymentId)).size).toBe(25);
  });
});

describe('a poll', () => {
  it('is claimed ahead of its time, and started at its exact time', async () => {
    const checkAt = new Date(Date.now() + 1_000);
    const payment = await due({ status: 'pending', checkAt });
    const startedAt: number[] = [];
    const { handlers, done } = recordingHandlers(async () => void startedAt.push(Date.now()));
    work(handlers);
    sweep(handlers, testRedisUrl(), 600);
    await eventually(async () => (await payments.find(db.pool, payment.id))?.leaseNo === 1);
    expect(done).toEqual([]);
    await eventually(() => done.length === 1);
    expect(done[0]).toMatchObject({ job: 'check-payment', paymentId: payment.id, leaseNo: 1 });
    expect(startedAt[0]).toBeGreaterThanOrEqual(checkAt.getTime());
  });
});

describe('a sweep without the queue', () => {
  it('runs the jobs itself, charge jobs first, and at most eight of the others at a time', async () => {
    let running = 0;
    let maxRunning = 0;
    const { handlers, done } = recordingHandlers(async ({ job }) => {
      if (job === 'charge') return;
      maxRunning = Math.max(maxRunning, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    });
    await Promise.all(Array.from({ length: 20 }, () => due({ status: 'pending', checkAt: new Date(Date.now() - 60_000) })));
    const tillPayment = await due();
    sweep(handlers, noRedis);
    await eventually(() => new Set(done.map(({ paymentId }) => paymentId)).size === 21);
    expect(done[0]).toMatchObject({ job: 'charge', paymentId: tillPayment.id });
    expect(maxRunning).toBeLessThanOrEqual(8);
  });

  it('makes the QRs of tills while a hundred other rows are due and none of their jobs ends', async () => {
    const { promise: mayFinish, resolve: finish } = Promise.withResolvers<void>();
    const { handlers, done } = recordingHandlers(async ({ job }) => (job === 'charge' ? undefined : mayFinish));
    await Promise.all(Array.from({ length: 100 }, () => due({ status: 'pending', checkAt: new Date(Date.now() - 60_000) })));
    sweep(handlers, noRedis);
    await eventually(() => done.length === 8);
    for (let n = 0; n < 5; n++) {
      const { id } = await due();
      await eventually(() => done.some(({ job, paymentId }) => job === 'charge' && paymentId === id));
    }
    expect(done.filter(({ job }) => job !== 'charge').length).toBe(8);
    finish();
  });

  it('finishes its running jobs before it stops', async () => {
    const { promise: mayFinish, resolve: finish } = Promise.withResolvers<void>();
    let finished = false;
    const { handlers, done } = recordingHandlers(async () => {
      await mayFinish;
      finished = true;
    });
    await due();
    const sweeping = sweep(handlers, noRedis);
    await eventually(() => done.length === 1);
    const stopped = sweeping.stop().then(() => finished);
    finish();
    expect(await stopped).toBe(true);
  });

  it('goes on after a handler that throws', async () => {
    const [one, two] = await Promise.all([due(), due()]);
    const { handlers, done } = recordingHandlers(async ({ paymentId }) => {
      if (paymentId === one.id) throw new Error('not this time');
    });
    sweep(handlers, noRedis);
    await eventually(() => new Set(done.map(({ paymentId }) => paymentId)).size === 2);
    expect(done.map(({ paymentId }) => paymentId).sort()).toEqual([one.id, two.id].sort());
  });
});
