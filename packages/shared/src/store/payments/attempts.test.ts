import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import type { Attempt, AttemptStatus, Payment } from '../../payment/index.ts';
import { connectDatabase, type Database, inTransaction } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as attempts from './attempts.ts';
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
  const payment = aPayment({ expiresAt: later(60_000) });
  await payments.insert(db.pool, payment);
  return payment;
}
const begin = ({ id, leaseNo }: Payment, overrides: Partial<Parameters<typeof attempts.begin>[1]> = {}) =>
  attempts.begin(db.pool, {
    paymentId: id,
    no: 1,
    provider: 'midtrans',
    account: 'default',
    leaseNo,
    at: now,
    resolveAt: later(15_000),
    leaseUntil: later(4_000),
    ...overrides,
  });
/** What happened to a payment for which no provider may be asked any more. */
const notToBegin: [string, string][] = [
  ['was claimed by another worker', 'lease_no = lease_no + 1'],
  ['is being cancelled', `cancel_requested_at = '2026-03-02T03:00:00Z'`],
  ['has expired', `expires_at = '2026-03-02T03:00:00Z'`],
  ['is on display', `status = 'pending', qr_string = '000201', shown_attempt = 1`],
  ['has failed', `status = 'failed'`],
];
const unknownAt = (at: Date) => ({ no: 1, status: 'unknown', reason: 'not_shown', at, resolveAt: at }) as const;
const one = async ({ id }: Payment, no = 1): Promise<Attempt> => (await attempts.find(db.pool, id, no)) as Attempt;
/** A payment with one attempt in this status, which is looked up at `later(15_000)`. */
async function withAttempt(status: AttemptStatus): Promise<Payment> {
  const payment = await inserted();
  await begin(payment);
  const paid = status === 'paid' ? { paid: payment.amount, paidAt: now } : {};
  await attempts.save(db.pool, { ...(await one(payment)), status, ...paid });
  return payment;
}
const update = ({ id }: Payment, set: string) => db.pool.query(`update gateway.payments set ${set} where id = $1`, [id]);

describe('an attempt', () => {
  it('begins before the call, with the time at which a lost call is looked up, and extends the lease of its payment', async () => {
    const payment = await inserted();
    expect(await begin(payment)).toBe(`${payment.reference}-1`);
    expect(await one(payment)).toMatchObject({ status: 'sending', startedAt: now, resolveAt: later(15_000) });
    expect(await payments.find(db.pool, payment.id)).toMatchObject({ checkAt: later(4_000) });
  });

  it('begins once when a job is delivered twice, also at the same time', async () => {
    const payment = await inserted();
    expect((await Promise.all([begin(payment), begin(payment)])).toSorted()).toEqual([null, `${payment.reference}-1`]);
    expect(await begin(payment)).toBeNull();
  });

  it.each(notToBegin)('does not begin, so that no provider is called, when its payment %s', async (_, set) => {
    const payment = await inserted();
    await update(payment, set);
    expect(await begin(payment)).toBeNull();
    expect(await attempts.ofPayment(db.pool, payment.id)).toEqual([]);
  });
});

