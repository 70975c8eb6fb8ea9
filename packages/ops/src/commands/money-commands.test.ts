import { type Payment, type Refund, rupiah } from '@gateway/shared/payment';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { hostWrites, payments, refunds } from '@gateway/shared/store';
import { freshDatabase } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { runCommand, runForJson } from '../../test/run-command.ts';
import { opsCommands } from '../commands.ts';

let env: NodeJS.ProcessEnv;
let pos: Database;
let drop: () => Promise<void>;
let payment: Payment;
beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  env = { POS_DATABASE_URL: database.serveUrl };
  pos = connectDatabase(database.url, { name: 'test' });
  payment = aPayment();
  await payments.insert(pos.pool, payment);
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

const auditLog = async (subject: string) =>
  (await pos.knex('gateway.audit').where({ subject }).orderBy('id').select('action', 'details')).map(({ action, details }) => [
    action,
    details,
  ]);

describe('a refund that the provider has not confirmed', () => {
  let refund: Refund;
  const row = () => pos.knex('gateway.refunds').where({ id: refund.id }).first('asked_at', 'provider_refund_id', 'next_try_at');
  beforeAll(async () => {
    const at = new Date(Date.now() - 3_600_000);
    refund = (await refunds.open(pos.pool, {
      payment,
      attemptNo: 1,
      amount: rupiah(5_000),
      cause: 'client',
      reason: 'cold',
      at,
    })) as Refund;
    await pos.pool.query(`update gateway.refunds set asked_at = $1, next_try_at = now() + interval '1 hour'`, [at]);
  });

  it('is listed with the ids to search for at the provider', async () => {
    expect(await runForJson(opsCommands, ['refunds', 'list'], env)).toMatchObject([
      {
        id: refund.id,
        reference: refund.reference,
        provider: 'xendit',
        charge: `${payment.reference}-1`,
        amount: 5_000,
        asked_at: expect.any(String),
      },
    ]);
    expect((await runCommand(opsCommands, ['refunds', 'list'], env)).out).toMatch(/REFUND .*PROVIDER REFUND ID\nref_/);
  });

  it('is looked up under the given id, or requested once more, and either is in the audit log', async () => {
    await runForJson(opsCommands, ['refunds', 'found', refund.id, '--as', 'rfd-1'], env);
    expect(await row()).toMatchObject({ provider_refund_id: 'rfd-1', asked_at: expect.any(Date) });
    expect((await row()).next_try_at.getTime()).toBeLessThanOrEqual(Date.now());
    await runForJson(opsCommands, ['refunds', 'again', refund.id, '--reason', 'not at the dashboard'], env);
    expect(await row()).toMatchObject({ provider_refund_id: null, asked_at: null });
    expect(await auditLog(refund.id)).toEqual([
      ['find-refund', { as: 'rfd-1' }],
      ['repeat-refund', { reason: 'not at the dashboard' }],
    ]);
  });

  it.each([
    [['refunds', 'found', 'ref_1'], '--as is missing'],
    [['refunds', 'found', 'ref_1', '--as', 'a b'], 'invalid provider refund id "a b"'],
    [['refunds', 'again', 'ref_1', '--reason', 'x'], 'no pending refund ref_1'],
    [['refunds', 'again', 'ref_1'], '--reason is missing'],
  ])('refuses %j', async (line, sentence) => {
    const { code, err } = await runCommand(opsCommands, line, env);
    expect([code, err]).toEqual([1, expect.stringContaining(sentence)]);
  });
});

describe('a large refund', () => {
  const ops = (line: string) => runCommand(opsCommands, line.split(' '), { ...env, REFUND_APPROVAL_FROM: '20000' });

  it('is opened once by an operator, waits, and goes on when another person approves it', async () => {
    const opened = await ops(`refunds open ${payment.id} --amount 20000 --reason cold`);
    const [id = ''] = /ref_\w+/.exec(opened.out) ?? [];
    expect([opened.code, opened.out]).toEqual([0, expect.stringContaining('waits for the approval of another person')]);
    expect((await ops(`refunds open ${payment.id} --amount 20000 --reason cold`)).err).toContain(`refund ${id} of Rp 20000 is pending`);
    expect((await ops(`refunds open ${payment.id} --amount 40000 --reason cold`)).err).toContain('At most');
    expect((await ops('refunds list --waiting')).out).toMatch(new RegExp(`${id} +\\S+ +20000 +cli budi +cold`));
    expect((await ops(`refunds approve ${id} --reason seen`)).err).toContain('another person must decide');
    expect((await ops(`refunds withdraw ${id} --reason seen --as siti`)).err).toContain('only they can withdraw it');
    for (const outcome of ['is approved', 'was approved already, by cli siti'])
      expect((await ops(`refunds approve ${id} --reason seen --as siti`)).out).toContain(outcome);
    expect((await ops(`refunds refuse ${id} --reason seen --as dewi`)).err).toContain(
      'was approved already, by cli siti: nothing was changed',
    );
    expect((await auditLog(id)).map(([action]) => action)).toEqual(['open-refund', 'approve-refund']);
    expect((await ops(`refunds open ${payment.id} --amount 1 --reason cold`)).out).toContain('waits for the approval'); // they count together
  });
});

