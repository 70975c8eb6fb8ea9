import { type ChargeReply, connectSubscriber, replyChannel } from '@gateway/shared/queue';
import { createLogger } from '@gateway/shared/runtime';
import { connectDatabase, type Database, insertPayment, type Payment } from '@gateway/shared/store';
import { Redis } from 'ioredis';
import { aPayment } from '../../../../testing/a-payment.ts';
import { eventually } from '../../../../testing/eventually.ts';
import { freshDatabase, type TestDatabase, testRedisUrl } from '../../../../testing/servers.ts';
import { listenForReplies, looks, type Replies } from './await-charge.ts';

const name = 'api-under-test';
let database: TestDatabase;
let db: Database;
let worker: Redis;
let replies: Replies;

beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
  worker = new Redis(testRedisUrl());
  replies = await listenForReplies(connectSubscriber(testRedisUrl(), { name: 'test' }), name, createLogger('test', 'silent'));
  await eventually(async () => (await worker.publish(replyChannel(name), JSON.stringify(replyTo(aPayment())))) === 1);
});
afterAll(async () => {
  replies?.close();
  worker?.disconnect();
  await db?.close();
  await database?.drop();
});

const replyTo = ({ id, ...payment }: Payment, more: Partial<ChargeReply> = {}): ChargeReply => ({
  paymentId: id,
  status: payment.status,
  version: payment.version,
  qrString: null,
  shownAttempt: null,
  updatedAt: payment.updatedAt.toISOString(),
  checkedAt: null,
  ...more,
});
const say = (reply: ChargeReply) => worker.publish(replyChannel(name), JSON.stringify(reply));
const isShown = ({ status }: Payment) => status === 'pending';

async function kept(): Promise<Payment> {
  const payment = aPayment();
  await insertPayment(db.pool, payment);
  return payment;
}
async function wait(payment: Payment, { withinMs, unheard = false }: { withinMs: number; unheard?: boolean }) {
  const waiting = replies.expect(payment.id);
  const started = performance.now();
  try {
    const present = await waiting.until(isShown, { payment, db: db.pool, withinMs, unheard });
    return { present, ms: performance.now() - started };
  } finally {
    waiting.stop();
  }
}
const showInTheRow = ({ id }: Payment) =>
  db.pool.query(`update gateway.payments set status = 'pending', qr_string = 'QR', shown_attempt = 1 where id = $1`, [id]);

describe('waiting for the worker’s word', () => {
  it('ends with it, and knows what it says', async () => {
    const payment = await kept();
    const waiting = wait(payment, { withinMs: 5_000 });
    await say(replyTo(payment, { status: 'pending', qrString: '000201', shownAttempt: 2, version: 2 }));
    expect((await waiting).present).toMatchObject({ status: 'pending', qrString: '000201', shownAttempt: 2, version: 2 });
  });

  it('hears a word that came before it listened for it', async () => {
    const payment = await kept();
    const waiting = replies.expect(payment.id);
    await say(replyTo(payment, { status: 'pending' }));
    await eventually(async () => (await say(replyTo(aPayment()))) === 1); // what was said before has arrived by now
    expect(isShown(await waiting.until(isShown, { payment, db: db.pool, withinMs: 1, unheard: false }))).toBe(true);
    waiting.stop();
  });

  it('finds in the row at half-time what it was not told', async () => {
    const payment = await kept();
    const waiting = wait(payment, { withinMs: 600 });
    await showInTheRow(payment);
    const { present, ms } = await waiting;
    expect(isShown(present)).toBe(true);
    expect(ms).toBeLessThan(550);
  });

  it('looks often when nobody promised to tell it', async () => {
    const payment = await kept();
    const waiting = wait(payment, { withinMs: 5_000, unheard: true });
    await showInTheRow(payment);
    expect((await waiting).ms).toBeLessThan(1_000);
  });

  it('is over when its time is, with the payment as it is', async () => {
    const { present, ms } = await wait(await kept(), { withinMs: 200 });
    expect(present.status).toBe('created');
    expect(ms).toBeGreaterThanOrEqual(195);
    expect(ms).toBeLessThan(400);
  });

  it('is not over any sooner for words that are no answer', async () => {
    const payment = await kept();
    const waiting = wait(payment, { withinMs: 300 });
    for (let n = 0; n < 5; n++) await say(replyTo(payment, { checkedAt: payment.updatedAt.toISOString() }));
    expect((await waiting).ms).toBeGreaterThanOrEqual(295);
  });

  it('counts from when the caller came, not from when the queue took the job', async () => {
    const payment = await kept();
    const waiting = replies.expect(payment.id, performance.now() - 10_000);
    const started = performance.now();
    await waiting.until(isShown, { payment, db: db.pool, withinMs: 10_000, unheard: false });
    expect(performance.now() - started).toBeLessThan(100);
    waiting.stop();
  });

  it('does not begin when the caller does not want to wait', async () => {
    expect((await wait(await kept(), { withinMs: 0 })).ms).toBeLessThan(100);
  });
});

describe('the looks at the row', () => {
  it('are two when a word is promised', () => expect(looks(10_000, false)).toEqual([5_000, 10_000]));
  it('are ever further apart when none is, the last at the end', () => {
    const times = looks(10_000, true);
    expect(times.slice(0, 3)).toEqual([100, 250, 475]);
    expect(times.at(-1)).toBe(10_000);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.max(...times.slice(1).map((at, n) => at - (times[n] ?? 0)))).toBeLessThanOrEqual(1_000);
  });
});
