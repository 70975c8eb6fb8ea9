import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { aPayment, type PaymentOverrides } from '@gateway/testing/worker/payment-fixture';
import type { Payment } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as due from '../work/due.ts';
import * as leases from './leases.ts';
import * as payments from './payments.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
});
afterEach(() => db.pool.query('update gateway.payments set check_at = null'));
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const now = new Date('2026-03-02T03:00:00.000Z');
const later = (ms: number) => plusMs(now, ms);

async function inserted(overrides: PaymentOverrides = {}): Promise<Payment> {
  const payment = aPayment({ checkAt: now, expiresAt: later(60_000), ...overrides });
  await payments.insert(db.pool, payment);
  return payment;
}
const update = ({ id }: Payment, set: string) => db.pool.query(`update gateway.payments set ${set} where id = $1`, [id]);
const display = (payment: Payment) => update(payment, `status = 'pending', qr_string = '000201', shown_attempt = 1`);
const read = async ({ id }: Payment): Promise<Payment> => (await payments.find(db.pool, id)) as Payment;
const claimDue = (overrides: Partial<Parameters<typeof leases.claimDue>[1]> = {}) =>
  leases.claimDue(db.pool, { now, limit: 10, after: new Date(0), aheadMs: 0, ...overrides });

describe('claiming due payments', () => {
  it('gives a payment once, under a new lease number, until its lease ends', async () => {
    const payment = await inserted();
    expect(await claimDue()).toMatchObject([{ id: payment.id, leaseNo: 1, status: 'created', dueAt: now }]);
    expect(await claimDue()).toEqual([]);
    expect(await claimDue({ now: later(leases.chargeLeaseMs) })).toMatchObject([{ id: payment.id, leaseNo: 2 }]);
  });

  it('takes only the payments for which a till waits, or only the others, when asked', async () => {
    const [created, shown] = [await inserted(), await inserted()];
    await display(shown);
    expect(await claimDue({ of: 'tills' })).toMatchObject([{ id: created.id }]);
    expect(await claimDue({ of: 'tills' })).toEqual([]);
    expect(await claimDue({ of: 'others' })).toMatchObject([{ id: shown.id }]);
  });

  it('leaves out payments that are due later, and those at or below the watermark', async () => {
    await inserted({ checkAt: later(1) });
    await inserted({ checkAt: now });
    expect(await claimDue({ after: now })).toEqual([]);
  });

  it('takes a poll ahead of its time, and no charge', async () => {
    await inserted({ checkAt: later(500) });
    const poll = await inserted({ checkAt: later(500) });
    await display(poll);
    expect(await claimDue({ aheadMs: 500 })).toMatchObject([{ id: poll.id, dueAt: later(500) }]);
  });

  it('skips a payment that another worker is claiming, and waits for no lock', async () => {
    const [locked, free] = [await inserted(), await inserted()];
    const other = await db.pool.connect();
    await other.query('begin');
    await other.query('select from gateway.payments where id = $1 for update', [locked.id]);
    const dueRows = await claimDue();
    await other.query('rollback');
    other.release();
    expect(dueRows.map(({ id }) => id)).toEqual([free.id]);
  });

  it.each([
    ['has expired', `expires_at = '2026-03-02T03:00:00Z'`, { isExpired: true, isCancelRequested: false }],
    [
      'has expired while a report of payment is unconfirmed',
      `expires_at = '2026-03-02T03:00:00Z', review_since = now()`,
      { isExpired: false },
    ],
    ['is being cancelled', 'cancel_requested_at = now()', { isExpired: false, isCancelRequested: true }],
  ])('says that a payment %s', async (_, set, expected) => {
    const payment = await inserted();
    await display(payment);
    await update(payment, set);
    expect(await claimDue()).toMatchObject([{ id: payment.id, ...expected }]);
  });
});

describe('renewing the lease of a payment whose QR is being made', () => {
  it('extends it', async () => {
    const payment = await inserted();
    expect(await due.renew(db.pool, { kind: 'charge', id: payment.id, leaseNo: 0 }, now)).toBe(true);
    expect(await read(payment)).toMatchObject({ checkAt: later(leases.chargeLeaseMs) });
  });

  it('does nothing when another worker has claimed the payment', async () => {
    const payment = await inserted();
    await claimDue();
    expect(await due.renew(db.pool, { kind: 'charge', id: payment.id, leaseNo: 0 }, later(6_000))).toBe(false);
    expect(await read(payment)).toMatchObject({ checkAt: later(leases.chargeLeaseMs) });
  });

  it('does nothing when the QR is on display, so that its first poll stays on time', async () => {
    const payment = await inserted();
    await display(payment);
    expect(await due.renew(db.pool, { kind: 'charge', id: payment.id, leaseNo: 0 }, later(6_000))).toBe(false);
    expect(await read(payment)).toMatchObject({ checkAt: now });
  });
});

describe('claiming a payment for a caller who waits', () => {
  const claim = ({ id }: Payment, overrides: Partial<Parameters<typeof leases.claimForCaller>[2]> = {}) =>
    leases.claimForCaller(db.pool, id, { replyTo: 'api-2', now, leaseMs: 15_000, unlessRequestedSince: later(-15_000), ...overrides });

  it('raises the lease number and names the api process that waits', async () => {
    const payment = await inserted();
    expect(await claim(payment)).toBe(1);
    expect(await read(payment)).toMatchObject({ leaseNo: 1, replyTo: 'api-2', checkAt: later(15_000) });
  });

  it('claims nothing while an earlier request is unanswered, so that a repeated request causes no second call', async () => {
    const payment = await inserted();
    await claim(payment);
    expect(await claim(payment, { now: later(1_000) })).toBeNull();
  });

  it('claims again when the earlier request was answered, is too old, or does not matter', async () => {
    const payment = await inserted();
    await claim(payment);
    expect(await claim(payment, { now: later(16_000), unlessRequestedSince: later(1) })).toBe(2);
    await update(payment, 'checked_at = asked_at');
    expect(await claim(payment, { now: later(17_000), unlessRequestedSince: later(2_000) })).toBe(3);
    expect(await claim(payment, { now: later(18_000), unlessRequestedSince: null })).toBe(4);
  });
});
