import type { Payment } from '@gateway/shared/payment';
import { connectDatabase, type Database, type Queryable } from '@gateway/shared/postgres';
import { type ChargeReply, connectSubscriber, replyChannel } from '@gateway/shared/queue';
import { createLogger } from '@gateway/shared/runtime';
import { payments } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { Redis } from 'ioredis';
import { listenForReplies, pollTimes, type Replies } from './reply-channel.ts';

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
  updatedAt: payment.updatedAt,
  checkedAt: null,
  ...more,
});
const publishReply = (reply: ChargeReply) => worker.publish(replyChannel(name), JSON.stringify(reply));
const isShown = ({ status }: Payment) => status === 'pending';

async function insertedPayment(): Promise<Payment> {
  const payment = aPayment();
  await payments.insert(db.pool, payment);
  return payment;
}
/** The test's database. It counts how often it is asked, and calls `beforeRead` with the number of the question. */
function countingReads(beforeRead: (nth: number) => unknown = () => {}) {
  const reads = { count: 0 };
  const query = async (...question: unknown[]) => {
    await beforeRead(++reads.count);
    return (db.pool.query as (...args: unknown[]) => unknown)(...question);
  };
  return { reads, db: { query } as unknown as Queryable };
}
async function wait(
  payment: Payment,
  { withinMs, replyExpected = true, from = db.pool }: { withinMs: number; replyExpected?: boolean; from?: Queryable },
) {
  const waiting = replies.expect(payment.id);
  const started = performance.now();
  try {
    const present = await waiting.until(isShown, { payment, db: from, withinMs, replyExpected });
    return { present, ms: performance.now() - started };
  } finally {
    waiting.stop();
  }
}
const showInRow = ({ id }: Payment) =>
  db.pool.query(`update gateway.payments set status = 'pending', qr_string = 'QR', shown_attempt = 1 where id = $1`, [id]);

describe('waiting for the reply of a worker', () => {
  it('ends with the reply, and returns the payment as the reply says', async () => {
    const payment = await insertedPayment();
    const waiting = wait(payment, { withinMs: 5_000 });
    await publishReply(replyTo(payment, { status: 'pending', qrString: '000201', shownAttempt: 2, version: 2 }));
    expect((await waiting).present).toMatchObject({ status: 'pending', qrString: '000201', shownAttempt: 2, version: 2 });
  });

  it('takes a reply that came before the wait began', async () => {
    const payment = await insertedPayment();
    const waiting = replies.expect(payment.id);
    await publishReply(replyTo(payment, { status: 'pending' }));
    await eventually(async () => (await publishReply(replyTo(aPayment()))) === 1); // Redis delivers in order, so the first reply has arrived
    expect(isShown(await waiting.until(isShown, { payment, db: db.pool, withinMs: 1, replyExpected: true }))).toBe(true);
    waiting.stop();
  });

  it('reads the row at half of the time, when no reply came', async () => {
    const payment = await insertedPayment();
    await showInRow(payment);
    const { reads, db: from } = countingReads();
    expect(isShown((await wait(payment, { withinMs: 200, from })).present)).toBe(true);
    expect(reads.count).toBe(1); // the second read would be at the end
  });

  it('reads the row often, when no reply is expected', async () => {
    const payment = await insertedPayment();
    const { reads, db: from } = countingReads((nth) => nth === 3 && showInRow(payment));
    expect(isShown((await wait(payment, { withinMs: 10_000, replyExpected: false, from })).present)).toBe(true);
    expect(reads.count).toBe(3); // of the two that a wait with a reply would make, the first is at five seconds
  });

  it('ends after its time, with the payment as it is', async () => {
    const { reads, db: from } = countingReads();
    const { present, ms } = await wait(await insertedPayment(), { withinMs: 200, from });
    expect(present.status).toBe('created');
    expect(ms).toBeGreaterThanOrEqual(195);
    expect(reads.count).toBe(2); // at half of the time and at its end
  });

  it('ignores an invalid message', async () => {
    const payment = await insertedPayment();
    const waiting = wait(payment, { withinMs: 5_000 });
    await worker.publish(replyChannel(name), 'not json');
    await worker.publish(replyChannel(name), JSON.stringify({ paymentId: payment.id, status: 'unknown' }));
    await publishReply(replyTo(payment, { status: 'pending' }));
    expect((await waiting).present.status).toBe('pending');
  });

  it('does not end sooner because of replies that are not the answer', async () => {
    const payment = await insertedPayment();
    const waiting = wait(payment, { withinMs: 300 });
    for (let n = 0; n < 5; n++) await publishReply(replyTo(payment, { checkedAt: payment.updatedAt }));
    expect((await waiting).ms).toBeGreaterThanOrEqual(295);
  });

  it('counts from the arrival of the request, not from the time when the job was queued', async () => {
    const payment = await insertedPayment();
    const hourMs = 3_600_000;
    const waiting = replies.expect(payment.id, performance.now() - hourMs);
    const present = await waiting.until(isShown, { payment, db: db.pool, withinMs: hourMs, replyExpected: true });
    expect(present.status).toBe('created'); // otherwise the wait would last an hour
    waiting.stop();
  });

  it('takes no time when the caller does not want to wait', async () => {
    const { reads, db: from } = countingReads();
    expect((await wait(await insertedPayment(), { withinMs: 0, from })).present.status).toBe('created');
    expect(reads.count).toBe(0);
  });
});

describe('the reads of the row', () => {
  it('are two when a reply is expected', () => expect(pollTimes(10_000, true)).toEqual([5_000, 10_000]));
  it('are at growing intervals when no reply is expected, the last one at the end', () => {
    const times = pollTimes(10_000, false);
    expect(times.slice(0, 3)).toEqual([100, 250, 475]);
    expect(times.at(-1)).toBe(10_000);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.max(...times.slice(1).map((at, n) => at - (times[n] ?? 0)))).toBeLessThanOrEqual(1_000);
  });
});