describe('the first attempt of a payment', () => {
  const beginFirst = ({ id, leaseNo }: Payment) =>
    attempts.beginFirst(db.pool, {
      ...{ paymentId: id, provider: 'midtrans', account: 'default', leaseNo, at: now },
      resolveAt: later(15_000),
      leaseUntil: later(1_500),
    });
  const fresh = async () => {
    const payment = await inserted();
    await update(payment, `check_at = '${later(3_000).toISOString()}'`);
    return payment;
  };

  it('begins with the statement that reads the payment', async () => {
    const payment = await fresh();
    expect(await beginFirst(payment)).toEqual({
      payment: expect.objectContaining({ id: payment.id, status: 'created', bill: payment.bill, checkAt: later(3_000) }),
      reference: `${payment.reference}-1`,
    });
    expect(await attempts.ofPayment(db.pool, payment.id)).toMatchObject([{ no: 1, status: 'sending', resolveAt: later(15_000) }]);
  });

  it('begins once when its job is delivered twice at the same time', async () => {
    const payment = await fresh();
    const both = await inTransaction(db, async (trx) => {
      await payments.lock(trx, payment.id);
      const runs = [beginFirst(payment), beginFirst(payment)];
      await eventually(async () => (await db.pool.query(waitingForLocks)).rowCount === 2);
      return { runs };
    });
    const references = (await Promise.all(both.runs)).map((begun) => begun?.reference);
    expect(references.toSorted()).toEqual([null, `${payment.reference}-1`]);
  });

  it('begins beside those of other payments in one statement', async () => {
    const made = await Promise.all([fresh(), fresh(), fresh()]);
    const query = jest.spyOn(db.pool, 'query');
    const begun = await Promise.all(made.map(beginFirst));
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
    expect(begun.map((each) => [each?.payment.id, each?.reference])).toEqual(made.map(({ id, reference }) => [id, `${reference}-1`]));
  });

  it('does not wait for another payment that is locked, which begins when it is free', async () => {
    const [locked, free] = [await fresh(), await fresh()];
    const waiting = await inTransaction(db, async (trx) => {
      await payments.lock(trx, locked.id);
      const query = jest.spyOn(db.pool, 'query');
      const both = [locked, free].map(beginFirst);
      expect(await both[1]).toMatchObject({ reference: `${free.reference}-1` });
      expect(query).toHaveBeenCalledTimes(2); // both, and the locked one alone
      query.mockRestore();
      return { first: both[0] };
    });
    expect(await waiting.first).toMatchObject({ reference: `${locked.reference}-1` });
  });

  it('does not keep another payment from beginning when it may not begin itself', async () => {
    const [cancelled, due] = [await fresh(), await fresh()];
    await payments.hide(db.pool, cancelled.id, 'client', now);
    const begun = await Promise.all([cancelled, due].map(beginFirst));
    expect(begun.map((each) => each?.reference)).toEqual([undefined, `${due.reference}-1`]);
  });

  it.each([
    ...notToBegin,
    ['is under review', `review_since = '2026-03-02T03:00:00Z'`],
    ['has a lease that is nearly over', `check_at = '2026-03-02T03:00:01Z'`],
  ])('does not begin, so that the payment is looked at first, when it %s', async (_, set) => {
    const payment = await fresh();
    await update(payment, set);
    expect(await beginFirst(payment)).toBeNull();
    expect(await attempts.ofPayment(db.pool, payment.id)).toEqual([]);
  });

  it('does not begin when there is one already, however it ended', async () => {
    const payment = await fresh();
    await begin(payment, { leaseUntil: later(3_000) });
    expect(await beginFirst(payment)).toBeNull();
  });
});

const waitingForLocks = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

describe('the end of an attempt', () => {
  const end = unknownAt(later(1_000));

  it.each<AttemptStatus>(['sending', 'unknown', 'open'])('is recorded when it was %s', async (status) => {
    const payment = await withAttempt(status);
    await attempts.conclude(db.pool, { ...end, paymentId: payment.id });
    expect(await one(payment)).toMatchObject({ status: 'unknown', reason: 'not_shown', resolveAt: later(1_000) });
  });

  it.each<AttemptStatus>(['paid', 'cancelled', 'expired', 'rejected', 'absent'])(
    'changes nothing when it is %s already',
    async (status) => {
      const payment = await withAttempt(status);
      const before = await one(payment);
      await attempts.conclude(db.pool, { ...end, paymentId: payment.id });
      expect(await one(payment)).toEqual(before);
    },
  );

  it('keeps the provider’s id of the charge when the caller does not know it', async () => {
    const payment = await withAttempt('open');
    await attempts.save(db.pool, { ...(await one(payment)), providerChargeId: 'charge-1' });
    await attempts.conclude(db.pool, { ...end, paymentId: payment.id });
    expect(await one(payment)).toMatchObject({ providerChargeId: 'charge-1' });
  });
});