describe('one payment', () => {
  const ops = (line: string) => runCommand(opsCommands, line.split(' '), env);

  it('is shown with what can be done now and why not, and a verb that cannot is refused with the same words', async () => {
    const open = aPayment({ status: 'pending', shownAttempt: 1, qrString: 'qr', checkAt: new Date(Date.now() + 60_000) });
    await payments.insert(pos.pool, open);
    await pos.pool.query(`update gateway.payments set status = 'pending', shown_attempt = 1, qr_string = 'qr' where id = $1`, [open.id]);
    expect((await ops(`payments show ${open.id}`)).out).toMatch(
      /payments cancel +\S+ +possible\nrefunds open +\S+ +nothing has been paid; cancel it instead/,
    );
    expect((await ops(`payments check ${open.id}`)).out).toContain('is asked about now');
    expect((await ops(`refunds open ${open.id} --reason x`)).err).toContain('refunds open: nothing has been paid; cancel it instead');
    expect((await ops(`payments cancel ${open.id} --reason guest-left`)).out).toContain('is hidden, and is being cancelled');
    expect((await ops(`payments cancel ${open.id} --reason guest-left`)).err).toMatch(/^error: payments cancel: it is being cancelled/);
    expect((await auditLog(open.id)).map(([action]) => action)).toEqual(['check-payment', 'cancel-payment']);
    expect((await ops('payments show pay_none')).err).toContain('payment pay_none not found');
  });
});

describe('a deferred host write', () => {
  const deferredHostWrite = async (): Promise<string> => {
    await hostWrites.defer(pos.pool, {
      paymentId: payment.id,
      step: 'paid',
      nextTryAt: new Date(Date.now() + 60_000),
      error: 'lock timeout',
      at: new Date(),
    });
    await pos.pool.query('update gateway.host_writes set lease_no = 3');
    const [one] = await runForJson<{ id: string; kind: string }[]>(opsCommands, ['parked', 'list'], env);
    expect(one).toMatchObject({ kind: 'host-write', what: 'paid', why: 'lock timeout', tries: 3 });
    return one?.id as string;
  };

  it('is retried at once, or closed, and either is in the audit log', async () => {
    const id = await deferredHostWrite();
    await runForJson(opsCommands, ['host-writes', 'retry', id], env);
    expect((await pos.knex('gateway.host_writes').first('next_try_at')).next_try_at.getTime()).toBeLessThanOrEqual(Date.now());
    expect(await runForJson(opsCommands, ['host-writes', 'close', id, '--reason', 'booked by hand'], env)).toMatchObject({
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
    expect((await auditLog(id)).map(([action]) => action)).toEqual(['retry-host-write', 'close-host-write']);
    for (const line of [
      ['retry', id],
      ['close', id, '--reason', 'x'],
    ])
      expect((await runCommand(opsCommands, ['host-writes', ...line], env)).err).toContain(`no deferred host write ${id}`);
    expect((await runCommand(opsCommands, ['host-writes', 'retry', '12'], env)).err).toContain('invalid host write id "12"');
  });
});

describe('one webhook', () => {
  it('is replayed by its id, and no other one', async () => {
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
    const [one] = await runForJson<{ id: string }[]>(opsCommands, ['parked', 'list'], env);
    const replay = (...line: string[]) => runCommand(opsCommands, ['webhooks', 'replay', ...line], env);
    expect((await replay(one?.id as string)).out).toContain(`(${payment.reference}-1) queued for replay`);
    expect(await pos.knex('gateway.webhook_inbox').orderBy('id').select('verdict', 'tries')).toEqual([
      { verdict: null, tries: 0 },
      { verdict: 'parked', tries: 7 },
    ]);
    expect((await auditLog(one?.id as string)).at(-1)?.[0]).toBe('replay-webhooks');
    expect((await replay('pos-999')).err).toContain('unknown webhook pos-999');
    expect((await replay('pos-1', '--since', '2h')).err).toContain('not both');
    expect((await replay()).err).toContain('--since is missing');
  });
});
