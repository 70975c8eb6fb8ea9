import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { clients } from '@gateway/shared/store';
import { freshDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import { runCommand, runForJson } from '../../test/run-command.ts';
import { keyCommands, opsCommands } from '../commands.ts';
import { hostCommands } from './host-commands.ts';
import { migrateAll } from './migrate-command.ts';

let env: NodeJS.ProcessEnv;
let pos: Database;
let erp: Database;
let closing: (() => unknown)[];

beforeAll(async () => {
  const [posDatabase, erpDatabase] = await Promise.all([freshDatabase(), freshDatabase()]);
  env = {
    CONTROL_DATABASE_URL: posDatabase.serveUrl,
    POS_DATABASE_URL: posDatabase.serveUrl,
    POS_MIGRATE_URL: posDatabase.url,
    ERP_DATABASE_URL: erpDatabase.serveUrl,
    ERP_MIGRATE_URL: erpDatabase.url,
    REDIS_URL: testRedisUrl(),
  };
  pos = connectDatabase(posDatabase.url, { name: 'test' });
  erp = connectDatabase(erpDatabase.url, { name: 'test' });
  closing = [() => pos.close(), () => erp.close(), posDatabase.drop, erpDatabase.drop];
});
afterAll(async () => {
  for (const close of closing) await close();
});

/** Inserts a payment with the columns that the commands read. Returns its id. */
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

const auditLog = (db = pos) => db.knex('gateway.audit').orderBy('id').select('actor', 'action', 'subject', 'details');

describe('npm run keys', () => {
  it('creates a key whose secret is shown once and stored nowhere', async () => {
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
    const key = await runForJson<{ id: string; secret: string }>(keyCommands, line, env);
    const client = (await clients.active(pos.knex)).get(clients.hashSecret(key.secret).toString('hex'));
    expect(client).toMatchObject({ id: key.id, tenant: 'm1', stores: ['JKT-01', 'JKT-02'], scopes: ['payments', 'events'] });
    const { out } = await runCommand(keyCommands, ['list'], env);
    expect(out).toMatch(new RegExp(`${key.id}\\s+Till 3\\s+pos\\s+m1\\s+stores JKT-01, JKT-02\\s+payments,events`));
    expect(out + JSON.stringify(await auditLog())).not.toContain(key.secret);
  });

  it('creates a key for all stores and all scopes by default', async () => {
    const key = await runForJson(keyCommands, ['create', '--name', 'x', '--host', 'erp', '--tenant', 'KNJ'], env);
    expect(key).toMatchObject({ stores: null, scopes: ['payments', 'refunds', 'events', 'webhooks'] });
  });

  it('revokes a key, and reports when it was revoked before', async () => {
    const { id, secret } = await runForJson<{ id: string; secret: string }>(
      keyCommands,
      ['create', '--name', 'x', '--host', 'pos', '--tenant', 'm1'],
      env,
    );
    const first = await runCommand(keyCommands, ['revoke', id], env);
    const second = await runCommand(keyCommands, ['revoke', id], env);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(second.out).toContain('has been revoked since');
    expect((await clients.active(pos.knex)).has(clients.hashSecret(secret).toString('hex'))).toBe(false);
    expect((await auditLog()).filter(({ subject }) => subject === id).map(({ action }) => action)).toEqual(['create-key', 'revoke-key']);
  });

  it.each([
    [['revoke', 'cli_none'], 'unknown key cli_none'],
    [['create', '--name', 'x', '--host', 'pso', '--tenant', 't'], 'unknown host pso; known hosts: erp, pos'],
    [['create', '--name', 'x', '--host', 'pos', '--tenant', 't', '--scope', 'payment'], 'unknown scope payment'],
    [['create', '--name', 'x', '--host', 'pos', '--tenant', 't', '--store', 'a b'], 'invalid store id "a b"'],
  ])('refuses %j', async (line, sentence) => {
    const { code, err } = await runCommand(keyCommands, line, env);
    expect(code).toBe(1);
    expect(err).toContain(sentence);
  });
});

describe('npm run ops', () => {
  it('places and lifts exactly the given hold once, and lists the holds that stay', async () => {
    const hold = (...more: string[]) => runForJson(opsCommands, ['hold', 'midtrans', ...more], env);
    expect(await hold('--reason', 'outage')).toMatchObject({ account: '*', store_id: '*', was_before: false });
    expect(await hold()).toMatchObject({ was_before: true });
    await hold('--account', 'jkt');
    const list = await runForJson<object[]>(opsCommands, ['holds', 'list'], env);
    expect(list).toMatchObject([
      { account: '*', reason: 'outage' },
      { account: 'jkt', reason: null },
    ]);
    const release = () => runForJson(opsCommands, ['release', 'midtrans'], env);
    expect(await release()).toMatchObject({ was_before: true, others: [{ account: 'jkt' }] });
    expect(await release()).toMatchObject({ was_before: false });
    expect(
      (await auditLog()).filter(({ subject }) => subject.startsWith('midtrans')).map(({ action, subject }) => [action, subject]),
    ).toEqual([
      ['hold', 'midtrans/* store *'],
      ['hold', 'midtrans/jkt store *'],
      ['release', 'midtrans/* store *'],
    ]);
  });

  it('rejects an unknown provider, and warns about a hold without effect', async () => {
    expect((await runCommand(opsCommands, ['hold', 'paypal'], env)).err).toContain(
      'unknown provider paypal; known providers: midtrans, xendit',
    );
    const unknownStore = await runCommand(opsCommands, ['hold', 'xendit', '--store', 'JKT-99'], env);
    expect([unknownStore.code, unknownStore.err]).toEqual([
      0,
      'note: no payment was ever made for store JKT-99: is that its id? The hold is active\n',
    ]);
    const withoutWorkers = await runCommand(opsCommands, ['hold', 'xendit', '--open'], env);
    expect(withoutWorkers.code).toBe(1);
    expect(withoutWorkers.err).toContain('no worker is subscribed');
    expect((await runCommand(opsCommands, ['hold', 'xendit', '--open', '--store', 'JKT-01'], env)).err).toContain(
      'a circuit breaker is for all stores',
    );
  });

  it('lists the discrepancies of every database, and closes one with a reason', async () => {
    const mine = await aDiscrepancy(pos, 'pos', 'overpaid');
    const other = await aDiscrepancy(erp, 'erp', 'host_refused');
    const list = await runForJson<{ id: string }[]>(opsCommands, ['discrepancies', 'list'], env);
    expect(list.map(({ id }) => id)).toEqual([mine.id, other.id]);
    expect((await runCommand(opsCommands, ['discrepancies', 'close', other.id], env)).err).toContain('--reason is missing');
    const close = () => runForJson(opsCommands, ['discrepancies', 'close', other.id, '--reason', 'booked by hand'], env);
    expect(await close()).toMatchObject({ payment_id: other.paymentId, was_before: null });
    expect(await close()).toMatchObject({ was_before: expect.any(String) });
    expect(await erp.knex('gateway.discrepancies').first('closed_reason', 'closed_by')).toMatchObject({
      closed_reason: 'booked by hand',
      closed_by: expect.stringMatching(/^cli /),
    });
    expect((await auditLog(erp)).at(-1)).toMatchObject({
      action: 'close-discrepancy',
      subject: other.id,
      details: { reason: 'booked by hand' },
    });
    expect((await runCommand(opsCommands, ['discrepancies', 'close', 'pos-99', '--reason', 'x'], env)).err).toContain(
      'unknown discrepancy pos-99',
    );
  });

  it('resumes a payment when its last discrepancy is closed: it is checked once more and cancelled', async () => {
    const { id, paymentId } = await aDiscrepancy(pos, 'pos', 'paid_unconfirmed', { review_since: new Date(), hidden_at: new Date() });
    await pos.knex('gateway.discrepancies').insert({ payment_id: paymentId, reason: 'underpaid', opened_at: new Date() });
    const payment = () =>
      pos.knex('gateway.payments').where({ id: paymentId }).first('review_since', 'check_at', 'cancel_requested_at', 'cancel_reason');
    await runForJson(opsCommands, ['discrepancies', 'close', id, '--reason', 'x'], env);
    expect(await payment()).toMatchObject({ review_since: expect.any(Date), check_at: null });
    const underpaid = await pos.knex('gateway.discrepancies').where({ reason: 'underpaid' }).first('id');
    await runForJson(opsCommands, ['discrepancies', 'close', `pos-${underpaid.id}`, '--reason', 'x'], env);
    expect(await payment()).toMatchObject({ review_since: null, check_at: expect.any(Date), cancel_reason: 'operator' });
  });

  it('lists parked webhooks, and replays those received since a time', async () => {
    const received = new Date(Date.now() - 3_600_000);
    const webhook = { provider: 'midtrans', account: 'default', raw: Buffer.from('{}'), received_at: received, reported_status: 'paid' };
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
    const parked = () => runForJson<{ id: string }[]>(opsCommands, ['parked', 'list'], env);
    expect(await parked()).toMatchObject([
      { kind: 'webhook', host: 'pos', about: reference, what: 'midtrans paid', tries: 7 },
      { kind: 'webhook', about: reference },
    ]);
    const replay = () => runForJson(opsCommands, ['webhooks', 'replay', '--since', '2h'], env);
    expect(await replay()).toMatchObject({ count: 2 });
    const rows = await pos
      .knex('gateway.webhook_inbox')
      .orderBy('id')
      .select('delivery_key as key', 'processed_at as done', 'next_try_at as next', 'tries');
    expect(rows.filter(({ done }) => done === null)).toMatchObject([
      { key: 'parked', tries: 0 },
      { key: 'applied', tries: 0 },
    ]);
    expect(rows[1].next - rows[0].next).toBe(200); // five calls a second
    expect(await parked()).toHaveLength(1);
    await replay();
    expect((await auditLog()).filter(({ action }) => action === 'replay-webhooks')).toHaveLength(2);
    for (const since of ['yesterday', '2999-01-01', '5 h'])
      expect((await runCommand(opsCommands, ['webhooks', 'replay', '--since', since], env)).code).toBe(1);
  });

  it('prints the rows of one database when the other is unavailable', async () => {
    const oneDatabaseDown = { ...env, ERP_DATABASE_URL: 'postgres://127.0.0.1:1/erp' };
    const { code, out, err } = await runCommand(opsCommands, ['discrepancies', 'list'], oneDatabaseDown);
    expect(code).toBe(1);
    expect(out).toContain('overpaid');
    expect(err).toMatch(
      /^note: asked: POS_DATABASE_URL \(pos, till\); ERP_DATABASE_URL \(erp\)\nerror: ERP_DATABASE_URL unavailable: .*ECONNREFUSED/,
    );
  });
});

describe('who acts at the command line', () => {
  const hold = ['hold', 'xendit', '--store', 'AUDITED-1'];
  const actors = async () =>
    (await pos.knex('gateway.audit').where({ action: 'hold' }).whereLike('subject', '%AUDITED-1%').pluck('actor')) as string[];

  it('is a person in the audit log, by --as, OPERATOR_NAME or the login, and never the user of a container', async () => {
    for (const login of [{ USER: 'node' }, { LOGNAME: 'root' }, {}]) {
      const { code, err } = await runCommand(opsCommands, hold, { ...env, OPERATOR_NAME: '', ...login });
      expect([code, err]).toEqual([1, expect.stringContaining('--as <name> or OPERATOR_NAME')]);
    }
    expect(await actors()).toEqual([]);
    expect((await runCommand(opsCommands, [...hold, '--as', 'siti'], { ...env, USER: 'node' })).code).toBe(0);
    expect((await runCommand(opsCommands, ['release', ...hold.slice(1)], { ...env, OPERATOR_NAME: '', USER: 'wayan' })).code).toBe(0);
    expect(await actors()).toEqual(['cli siti']);
  });
});

describe('npm run migrate', () => {
  it('brings every database up to date, also when it runs twice at once', async () => {
    const empty = await freshDatabase(null);
    const both = { ...env, ERP_DATABASE_URL: empty.serveUrl, ERP_MIGRATE_URL: empty.url };
    const [one, other] = await Promise.all([runCommand([migrateAll], [], both), runCommand([migrateAll], [], both)]);
    expect([one.code, other.code]).toEqual([0, 0]);
    expect(one.out + other.out).toMatch(/POS_DATABASE_URL: nothing to do[\s\S]*ERP_DATABASE_URL: 0001-payments, /);
    expect(one.err).toBe('');
    await empty.drop();
  });

  it('notes when the user that serves also migrates, because it may then change the audit log', async () => {
    const { code, err } = await runCommand([migrateAll], [], { POS_DATABASE_URL: env.POS_MIGRATE_URL });
    expect([code, err]).toEqual([0, expect.stringMatching(/^note: POS_DATABASE_URL: the user that serves also migrates/)]);
  });
});

describe('npm run hosts', () => {
  it('exits with 0 when a host fits its database, and with 1 and the place when it does not', async () => {
    expect((await runCommand(hostCommands, ['check', 'pos'], env)).code).toBe(0);
    await erp.pool.query('alter table erp."Sales Invoice" rename column grand_total to total_grand');
    const { code, out, err } = await runCommand(hostCommands, ['check', 'erp'], env);
    expect(code).toBe(1);
    expect(out).toMatch(/erp\/order\.sql:\d+:\d+: does not fit the database\. Postgres says: column .*grand_total.* does not exist/);
    expect(err).toContain('host erp is not valid');
  });
});
