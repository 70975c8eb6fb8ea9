import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { isScannable, type Payment, transition } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { newEventId, plusMs } from '../../runtime/index.ts';
import * as attempts from './attempts.ts';
import * as discrepancies from './discrepancies.ts';
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

async function inserted(overrides: Partial<Payment> = {}): Promise<Payment> {
  const payment = aPayment(overrides);
  await payments.insert(db.pool, payment);
  return payment;
}
const update = ({ id }: Payment, set: string) => db.pool.query(`update gateway.payments set ${set} where id = $1`, [id]);
const read = async ({ id }: Payment): Promise<Payment> => (await payments.find(db.pool, id)) as Payment;

describe('a payment', () => {
  it('is read as it was inserted', async () => {
    const payment = await inserted();
    expect(await read(payment)).toEqual(payment);
  });

  it('cannot be inserted while its order has a live payment', async () => {
    const { orderKey } = await inserted();
    await expect(inserted({ orderKey })).rejects.toMatchObject({ code: '23505', constraint: 'payments_one_live' });
  });
});

describe('hiding a payment', () => {
  it('makes it due each time, and keeps the first time and reason', async () => {
    const payment = await inserted();
    await payments.hide(db.pool, payment.id, 'client', now);
    await payments.hide(db.pool, payment.id, 'replaced', later(1_000));
    expect(await read(payment)).toMatchObject({ hiddenAt: now, cancelRequestedAt: now, cancelReason: 'client', checkAt: later(1_000) });
  });

  it('allows another payment of the order', async () => {
    const payment = await inserted();
    await payments.hide(db.pool, payment.id, 'replaced', now);
    await inserted({ orderKey: payment.orderKey });
  });
});

describe('rescheduling a payment', () => {
  it('sets when it is due and when the provider answered', async () => {
    const payment = await inserted();
    await payments.reschedule(db.pool, payment, later(3_000), later(1));
    expect(await read(payment)).toMatchObject({ checkAt: later(3_000), checkedAt: later(1) });
  });

  it('keeps the time of the last answer when the provider did not answer', async () => {
    const payment = await inserted();
    await payments.reschedule(db.pool, payment, later(3_000), later(1));
    await payments.reschedule(db.pool, payment, later(6_000));
    expect(await read(payment)).toMatchObject({ checkAt: later(6_000), checkedAt: later(1) });
  });

  it('does not change when it is due after a cancel that came during the call', async () => {
    const beforeCall = await inserted();
    await payments.hide(db.pool, beforeCall.id, 'client', now);
    await payments.reschedule(db.pool, beforeCall, later(3_000), later(1));
    expect(await read(beforeCall)).toMatchObject({ checkAt: now, checkedAt: later(1) });
  });
});

describe('rescheduling a payment without work', () => {
  it('gives it none, so that a settled payment is not polled again', async () => {
    const settled = await inserted({ checkAt: null });
    await payments.reschedule(db.pool, settled, later(3_000));
    expect(await read(settled)).toMatchObject({ checkAt: null });
  });
});

describe('a payment that is not open', () => {
  const closed = () => inserted().then((payment) => update(payment, `status = 'expired'`).then(() => read(payment)));

  it('is not hidden or made due by a request to hide it', async () => {
    const payment = await closed();
    expect(await payments.hide(db.pool, payment.id, 'client', later(1_000))).toBeNull();
    expect(await read(payment)).toEqual(payment);
  });

  it('is under review while a report of its payment is unconfirmed, because its guest may have paid', async () => {
    const payment = await closed();
    expect(await payments.markUnconfirmed(db.pool, payment.id, now)).toBe(true);
    expect(await payments.markUnconfirmed(db.pool, payment.id, later(1))).toBe(false);
    expect(await read(payment)).toMatchObject({ status: 'expired', reviewSince: now });
  });

  it('is not under review for a report of its payment when it is settled', async () => {
    const settled = await inserted().then((payment) => update(payment, `status = 'paid', paid_at = now()`).then(() => read(payment)));
    expect(await payments.markUnconfirmed(db.pool, settled.id, now)).toBe(false);
    expect(await read(settled)).toEqual(settled);
  });
});