describe('an attempt whose worker died in the call', () => {
  it('becomes unknown and is looked up now', async () => {
    const payment = await withAttempt('sending');
    await attempts.abandonSending(db.pool, payment.id, 1, later(1_000));
    expect(await one(payment)).toMatchObject({ status: 'unknown', reason: 'worker_lost', resolveAt: later(1_000) });
  });

  it('does not change an attempt that was answered, or one that a newer worker began', async () => {
    const payment = await withAttempt('open');
    await begin(payment, { no: 2 });
    await attempts.abandonSending(db.pool, payment.id, 1, later(1_000));
    expect((await attempts.ofPayment(db.pool, payment.id)).map(({ status }) => status)).toEqual(['open', 'sending']);
  });
});

describe('the other attempts of a paid one', () => {
  it('are looked up now when they may have a charge, and the paid one and ended ones are not', async () => {
    const payment = await withAttempt('open');
    for (const no of [2, 3, 4]) await begin(payment, { no });
    await attempts.save(db.pool, { ...(await one(payment, 3)), status: 'unknown' });
    await attempts.save(db.pool, { ...(await one(payment, 4)), status: 'cancelled', resolveAt: null });
    await attempts.cancelOthers(db.pool, { paymentId: payment.id, no: 2 }, later(1_000));
    const [resolved, paid, unknown, cancelled] = await attempts.ofPayment(db.pool, payment.id);
    expect([resolved?.resolveAt, paid?.resolveAt, unknown?.resolveAt, cancelled?.resolveAt]).toEqual([
      later(1_000),
      later(15_000),
      later(1_000),
      null,
    ]);
  });
});

describe('rescheduling an attempt', () => {
  it('makes an attempt that is still sending unknown, because no worker waits for its answer any more', async () => {
    const payment = await withAttempt('sending');
    await attempts.reschedule(db.pool, await one(payment), later(45_000));
    expect(await one(payment)).toMatchObject({ status: 'unknown', reason: 'no_answer', resolveAt: later(45_000) });
  });

  it('does not make an attempt due again that has ended', async () => {
    const payment = await withAttempt('cancelled');
    await attempts.save(db.pool, { ...(await one(payment)), resolveAt: null });
    expect(await attempts.reschedule(db.pool, await one(payment), later(45_000))).toBe(false);
    expect(await one(payment)).toMatchObject({ resolveAt: null });
  });

  it.each([
    ['it was concluded', (payment: Payment) => attempts.conclude(db.pool, { ...unknownAt(later(1_000)), paymentId: payment.id })],
    ['its worker was given up as dead', (payment: Payment) => attempts.abandonSending(db.pool, payment.id, 1, later(1_000))],
    ['another attempt was paid', (payment: Payment) => attempts.cancelOthers(db.pool, { paymentId: payment.id, no: 2 }, later(1_000))],
  ])('is refused to a look-up that ran while %s, so that the charge is cancelled now', async (_, makeDue) => {
    const payment = await withAttempt('sending');
    const before = await one(payment);
    await makeDue(payment);
    expect(await attempts.reschedule(db.pool, before, later(45_000))).toBe(false);
    expect(await one(payment)).toMatchObject({ resolveAt: later(1_000) });
  });

  it('keeps a time that was set during the look-up', async () => {
    const payment = await withAttempt('unknown');
    const before = await one(payment);
    await attempts.cancelOthers(db.pool, { paymentId: payment.id, no: 2 }, later(1_000));
    await attempts.reschedule(db.pool, before, later(45_000));
    expect(await one(payment)).toMatchObject({ resolveAt: later(1_000) });
  });
});
