import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { isScannable, type Payment } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
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
