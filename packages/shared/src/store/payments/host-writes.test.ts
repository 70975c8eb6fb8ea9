import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import type { Payment } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as discrepancies from './discrepancies.ts';
import * as hostWrites from './host-writes.ts';
import * as payments from './payments.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const now = new Date('2026-03-02T03:00:00.000Z');
const later = (ms: number) => plusMs(now, ms);

async function inserted(): Promise<Payment> {
  const payment = aPayment();
  await payments.insert(db.pool, payment);
  return payment;
}
const defer = ({ id: paymentId }: Payment, step: hostWrites.HostStep = 'paid') =>
  hostWrites.defer(db.pool, { paymentId, step, nextTryAt: later(5_000), error: 'busy', at: now });
const rowsOf = async ({ id }: Payment) =>
  (
    await db.pool.query<{ id: number; step: string; doneAt: Date | null; lastError: string }>(
      `select id::int, step, done_at as "doneAt", last_error as "lastError" from gateway.host_writes where payment_id = $1 order by id`,
      [id],
    )
  ).rows;

describe('a deferred host write', () => {
  it('exists once for each step of a payment, however often it is deferred', async () => {
    const payment = await inserted();
    await defer(payment);
    await defer(payment);
    await defer(payment, 'expired');
    expect((await rowsOf(payment)).map(({ step }) => step)).toEqual(['paid', 'expired']);
  });

  it('ends once, and keeps the note of its end', async () => {
    const payment = await inserted();
    await defer(payment);
    const [row] = await rowsOf(payment);
    const id = row?.id as unknown as Parameters<typeof hostWrites.conclude>[1];
    expect(await hostWrites.find(db.pool, id)).toMatchObject({ paymentId: payment.id, step: 'paid' });
    expect(await hostWrites.nextRetryAt(db.pool, payment.id)).toEqual(later(5_000));
    await hostWrites.conclude(db.pool, id, now, 'took_effect');
    await hostWrites.conclude(db.pool, id, later(1_000), 'again');
    expect(await rowsOf(payment)).toMatchObject([{ doneAt: now, lastError: 'took_effect' }]);
    expect(await hostWrites.find(db.pool, id)).toBeNull();
    expect(await hostWrites.nextRetryAt(db.pool, payment.id)).toBeNull();
  });
});

describe('a discrepancy', () => {
  const open = ({ id: paymentId }: Payment, attemptNo = 1) =>
    discrepancies.open(db.pool, { paymentId, attemptNo, reason: 'paid_unconfirmed', ours: 'pending', theirs: 'paid', at: now });
  const closedAt = async ({ id }: Payment) =>
    (
      await db.pool.query<{ no: number; reason: string; at: Date | null }>(
        'select attempt_no as no, reason, closed_at as at from gateway.discrepancies where payment_id = $1 order by id',
        [id],
      )
    ).rows.map(({ no, reason, at }) => [no, reason, at]);

  it('is opened once for each payment, reason and attempt, and again after it was closed', async () => {
    const payment = await inserted();
    expect([await open(payment), await open(payment), await open(payment, 2)]).toEqual([true, false, true]);
    await discrepancies.resolve(db.pool, { paymentId: payment.id, no: 1 }, 'paid_unconfirmed', now, 'confirmed');
    expect(await open(payment)).toBe(true);
  });

  it('is closed when it is confirmed, and one of another attempt, reason or an earlier time is not touched', async () => {
    const payment = await inserted();
    await open(payment);
    await open(payment, 2);
    const overpaid = { paymentId: payment.id, attemptNo: 1, reason: 'overpaid', ours: null, theirs: null, at: now } as const;
    await discrepancies.open(db.pool, overpaid);
    const confirm = (at: Date) => discrepancies.resolve(db.pool, { paymentId: payment.id, no: 1 }, 'paid_unconfirmed', at, 'confirmed');
    await confirm(later(1_000));
    await confirm(later(2_000));
    expect(await closedAt(payment)).toEqual([
      [1, 'paid_unconfirmed', later(1_000)],
      [2, 'paid_unconfirmed', null],
      [1, 'overpaid', null],
    ]);
  });
});
