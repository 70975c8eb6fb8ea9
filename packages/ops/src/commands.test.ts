import { activeClients, connectDatabase, type Database, hashSecret } from '@gateway/shared/store';
import { freshDatabase, testRedisUrl } from '../../../testing/servers.ts';
import { answered, typed } from '../test/typed.ts';
import { discrepancyCommands } from './discrepancy-commands.ts';
import { holdCommands } from './hold-commands.ts';
import { hostCommands } from './host-commands.ts';
import { keyCommands } from './key-commands.ts';
import { migrateAll } from './migrate-command.ts';
import { parkedCommands } from './parked-commands.ts';
import { webhookCommands } from './webhook-commands.ts';

let env: NodeJS.ProcessEnv;
let pos: Database;
let erp: Database;
let closing: (() => unknown)[];

beforeAll(async () => {
  const [posDatabase, erpDatabase] = await Promise.all([freshDatabase(), freshDatabase()]);
  env = { POS_DATABASE_URL: posDatabase.url, ERP_DATABASE_URL: erpDatabase.url, REDIS_URL: testRedisUrl() };
  pos = connectDatabase(posDatabase.url, { name: 'test' });
  erp = connectDatabase(erpDatabase.url, { name: 'test' });
  closing = [() => pos.close(), () => erp.close(), posDatabase.drop, erpDatabase.drop];
});
afterAll(async () => {
  for (const close of closing) await close();
});

/** A payment as it lies in the table; enough for what operators look at. */
async function aPayment(db: Database, host: string, more: Record<string, unknown> = {}): Promise<string> {
  const ulid = Math.random().toString(36).slice(2).padEnd(26, '0').slice(0, 26);
  const at = new Date();
  const row = {
    id: `pay_${ulid}`,
    host,
    tenant: 't',
    store_id: 'JKT-01',
    order_key: ulid,
    order_number: 'A-1',
    reference: `${host}-${ulid}`,
    client_id: 'c',
    status: 'pending',
    amount_idr: 55_000,
    recorded: '55000',
    residue: '0',
    bill: '{}',
    qr_string: 'qr',
    shown_attempt: 1,
    expires_at: at,
    created_at: at,
    updated_at: at,
    ...more,
  };
  await db.knex('gateway.payments').insert(row);
  return row.id;
}

async function aDiscrepancy(db: Database, host: string, reason: string, more: Record<string, unknown> = {}) {
  const paymentId = await aPayment(db, host, more);
  const [row] = await db
    .knex('gateway.discrepancies')
    .insert({ payment_id: paymentId, reason, ours: '55000', theirs: '50000', opened_at: new Date() })
    .returning('id');
  return { id: `${host}-${row.id}`, paymentId };
}

const audited = () => pos.knex('gateway.audit').orderBy('id').select('actor', 'action', 'subject', 'details');

describe('npm run keys', () => {
  it('makes a key whose secret is shown once and kept nowhere', async () => {
    const line = [
      'create',
      '--name',
      'Till 3',
      '--host',
      'pos',
      '--tenant',
      'm1',
      '--store',
      'JKT-01',
      '--store',
      'JKT-02',
      '--scope',
      'payments,events',
    ];
    const made = await answered<{ id: string; secret: string }>(keyCommands, line, env);
    const client = (await activeClients(pos.knex)).get(hashSecret(made.secret).toString('hex'));
    expect(client).toMatchObject({ id: made.id, tenant: 'm1', stores: ['JKT-01', 'JKT-02'], scopes: ['payments', 'events'] });
    const { out } = await typed(keyCommands, ['list'], env);
    expect(out).toMatch(new RegExp(`${made.id}\\s+Till 3\\s+pos\\s+m1\\s+stores JKT-01, JKT-02\\s+payments,events`));
    expect(out + JSON.stringify(await audited())).not.toContain(made.secret);
  });

  it('gives all stores and everything unless told otherwise', async () => {
    const made = await answered(keyCommands, ['create', '--name', 'x', '--host', 'erp', '--tenant', 'KNJ'], env);
    expect(made).toMatchObject({ stores: null, scopes: ['payments', 'refunds', 'events'] });
  });

  it('ends a key for ever, and says so again', async () => {
    const { id, secret } = await answered<{ id: string; secret: string }>(
      keyCommands,
      ['create', '--name', 'x', '--host', 'pos', '--tenant', 'm1'],
      env,
    );
    const first = await typed(keyCommands, ['revoke', id], env);
    const second = await typed(keyCommands, ['revoke', id], env);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(second.out).toContain('has been revoked since');
    expect((await activeClients(pos.knex)).has(hashSecret(secret).toString('hex'))).toBe(false);
    expect((await audited()).filter(({ subject }) => subject === id).map(({ action }) => action)).toEqual(['create-key', 'revoke-key']);
  });

  it.each([
    [['revoke', 'cli_nobody'], 'there is no key cli_nobody'],
    [['create', '--name', 'x', '--host', 'pso', '--tenant', 't'], 'there is no host pso; there are erp, pos'],
    [['create', '--name', 'x', '--host', 'pos', '--tenant', 't', '--scope', 'payment'], 'there is no scope payment'],
    [['create', '--name', 'x', '--host', 'pos', '--tenant', 't', '--store', 'a b'], '"a b" is no id of a store'],
  ])('refuses %j', async (line, sentence) => {
    const { code, err } = await typed(keyCommands, line, env);
    expect(code).toBe(1);
    expect(err).toContain(sentence);
  });
});

