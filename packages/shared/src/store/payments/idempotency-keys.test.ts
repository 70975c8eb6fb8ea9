import { randomUUID } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import type { Payment } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as idempotencyKeys from './idempotency-keys.ts';
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
const hours = (count: number) => plusMs(now, count * 3_600_000);

async function bound() {
  const payment = aPayment();
  await payments.insert(db.pool, payment);
  const key = { clientId: 'cli_test', operation: 'create-payment', key: randomUUID() } as const;
  await idempotencyKeys.bind(db.pool, key, 'body', payment.id, now);
  return { payment, key };
}
const find = (key: idempotencyKeys.IdempotencyKey, at = now) => idempotencyKeys.findPayment(db.pool, key, at);
const bindAgain = (key: idempotencyKeys.IdempotencyKey, { id }: Payment) => idempotencyKeys.bind(db.pool, key, 'body', id, now);

describe('an idempotency key', () => {
  it('answers with its payment for 72 hours, and is marked as expired after that', async () => {
    const { payment, key } = await bound();
    expect(await find(key, hours(71.9))).toMatchObject({ fingerprint: 'body', hasExpired: false, payment: { id: payment.id } });
    expect(await find(key, hours(72))).toMatchObject({ hasExpired: true });
  });

  it('is one client’s, for one operation', async () => {
    const { key } = await bound();
    expect(await find({ ...key, clientId: 'cli_other' })).toBeNull();
    expect(await find({ ...key, operation: 'refund-payment' })).toBeNull();
    expect(await find({ ...key, key: 'another' })).toBeNull();
  });

  it('cannot be bound twice, so that two requests with one key make one payment', async () => {
    const { payment, key } = await bound();
    await expect(bindAgain(key, payment)).rejects.toMatchObject({ code: '23505' });
  });

  it('stays bound while its payment may still be paid', async () => {
    const { payment, key } = await bound();
    await idempotencyKeys.free(db.pool, key, null, hours(1));
    await idempotencyKeys.free(db.pool, key, 'pay_another', hours(1));
    expect(await find(key)).toMatchObject({ payment: { id: payment.id } });
  });

  it('is free again when its payment has failed, or when it has expired', async () => {
    const [failed, old] = [await bound(), await bound()];
    await idempotencyKeys.free(db.pool, failed.key, failed.payment.id, now);
    await idempotencyKeys.free(db.pool, old.key, null, hours(72));
    expect([await find(failed.key), await find(old.key)]).toEqual([null, null]);
  });
});
