import type { Hosts } from '@gateway/shared/host';
import { type Database, inTransaction } from '@gateway/shared/postgres';
import type { ProviderCall } from '@gateway/shared/provider';
import { createLogger, createMetrics } from '@gateway/shared/runtime';
import { refunds } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createWorkerMetrics } from '../metrics.ts';
import { type CallRecorder, type CallRecorderOptions, createCallRecorder } from './call-recorder.ts';

let worker: WorkerHarness;
let recorder: CallRecorder;
const metrics = createWorkerMetrics(createMetrics('test'));

beforeAll(async () => {
  worker = await startWorkerHarness({ record: (call) => recorder.record(call) });
});
beforeEach(() => {
  metrics.callEvidence.reset();
  recorder = recorderTo(worker.db);
});
afterAll(() => worker?.close());

/** A recorder whose rows go to this database. */
function recorderTo(db: Pick<Database, 'pool'>, options: CallRecorderOptions = {}): CallRecorder {
  const hosts = { forReference: (reference: string) => (reference.startsWith('pos-') ? { db } : null) } as unknown as Pick<
    Hosts,
    'forReference'
  >;
  return createCallRecorder({ hosts, metrics, clock: worker.clock, log: createLogger('test', 'silent') }, options);
}

/** A database that counts the statements; `fail` decides which of them it refuses. */
function countedDatabase(fail = () => false): { db: Pick<Database, 'pool'>; statements(): number } {
  let statements = 0;
  const query = (config: object) => {
    statements++;
    return fail() ? Promise.reject(new Error('Connection terminated')) : worker.db.pool.query(config as never);
  };
  return { db: { pool: { query } as unknown as Database['pool'] }, statements: () => statements };
}

async function counted(): Promise<Record<string, number>> {
  const { values } = await metrics.callEvidence.get();
  return Object.fromEntries(values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.result, value]));
}

const stored = async (references: readonly string[]) =>
  (await worker.db.knex('gateway.provider_calls').whereIn('reference', references).orderBy('id')) as Record<string, unknown>[];

const aCall = (n: number, bytes = 20): ProviderCall => ({
  provider: 'midtrans',
  account: 'default',
  operation: 'find',
  method: 'GET',
  route: '/v2/{id}/status',
  path: `/v2/pos-00000000000000000000000000-${n}/status`,
  reference: `pos-00000000000000000000000000-${n}`,
  durationMs: 5,
  body: undefined,
  outcome: { status: 200, headers: {}, body: Buffer.alloc(bytes, '1') },
});

describe('a call to a provider', () => {
  it('is kept with what was asked and what was answered, from the QR to the refund, without secrets and personal data', async () => {
    const payment = await worker.pending();
    const reference = `${payment.reference}-1`;
    worker.simulator.controls.pay(reference, { issuer: 'dana' });
    worker.advance(5_000);
    await worker.runDue(payment);
    const paid = await worker.reload(payment);
    const asked = {
      payment: paid,
      attemptNo: 1,
      amount: paid.amount,
      cause: 'operator' as const,
      reason: 'for CANARY-guest',
      at: worker.clock.now(),
    };
    const refund = await inTransaction(worker.db, (trx) => refunds.open(trx, asked));
    worker.advance(1_000);
    await worker.runDue(payment);
    await recorder.close();

    const calls = await stored([reference, refund?.reference ?? '']);
    expect([...new Set(calls.map(({ operation }) => operation))]).toEqual(expect.arrayContaining(['create', 'find', 'refund']));
    expect(calls[0]).toMatchObject({
      provider: 'midtrans',
      account: 'default',
      operation: 'create',
      method: 'POST',
      path: '/v2/charge',
      status: 200,
    });
    expect(JSON.parse(calls[0]?.request as string)).toMatchObject({ transaction_details: { order_id: reference, gross_amount: 55_000 } });
    expect(JSON.parse(calls[0]?.answer as string)).toMatchObject({ transaction_status: 'pending', qr_string: '[hidden]' });
    expect(calls.some(({ answer }) => /"issuer":"dana"/.test(String(answer)))).toBe(true);
    const text = JSON.stringify(calls);
    expect(text).not.toContain('CANARY');
    expect(text).not.toContain('000201');
    for (const account of worker.accounts)
      for (const secret of [account.secretKey, ...account.webhookSecrets]) expect(text).not.toContain(secret);
  });

  it('is kept without what its provider says about the payer, and without a secret, wherever it stands', async () => {
    const details = { payer_name: 'CANARY-name', payer_account_number: '0812CANARY', new_field: 'CANARY', issuer_name: 'DANA' };
    const body = Buffer.from(JSON.stringify({ payment_id: 'py-1', payment_details: details, message: 'CANARY-message' }));
    const outcome = { status: 200, headers: { 'x-callback-token': 'CANARY-token', 'request-id': 'req-1' }, body };
    const sent = { customer: { phone: '+628123456789' }, metadata: { note: 'CANARY-note' } };
    recorder.record({
      ...aCall(801),
      provider: 'xendit',
      route: '/v3/payments/{id}',
      path: '/v3/payments/py-1?token=CANARY',
      body: sent,
      outcome,
    });
    await recorder.close();
    const rows = await stored([aCall(801).reference]);
    expect(rows).toMatchObject([
      { status: 200, headers: { 'request-id': 'req-1' }, answer: expect.stringContaining('"issuer_name":"DANA"') },
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/CANARY|628123/);
  });

  it('that failed is kept with its reason', async () => {
    recorder.record({ ...aCall(901), outcome: { failure: 'timeout' } });
    await recorder.close();
    expect(await stored([aCall(901).reference])).toMatchObject([{ status: null, answer: null, failure: 'timeout' }]);
  });

  it('shares its insert with the calls beside it: a hundred calls are two statements', async () => {
    const { db, statements } = countedDatabase();
    recorder = recorderTo(db);
    for (let n = 1; n <= 100; n++) recorder.record(aCall(n));
    await recorder.close();
    expect([statements(), await counted()]).toEqual([2, { stored: 100 }]);
  });

  it('waits in a buffer of bounded rows and bytes; what does not fit is counted and has no evidence', async () => {
    recorder = recorderTo(worker.db, { maxCalls: 3, maxBytes: 1_000_000 });
    for (let n = 201; n <= 205; n++) recorder.record(aCall(n));
    await recorder.close();
    expect(await counted()).toEqual({ stored: 3, buffer_full: 2 });
    recorder = recorderTo(worker.db, { maxBytes: 100_000 });
    for (let n = 211; n <= 213; n++) recorder.record(aCall(n, 60_000));
    await recorder.close();
    expect(await counted()).toEqual({ stored: 4, buffer_full: 4 });
  });

  it('about a reference of no host of ours is counted and not kept', async () => {
    recorder.record({ ...aCall(1), reference: 'prove-1' });
    await recorder.close();
    expect(await counted()).toEqual({ not_stored: 1 });
  });
});

describe('a database that is unavailable', () => {
  it('loses evidence and no payment, and keeps the evidence of later calls', async () => {
    let isAway = true;
    const { db, statements } = countedDatabase(() => isAway);
    recorder = recorderTo(db, { everyMs: 1 });
    const payment = await worker.pending();
    expect(payment.status).toBe('pending');
    await eventually(() => statements() === 1);
    isAway = false;
    worker.advance(5_000);
    await worker.runDue(payment);
    await recorder.close();
    expect((await stored([`${payment.reference}-1`])).map(({ operation }) => operation)).toEqual(['find']);
    expect(await counted()).toMatchObject({ not_stored: 1 });
  });
});
