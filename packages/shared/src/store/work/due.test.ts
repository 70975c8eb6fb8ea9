import { randomUUID } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { type Attempt, rupiah } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as attempts from '../payments/attempts.ts';
import * as hostWrites from '../payments/host-writes.ts';
import * as payments from '../payments/payments.ts';
import * as refunds from '../payments/refunds.ts';
import * as due from './due.ts';
import * as webhookInbox from './webhook-inbox.ts';

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

const now = new Date();
const later = (ms: number) => plusMs(now, ms);
const tables = { attempt: 'attempts', webhook: 'webhook_inbox', refund: 'refunds', 'host-write': 'host_writes' } as const;
type Kind = keyof typeof tables;
const deadline = (kind: Kind) => (kind === 'attempt' ? 'resolve_at' : 'next_try_at');

/** Stores one row of this kind for a payment of its own, due at `at`. */
async function aRow(kind: Kind, at: Date): Promise<void> {
  const payment = aPayment({ checkAt: null, expiresAt: later(60_000), amount: rupiah(50_000) });
  await payments.insert(db.pool, payment);
  const paymentId = payment.id;
  if (kind === 'webhook') {
    const webhook = { provider: 'midtrans', account: 'default', deliveryKey: randomUUID(), raw: Buffer.from('{}'), headers: {} };
    const charge = { reference: `${payment.reference}-1`, providerChargeId: null, reportedStatus: 'paid' };
    await webhookInbox.store(db.pool, { ...webhook, ...charge, receivedAt: now, nextTryAt: at });
  }
  if (kind === 'host-write') await hostWrites.defer(db.pool, { paymentId, step: 'paid', nextTryAt: at, error: 'busy', at: now });
  if (kind !== 'attempt' && kind !== 'refund') return;
  const start = { paymentId, no: 1, provider: 'midtrans', account: 'default', leaseNo: 0, at: now, leaseUntil: now };
  await attempts.begin(db.pool, { ...start, resolveAt: at });
  if (kind === 'attempt') {
    await attempts.begin(db.pool, { ...start, no: 2, resolveAt: later(3_600_000) });
  } else {
    const attempt = (await attempts.find(db.pool, paymentId, 1)) as Attempt;
    await attempts.save(db.pool, { ...attempt, status: 'paid', paid: payment.amount, paidAt: now, resolveAt: null });
    await refunds.open(db.pool, { payment, attemptNo: 1, amount: rupiah(1_000), cause: 'client', reason: 'cold soup', at });
  }
  await db.pool.query('update gateway.payments set check_at = null');
}

const claim = (at: Date, options: { after?: Date } = {}) => due.claim(db.pool, { now: at, limit: 10, ...options });
const leaseNos = async (at: Date) => (await claim(at)).map(({ leaseNo }) => leaseNo);

describe.each(Object.keys(tables) as Kind[])('a due row of the kind %s', (kind) => {
  afterEach(() => db.pool.query(`update gateway.${tables[kind]} set ${deadline(kind)} = null`));

  it('is given to one job until its lease ends, under a new lease number each time', async () => {
    await aRow(kind, now);
    expect(await claim(now)).toMatchObject([{ kind, host: 'pos', leaseNo: 1 }]);
    expect(await leaseNos(now)).toEqual([]);
    expect(await leaseNos(later(60_000))).toEqual([2]);
  });

  it('is left out before it is due, and at or below the watermark', async () => {
    await aRow(kind, later(1_000));
    expect(await claim(now)).toEqual([]);
    expect(await claim(later(1_000), { after: later(1_000) })).toEqual([]);
  });

  it('is skipped while another worker is claiming it, and the others are not', async () => {
    for (let n = 0; n < 3; n++) await aRow(kind, later(n));
    const other = await db.pool.connect();
    await other.query('begin');
    const where = `where ${deadline(kind)} = (select min(${deadline(kind)}) from gateway.${tables[kind]})`;
    await other.query(`select from gateway.${tables[kind]} ${where} for update`);
    const others = await claim(later(2));
    await other.query('rollback');
    other.release();
    expect(others).toHaveLength(2);
  });
});

it('a webhook gets its job ahead of its time only when its question has a poll slot, so that it is not verified again without a pause', async () => {
  await aRow('webhook', later(1_000));
  await aRow('webhook', later(2_000));
  await db.pool.query('update gateway.webhook_inbox set question_at = next_try_at where next_try_at = $1', [later(2_000)]);
  const found = await due.claim(db.pool, { now, limit: 10, aheadMs: 5_000 });
  expect(found).toMatchObject([{ kind: 'webhook', dueAt: later(2_000) }]);
});