describe('npm run ops', () => {
  it('holds and releases exactly what was said, once, and says what is left', async () => {
    const hold = (...more: string[]) => answered(holdCommands, ['hold', 'midtrans', ...more], env);
    expect(await hold('--reason', 'outage')).toMatchObject({ account: '*', store_id: '*', was_before: false });
    expect(await hold()).toMatchObject({ was_before: true });
    await hold('--account', 'jkt');
    const list = await answered<object[]>(holdCommands, ['holds', 'list'], env);
    expect(list).toMatchObject([
      { account: '*', reason: 'outage' },
      { account: 'jkt', reason: null },
    ]);
    const release = () => answered(holdCommands, ['release', 'midtrans'], env);
    expect(await release()).toMatchObject({ was_before: true, others: [{ account: 'jkt' }] });
    expect(await release()).toMatchObject({ was_before: false });
    expect(
      (await audited()).filter(({ subject }) => subject.startsWith('midtrans')).map(({ action, subject }) => [action, subject]),
    ).toEqual([
      ['hold', 'midtrans/* store *'],
      ['hold', 'midtrans/jkt store *'],
      ['release', 'midtrans/* store *'],
    ]);
  });

  it('says when a hold may not be what was meant', async () => {
    expect((await typed(holdCommands, ['hold', 'paypal'], env)).err).toContain('there is no provider paypal; there are midtrans, xendit');
    const strange = await typed(holdCommands, ['hold', 'xendit', '--store', 'JKT-99'], env);
    expect([strange.code, strange.err]).toEqual([0, 'note: no payment was ever made for store JKT-99: is that its id? The hold stands\n']);
    const deaf = await typed(holdCommands, ['hold', 'xendit', '--open'], env);
    expect(deaf.code).toBe(1);
    expect(deaf.err).toContain('no worker listens at this Redis');
    expect((await typed(holdCommands, ['hold', 'xendit', '--open', '--store', 'JKT-01'], env)).err).toContain('a breaker knows no stores');
  });

  it('lists the discrepancies of every database, and closes one in words', async () => {
    const mine = await aDiscrepancy(pos, 'pos', 'overpaid');
    const other = await aDiscrepancy(erp, 'erp', 'host_refused');
    const list = await answered<{ id: string }[]>(discrepancyCommands, ['discrepancies', 'list'], env);
    expect(list.map(({ id }) => id)).toEqual([mine.id, other.id]);
    expect((await typed(discrepancyCommands, ['discrepancies', 'close', other.id], env)).err).toContain('--reason is missing');
    const close = () => answered(discrepancyCommands, ['discrepancies', 'close', other.id, '--reason', 'booked by hand'], env);
    expect(await close()).toMatchObject({ payment_id: other.paymentId, was_before: null });
    expect(await close()).toMatchObject({ was_before: expect.any(String) });
    expect(await erp.knex('gateway.discrepancies').first('closed_reason', 'closed_by')).toMatchObject({
      closed_reason: 'booked by hand',
      closed_by: expect.stringMatching(/^cli /),
    });
    expect((await audited()).at(-1)).toMatchObject({
      action: 'close-discrepancy',
      subject: other.id,
      details: { reason: 'booked by hand' },
    });
    expect((await typed(discrepancyCommands, ['discrepancies', 'close', 'pos-99', '--reason', 'x'], env)).err).toContain(
      'there is no discrepancy pos-99',
    );
  });

  it('lets go of a payment that only the discrepancy kept open: it is asked about once more, and cancelled', async () => {
    const { id, paymentId } = await aDiscrepancy(pos, 'pos', 'paid_unconfirmed', { review_since: new Date(), hidden_at: new Date() });
    await pos.knex('gateway.discrepancies').insert({ payment_id: paymentId, reason: 'underpaid', opened_at: new Date() });
    const payment = () =>
      pos.knex('gateway.payments').where({ id: paymentId }).first('review_since', 'check_at', 'cancel_requested_at', 'cancel_reason');
    await answered(discrepancyCommands, ['discrepancies', 'close', id, '--reason', 'x'], env);
    expect(await payment()).toMatchObject({ review_since: expect.any(Date), check_at: null });
    const underpaid = await pos.knex('gateway.discrepancies').where({ reason: 'underpaid' }).first('id');
    await answered(discrepancyCommands, ['discrepancies', 'close', `pos-${underpaid.id}`, '--reason', 'x'], env);
    expect(await payment()).toMatchObject({ review_since: null, check_at: expect.any(Date), cancel_reason: 'operator' });
  });

  it('shows what is parked, and has webhooks looked into again', async () => {
    const received = new Date(Date.now() - 3_600_000);
    const webhook = { provider: 'midtrans', account: 'default', raw: Buffer.from('{}'), received_at: received, claims: 'paid' };
    const reference = 'pos-01jd0000000000000000000000-1';
    await pos.knex('gateway.webhook_inbox').insert([
      { ...webhook, delivery_key: 'parked', reference, verdict: 'parked', processed_at: received, tries: 7 },
      { ...webhook, delivery_key: 'applied', reference, verdict: 'applied', processed_at: received },
      { ...webhook, delivery_key: 'not ours', verdict: 'not_ours', processed_at: received },
      {
        ...webhook,
        delivery_key: 'old',
        reference,
        verdict: 'parked',
        processed_at: received,
        received_at: new Date(Date.now() - 3 * 86_400_000),
      },
    ]);
    const parked = () => answered<{ id: string }[]>(parkedCommands, ['parked', 'list'], env);
    expect(await parked()).toMatchObject([
      { kind: 'webhook', host: 'pos', about: reference, what: 'midtrans paid', tries: 7 },
      { kind: 'webhook', about: reference },
    ]);
    const replay = () => answered(webhookCommands, ['webhooks', 'replay', '--since', '2h'], env);
    expect(await replay()).toMatchObject({ count: 2 });
    const rows = await pos
      .knex('gateway.webhook_inbox')
      .orderBy('id')
      .select('delivery_key as key', 'processed_at as done', 'next_try_at as next', 'tries');
    expect(rows.filter(({ done }) => done === null)).toMatchObject([
      { key: 'parked', tries: 0 },
      { key: 'applied', tries: 0 },
    ]);
    expect(rows[1].next - rows[0].next).toBe(200); // no provider is flooded
    expect(await parked()).toHaveLength(1);
    await replay();
    expect((await audited()).filter(({ action }) => action === 'replay-webhooks')).toHaveLength(2);
    for (const since of ['yesterday', '2999-01-01', '5 h'])
      expect((await typed(webhookCommands, ['webhooks', 'replay', '--since', since], env)).code).toBe(1);
  });

  it('tells what it could of one database when the other is away', async () => {
    const halved = { ...env, ERP_DATABASE_URL: 'postgres://127.0.0.1:1/erp' };
    const { code, out, err } = await typed(discrepancyCommands, ['discrepancies', 'list'], halved);
    expect(code).toBe(1);
    expect(out).toContain('overpaid');
    expect(err).toMatch(/^error: ERP_DATABASE_URL cannot be asked: .*ECONNREFUSED/);
  });
});

describe('npm run migrate', () => {
  it('brings every database up to date, also twice at once', async () => {
    const empty = await freshDatabase(null);
    const both = { ...env, ERP_DATABASE_URL: empty.url };
    const [one, other] = await Promise.all([typed([migrateAll], [], both), typed([migrateAll], [], both)]);
    expect([one.code, other.code]).toEqual([0, 0]);
    expect(one.out + other.out).toMatch(/POS_DATABASE_URL: nothing to do[\s\S]*ERP_DATABASE_URL: 0001-payments, /);
    await empty.drop();
  });
});

describe('npm run hosts', () => {
  it('checks a host against its database: 0 when it fits, 1 and the place when it does not', async () => {
    expect((await typed(hostCommands, ['check', 'pos'], env)).code).toBe(0);
    await erp.pool.query('alter table erp."Sales Invoice" rename column grand_total to total_grand');
    const { code, out, err } = await typed(hostCommands, ['check', 'erp'], env);
    expect(code).toBe(1);
    expect(out).toMatch(/erp\/order\.sql:\d+:\d+: does not fit the database\. Postgres says: column .*grand_total.* does not exist/);
    expect(err).toContain('erp would not serve');
  });
});
