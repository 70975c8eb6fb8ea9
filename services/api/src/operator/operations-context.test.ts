import { runVerb, verbOf } from '@gateway/operations';
import type { Hosts } from '@gateway/shared/host';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { providerEnvironment } from '@gateway/shared/provider';
import { manualClock, readEnvironment } from '@gateway/shared/runtime';
import { discrepancies, payments } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { z } from 'zod';
import { createOperationsContext } from './operations-context.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.serveUrl, { name: 'test' });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const clock = manualClock();
const budi = { actor: 'budi', role: 'operator', surface: 'page' } as const;

function contextOf(...databases: { db: Database; database: string }[]) {
  const hosts = { databases: () => databases, states: () => [] } as unknown as Hosts;
  const providers = readEnvironment(z.looseObject(providerEnvironment), {});
  const urls = { redisUrl: testRedisUrl(), refundApprovalFrom: null, simulatorUrl: null, publicUrl: null };
  return createOperationsContext({ hosts, controlDb: db, isControlSeparate: false, providers, isLocalStack: false, clock, ...urls });
}

describe('a verb in an api process', () => {
  it('changes the row and writes the person and the reason to the audit log of the same database', async () => {
    const payment = aPayment();
    await payments.insert(db.pool, payment);
    await discrepancies.open(db.pool, {
      paymentId: payment.id,
      attemptNo: null,
      reason: 'overpaid',
      ours: '1',
      theirs: '2',
      at: clock.now(),
    });
    const context = contextOf({ db, database: 'POS_DATABASE_URL' });
    const { json } = await runVerb(verbOf('discrepancies list'), context, {}, { ...budi, role: 'viewer' });
    const [{ id = '' } = {}] = json as { id: string }[];
    const closed = await runVerb(verbOf('discrepancies close'), context, { id, reason: 'change in cash' }, budi);
    expect(closed.text).toMatch(/is closed\.$/);
    const [row] = await db.knex('gateway.audit').select('actor', 'action', 'subject', 'details');
    expect(row).toEqual({ actor: 'budi', action: 'close-discrepancy', subject: id, details: { reason: 'change in cash' } });
  });

  it('shows the rows of the databases that answer, and names the one that does not', async () => {
    const away = connectDatabase('postgres://127.0.0.1:1/erp', { name: 'test' });
    const context = contextOf({ db, database: 'POS_DATABASE_URL' }, { db: away, database: 'ERP_DATABASE_URL' });
    const { content, errors } = await runVerb(verbOf('parked list'), context, {}, budi);
    expect([content, errors]).toEqual([
      [expect.objectContaining({ rows: [] })],
      [{ en: expect.stringMatching(/^ERP_DATABASE_URL unavailable: /), id: expect.stringMatching(/^ERP_DATABASE_URL tidak tersedia: /) }],
    ]);
    await away.close();
  });
});
