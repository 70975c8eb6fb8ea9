import { rupiah } from '@gateway/shared/payment';
import { connectDatabase, type Database, insertPayment, openRefund, oweHostWrite, type Payment, type Refund } from '@gateway/shared/store';
import { aPayment } from '../../../testing/a-payment.ts';
import { freshDatabase } from '../../../testing/servers.ts';
import { answered, typed } from '../test/typed.ts';
import { hostWriteCommands } from './host-write-commands.ts';
import { parkedCommands } from './parked-commands.ts';
import { refundCommands } from './refund-commands.ts';
import { webhookCommands } from './webhook-commands.ts';

let env: NodeJS.ProcessEnv;
let pos: Database;
let drop: () => Promise<void>;
let payment: Payment;
beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  env = { POS_DATABASE_URL: database.url };
  pos = connectDatabase(database.url, { name: 'test' });
  payment = aPayment();
  await insertPayment(pos.pool, payment);
  await pos.knex('gateway.attempts').insert({
    payment_id: payment.id,
    no: 1,
    provider: 'xendit',
    account: 'default',
    reference: `${payment.reference}-1`,
    status: 'paid',
    paid_idr: 55_000,
    paid_at: new Date(),
    started_at: new Date(),
  });
});
afterAll(async () => {
  await pos.close();
  await drop();
});

const audited = async (subject: string) =>
  (await pos.knex('gateway.audit').where({ subject }).orderBy('id').select('action', 'details')).map(({ action, details }) => [
    action,
    details,
  ]);

describe('a refund that the provider has not confirmed', () => {
  let refund: Refund;
  const row = () => pos.knex('gateway.refunds').where({ id: refund.id }).first('asked_at', 'provider_refund_id', 'next_try_at');
  beforeAll(async () => {
    const at = new Date(Date.now() - 3_600_000);
    refund = (await openRefund(pos.pool, { payment, attemptNo: 1, amount: rupiah(5_000), cause: 'client', reason: 'cold', at })) as Refund;
    await pos.pool.query(`update gateway.refunds set asked_at = $1, next_try_at = now() + interval '1 hour'`, [at]);
  });

  it('is on the list, with what finds it elsewhere', async () => {
    expect(await answered(refundCommands, ['refunds', 'list'], env)).toMatchObject([
      {
        id: refund.id,
        reference: refund.reference,
        provider: 'xendit',
        charge: `${payment.reference}-1`,
        amount: 5_000,
        asked_at: expect.any(String),
      },
    ]);
    expect((await typed(refundCommands, ['refunds', 'list'], env)).out).toMatch(/REFUND .*CALLED THERE\nref_/);
  });

  it('is looked up at once as what a person found, or asked for once more, and either is on record', async () => {
    await answered(refundCommands, ['refunds', 'found', refund.id, '--as', 'rfd-1'], env);
    expect(await row()).toMatchObject({ provider_refund_id: 'rfd-1', asked_at: expect.any(Date) });
    expect((await row()).next_try_at.getTime()).toBeLessThanOrEqual(Date.now());
    await answered(refundCommands, ['refunds', 'again', refund.id, '--reason', 'not at the dashboard'], env);
    expect(await row()).toMatchObject({ provider_refund_id: null, asked_at: null });
    expect(await audited(refund.id)).toEqual([
      ['find-refund', { as: 'rfd-1' }],
      ['repeat-refund', { reason: 'not at the dashboard' }],
    ]);
  });

  it.each([
    [['refunds', 'found', 'ref_1'], '--as is missing'],
    [['refunds', 'found', 'ref_1', '--as', 'a b'], '"a b" is no id of a refund at a provider'],
    [['refunds', 'again', 'ref_1', '--reason', 'x'], 'no refund ref_1 is under way'],
    [['refunds', 'again', 'ref_1'], '--reason is missing'],
  ])('refuses %j', async (line, sentence) => {
    const { code, err } = await typed(refundCommands, line, env);
    expect([code, err]).toEqual([1, expect.stringContaining(sentence)]);
  });
});

describe('what a host has not taken', () => {
  const owed = async (): Promise<string> => {
    await oweHostWrite(pos.pool, {
      paymentId: payment.id,
      step: 'paid',
      nextTryAt: new Date(Date.now() + 60_000),
      error: 'lock timeout',
      at: new Date(),
    });
    await pos.pool.query('update gateway.host_writes set tries = 3');
    const [one] = await answered<{ id: string; kind: string }[]>(parkedCommands, ['parked', 'list'], env);
    expect(one).toMatchObject({ kind: 'host-write', what: 'paid', why: 'lock timeout', tries: 3 });
    return one?.id as string;
  };

  it('is tried at once, or never again, and either is on record', async () => {
    const id = await owed();
    await answered(hostWriteCommands, ['host-writes', 'retry', id], env);
    expect((await pos.knex('gateway.host_writes').first('next_try_at')).next_try_at.getTime()).toBeLessThanOrEqual(Date.now());
    expect(await answered(hostWriteCommands, ['host-writes', 'close', id, '--reason', 'booked by hand'], env)).toMatchObject({
      payment_id: payment.id,
    });
    expect(await pos.knex('gateway.host_writes').first('done_at', 'next_try_at', 'closed_by')).toMatchObject({
      done_at: expect.any(Date),
      next_try_at: null,
      closed_by: expect.stringMatching(/^cli /),
    });
    expect(await pos.knex('gateway.discrepancies').first('reason', 'theirs', 'closed_reason')).toEqual({
      reason: 'host_not_told',
      theirs: 'lock timeout',
      closed_reason: 'booked by hand',
    });
    expect((await audited(id)).map(([action]) => action)).toEqual(['retry-host-write', 'close-host-write']);
    for (const line of [
      ['retry', id],
      ['close', id, '--reason', 'x'],
    ])
      expect((await typed(hostWriteCommands, ['host-writes', ...line], env)).err).toContain(`there is no host write ${id} that waits`);
    expect((await typed(hostWriteCommands, ['host-writes', 'retry', '12'], env)).err).toContain('"12" is no id of a host write');
  });
});

describe('one webhook', () => {
  it('is looked into again by its name, others are not', async () => {
    const at = new Date(Date.now() - 3_600_000);
    const webhook = {
      provider: 'xendit',
      account: 'default',
      raw: Buffer.from('{}'),
      received_at: at,
      processed_at: at,
      verdict: 'parked',
      tries: 7,
    };
    await pos.knex('gateway.webhook_inbox').insert([
      { ...webhook, delivery_key: 'one', reference: `${payment.reference}-1` },
      { ...webhook, delivery_key: 'other', reference: `${payment.reference}-1` },
    ]);
    const [one] = await answered<{ id: string }[]>(parkedCommands, ['parked', 'list'], env);
    const replay = (...line: string[]) => typed(webhookCommands, ['webhooks', 'replay', ...line], env);
    expect((await replay(one?.id as string)).out).toContain(`(${payment.reference}-1) is looked into again now`);
    expect(await pos.knex('gateway.webhook_inbox').orderBy('id').select('verdict', 'tries')).toEqual([
      { verdict: null, tries: 0 },
      { verdict: 'parked', tries: 7 },
    ]);
    expect((await audited(one?.id as string)).at(-1)?.[0]).toBe('replay-webhooks');
    expect((await replay('pos-999')).err).toContain('no webhook pos-999 about us is kept');
    expect((await replay('pos-1', '--since', '2h')).err).toContain('not both');
    expect((await replay()).err).toContain('--since is missing');
  });
});
