import type { Payment } from '@gateway/shared/payment';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { payments } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { runCommand, runForJson } from '../../test/run-command.ts';
import { opsCommands } from '../commands.ts';

let database: TestDatabase;
let pos: Database;
let env: NodeJS.ProcessEnv;
let payment: Payment;
beforeAll(async () => {
  database = await freshDatabase();
  env = { POS_DATABASE_URL: database.serveUrl };
  pos = connectDatabase(database.url, { name: 'test' });
  payment = aPayment();
  await payments.insert(pos.pool, payment);
  const at = '2026-03-02T10:05:00.000Z';
  const route = [
    { provider: 'midtrans', account: 'default', at, outcome: 'skipped', reason: 'breaker open since 10:02:11' },
    { provider: 'xendit', account: 'default', at, outcome: 'chosen', durationMs: 212 },
  ];
  await pos.knex('gateway.attempts').insert({
    payment_id: payment.id,
    no: 1,
    provider: 'xendit',
    account: 'default',
    reference: `${payment.reference}-1`,
    status: 'open',
    started_at: at,
  });
  await pos.pool.query(
    `update gateway.payments set status = 'pending', qr_string = 'secret QR', shown_attempt = 1, route = $2 where id = $1`,
    [payment.id, JSON.stringify(route)],
  );
});
afterAll(async () => {
  await pos.close();
  await database.drop();
});

describe('ops route', () => {
  it('prints which providers were asked or skipped, and why, without the QR', async () => {
    const { out } = await runCommand(opsCommands, ['route', payment.id], env);
    expect(out).toContain('midtrans skipped: breaker open since 10:02:11; xendit chosen; answered in 212 ms');
    expect(out).toContain('open, shown');
    expect(out).not.toContain('secret QR');
  });

  it('prints the route as JSON', async () => {
    expect(await runForJson(opsCommands, ['route', payment.id], env)).toMatchObject({
      payment_id: payment.id,
      route: 'midtrans skipped: breaker open since 10:02:11; xendit chosen; answered in 212 ms',
      attempts: [{ provider: 'xendit', status: 'open' }],
    });
  });

  it('exits with 1 for an unknown payment', async () => {
    const { code, err } = await runCommand(opsCommands, ['route', 'pay_none'], env);
    expect([code, err]).toEqual([1, expect.stringContaining('payment pay_none not found')]);
  });
});