describe('saving a payment', () => {
  it('is refused when another writer was faster, which is a bug of ours', async () => {
    const payment = await inserted();
    await payments.save(db.pool, { ...payment, checkAt: null }, payment.version);
    await expect(payments.save(db.pool, payment, payment.version)).rejects.toThrow('changed while it was locked');
    expect(await read(payment)).toMatchObject({ checkAt: null });
  });
});

describe('a busy host', () => {
  it('is counted from the first write that met it, until a write reaches the host', async () => {
    const payment = await inserted();
    expect(await payments.markHostBusy(db.pool, payment.id, now)).toEqual(now);
    expect(await payments.markHostBusy(db.pool, payment.id, later(1_000))).toEqual(now);
    await payments.save(db.pool, payment, payment.version);
    expect(await payments.markHostBusy(db.pool, payment.id, later(2_000))).toEqual(later(2_000));
    await payments.clearHostBusy(db.pool, payment.id);
    expect(await payments.markHostBusy(db.pool, payment.id, later(3_000))).toEqual(later(3_000));
  });
});

describe('the lease of a payment', () => {
  it('is ours until the payment is claimed or hidden', async () => {
    const payment = await inserted();
    expect(await payments.hasLease(db.pool, payment)).toBe(true);
    await payments.hide(db.pool, payment.id, 'client', now);
    expect(await payments.hasLease(db.pool, payment)).toBe(false);
  });
});

describe('locking a payment', () => {
  it('keeps every other transaction from changing it until the end', async () => {
    const payment = await inserted();
    const trx = await db.pool.connect();
    await trx.query('begin');
    await payments.lock(trx, payment.id);
    const isFree = await db.pool.query('select from gateway.payments where id = $1 for update skip locked', [payment.id]);
    await trx.query('rollback');
    trx.release();
    expect(isFree.rowCount).toBe(0);
  });
});

describe('the other payments of a paid order', () => {
  it('are hidden and made due, so that their charges are cancelled', async () => {
    const paid = await inserted();
    await payments.hide(db.pool, paid.id, 'replaced', now);
    const other = await inserted({ orderKey: paid.orderKey });
    await payments.hideSiblings(db.pool, paid, later(1_000));
    const hidden = { hiddenAt: later(1_000), cancelReason: 'order_paid', checkAt: later(1_000), leaseNo: 1 };
    expect(await read(other)).toMatchObject(hidden);
  });

  it('are left alone when they are closed, belong to another order or host, or are the paid one', async () => {
    const paid = await inserted();
    const alone = [
      paid,
      await inserted({ orderKey: paid.orderKey, host: 'erp' }),
      await inserted(),
      await payments.hide(db.pool, paid.id, 'replaced', now).then(() => inserted({ orderKey: paid.orderKey })),
    ];
    await update(alone[3] as Payment, `status = 'failed'`);
    const before = await Promise.all(alone.map(read));
    await payments.hideSiblings(db.pool, paid, later(1_000));
    expect(await Promise.all(alone.map(read))).toEqual(before);
  });
});

describe('the review of a payment', () => {
  it('begins once, hides the QR, and keeps the first time', async () => {
    const payment = await inserted();
    expect(await payments.markUnconfirmed(db.pool, payment.id, now)).toBe(true);
    expect(await payments.markUnconfirmed(db.pool, payment.id, later(1_000))).toBe(false);
    expect(await read(payment)).toMatchObject({ hiddenAt: now, reviewSince: now });
  });

  it('goes on while another discrepancy needs an operator, and ends with a last check', async () => {
    const payment = await inserted();
    await payments.markUnconfirmed(db.pool, payment.id, now);
    const key = { paymentId: payment.id, attemptNo: 1 };
    await discrepancies.open(db.pool, { ...key, reason: 'underpaid', ours: null, theirs: null, at: now });
    const end = () => payments.endReview(db.pool, payment.id, { unlessOpen: ['underpaid'], at: later(1_000) });
    await end();
    expect(await read(payment)).toMatchObject({ reviewSince: now, cancelRequestedAt: null });
    await discrepancies.resolve(db.pool, { paymentId: payment.id, no: 1 }, 'underpaid', now, 'returned');
    await end();
    expect(await read(payment)).toMatchObject({ reviewSince: null, cancelReason: 'operator', checkAt: later(1_000) });
  });

  it('that never began does not cancel the payment when it is ended', async () => {
    const payment = await inserted();
    await payments.endReview(db.pool, payment.id, { unlessOpen: [], at: later(1_000) });
    expect(await read(payment)).toEqual(payment);
  });
});

describe('displaying a QR', () => {
  async function sending(): Promise<Payment> {
    const payment = await inserted({ expiresAt: later(60_000) });
    const start = { paymentId: payment.id, no: 1, provider: 'midtrans', account: 'default', leaseNo: 0, at: now };
    await attempts.begin(db.pool, { ...start, resolveAt: later(15_000), leaseUntil: later(3_000) });
    return payment;
  }
  const show = (payment: Payment) =>
    payments.showQr(db.pool, {
      shown: transition({ ...payment, qrString: '000201', shownAttempt: 1 }, 'pending', 'payment.pending', { id: newEventId(), now }),
      providerChargeId: 'charge-1',
      checkAt: later(3_000),
      watchUntil: later(60_000),
      route: [],
    });
  const eventsOf = async ({ id }: Payment) =>
    (await db.pool.query<{ type: string }>('select type from gateway.outbox where payment_id = $1', [id])).rows.map(({ type }) => type);

  it('writes payment, attempt and event together', async () => {
    const payment = await sending();
    expect(await show(payment)).toBe(true);
    expect(await read(payment)).toMatchObject({ status: 'pending', qrString: '000201', checkAt: later(3_000), watchUntil: later(60_000) });
    expect(await attempts.find(db.pool, payment.id, 1)).toMatchObject({ status: 'open', providerChargeId: 'charge-1', resolveAt: null });
    expect(await eventsOf(payment)).toEqual(['payment.pending']);
  });

  it.each([
    ['was hidden', `hidden_at = '2026-03-02T03:00:00Z'`],
    ['is being cancelled', `cancel_requested_at = '2026-03-02T03:00:00Z'`],
    ['has expired', `expires_at = '2026-03-02T03:00:00Z'`],
    ['has failed', `status = 'failed'`],
    ['is on display with another QR', `status = 'pending', qr_string = 'other', shown_attempt = 2`],
  ])('is refused, without an event, when the payment %s meanwhile', async (_, set) => {
    const payment = await sending();
    await update(payment, set);
    const before = await read(payment);
    expect(await show(payment)).toBe(false);
    expect(await read(payment)).toEqual(before);
    expect(await attempts.find(db.pool, payment.id, 1)).toMatchObject({ status: 'sending' });
    expect(await eventsOf(payment)).toEqual([]);
  });

  it('is refused when the attempt was given up as lost, because its charge is looked up and cancelled', async () => {
    const payment = await sending();
    await attempts.abandonSending(db.pool, payment.id, 1, now);
    expect(await show(payment)).toBe(false);
    expect(await read(payment)).toMatchObject({ status: 'created', qrString: null });
    expect(await eventsOf(payment)).toEqual([]);
  });

  it('waits for a lock on the payment without holding the attempt, because the writer locks them in the opposite order', async () => {
    const payment = await sending();
    const writer = await db.pool.connect();
    await writer.query('begin');
    await payments.lock(writer, payment.id);
    const showing = show(payment);
    await eventually(async () => {
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return (await db.pool.query(waiting)).rowCount === 1;
    });
    const freeAttempts = await db.pool.query('select from gateway.attempts where payment_id = $1 for update skip locked', [payment.id]);
    await writer.query('rollback');
    writer.release();
    expect([freeAttempts.rowCount, await showing]).toEqual([1, true]);
  });

  it('does not touch the same attempt of another payment', async () => {
    const [payment, other] = [await sending(), await sending()];
    await show(payment);
    expect(await attempts.find(db.pool, other.id, 1)).toMatchObject({ status: 'sending' });
  });
});

describe('a QR', () => {
  const shown = aPayment({ status: 'pending', qrString: '000201', shownAttempt: 1, expiresAt: later(60_000) });

  it('may be scanned while it is displayed', () => expect(isScannable(shown, now)).toBe(true));

  it.each<[string, Partial<Payment>]>([
    ['has expired', { expiresAt: now }],
    ['is hidden', { hiddenAt: now }],
    ['is being cancelled', { cancelRequestedAt: now }],
    ['does not exist yet', { status: 'created', qrString: null }],
    ['has been paid', { status: 'paid' }],
  ])('must not be scanned when it %s', (_, overrides) => expect(isScannable({ ...shown, ...overrides }, now)).toBe(false));
});
