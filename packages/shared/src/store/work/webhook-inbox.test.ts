import { randomUUID } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import type { InboxId } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as attempts from '../payments/attempts.ts';
import * as payments from '../payments/payments.ts';
import * as due from './due.ts';
import * as webhookInbox from './webhook-inbox.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
});
afterEach(() => db.pool.query('update gateway.webhook_inbox set next_try_at = null'));
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const now = new Date();
const later = (ms: number) => plusMs(now, ms);

const aReport = (reference: string, overrides: Partial<webhookInbox.IncomingWebhook> = {}): webhookInbox.IncomingWebhook => ({
  provider: 'midtrans',
  account: 'default',
  deliveryKey: randomUUID(),
  raw: Buffer.from('{}'),
  headers: {},
  reference,
  providerChargeId: null,
  reportedStatus: 'paid',
  receivedAt: now,
  nextTryAt: now,
  ...overrides,
});
const store = (overrides: Partial<webhookInbox.IncomingWebhook> = {}) =>
  webhookInbox.store(db.pool, aReport(`pos-${randomUUID()}-1`, overrides));
/** Inserts a payment with an attempt. */
async function anAttempt(): Promise<{ reference: string }> {
  const payment = aPayment();
  await payments.insert(db.pool, payment);
  const start = { paymentId: payment.id, no: 1, provider: 'midtrans', account: 'default', leaseNo: 0, at: payment.createdAt };
  const reference = await attempts.begin(db.pool, { ...start, resolveAt: later(9_000), leaseUntil: later(3_000) });
  return { reference: reference as string };
}
const stored = async (overrides: Partial<webhookInbox.IncomingWebhook> = {}) => {
  const result = (await store(overrides)) as { id: InboxId };
  return (await webhookInbox.find(db.pool, result.id))?.webhook as webhookInbox.InboxRow;
};
const read = async ({ id }: webhookInbox.InboxRow) => (await webhookInbox.find(db.pool, id))?.webhook ?? null;
const dueIds = async (at: Date, options: { after?: Date; limit?: number } = {}) =>
  (await due.claim(db.pool, { now: at, limit: 10, ...options })).map((row) => row.kind === 'webhook' && row.id);

describe('a webhook in the inbox', () => {
  it('is stored once, however often it is delivered', async () => {
    const deliveryKey = randomUUID();
    expect(await store({ deliveryKey })).toMatchObject({ kind: 'stored' });
    expect(await store({ deliveryKey })).toMatchObject({ kind: 'repeated' });
  });

  it('is concluded at once when it has a verdict, and never due', async () => {
    const webhook = await stored({ verdict: 'not_ours', nextTryAt: null });
    expect(webhook).toMatchObject({ verdict: 'not_ours', processedAt: now });
    expect(await dueIds(later(60_000))).toEqual([]);
  });

  it('is given to one job until its lease ends, under a new lease number each time', async () => {
    const webhook = await stored();
    expect(await dueIds(now)).toEqual([webhook.id]);
    expect(await dueIds(now)).toEqual([]);
    expect(await read(webhook)).toMatchObject({ leaseNo: 1 });
    expect(await dueIds(later(60_000))).toEqual([webhook.id]);
    expect(await read(webhook)).toMatchObject({ leaseNo: 2 });
  });

  it('is not claimed before it is due, or at or below the watermark', async () => {
    await stored({ nextTryAt: later(1_000) });
    expect(await dueIds(now)).toEqual([]);
    expect(await dueIds(later(1_000), { after: later(1_000) })).toEqual([]);
  });

  it('is not due any more when it is concluded, and another one is', async () => {
    const [webhook, other] = [await stored(), await stored()];
    await webhookInbox.conclude(db.pool, webhook, 'applied', later(1_000));
    expect(await read(webhook)).toMatchObject({ verdict: 'applied', processedAt: later(1_000) });
    expect(await dueIds(later(60_000))).toEqual([other.id]);
  });

  it('counts its tries, and is verified again at the time that was set', async () => {
    const webhook = await stored();
    await webhookInbox.reschedule(db.pool, webhook, 'unreachable', later(3_000));
    await webhookInbox.reschedule(db.pool, webhook, 'unreachable', later(9_000));
    expect(await read(webhook)).toMatchObject({ verdict: 'unreachable', tries: 2, processedAt: null });
    expect(await dueIds(later(8_999))).toEqual([]);
    expect(await dueIds(later(9_000))).toEqual([webhook.id]);
  });

  it.each([
    ['rescheduled', (webhook: webhookInbox.InboxRow) => webhookInbox.reschedule(db.pool, webhook, 'unreachable', later(9_000))],
    ['postponed', (webhook: webhookInbox.InboxRow) => webhookInbox.postpone(db.pool, webhook, later(9_000))],
  ])('is not %s by a job whose lease is superseded, or when it has a verdict', async (_, change) => {
    const [leased, concluded] = [await stored(), await stored({ nextTryAt: null })];
    await dueIds(now);
    await webhookInbox.conclude(db.pool, concluded, 'applied', now);
    const before = [await read(leased), await read(concluded)];
    await change(leased);
    await change(concluded);
    expect([await read(leased), await read(concluded)]).toEqual(before);
    expect(await dueIds(later(8_999))).toEqual([leased.id]); // at the end of its lease
    expect(await dueIds(later(9_000))).toEqual([]);
  });

  it('is postponed without a try, because the host was busy and not the provider', async () => {
    const webhook = await stored();
    await webhookInbox.postpone(db.pool, webhook, later(9_000));
    expect(await read(webhook)).toMatchObject({ tries: 0, verdict: null });
    expect(await dueIds(later(8_999))).toEqual([]);
    expect(await dueIds(later(9_000))).toEqual([webhook.id]);
  });

  it('is skipped while another worker is claiming it', async () => {
    const [locked, free] = [await stored(), await stored()];
    const other = await db.pool.connect();
    await other.query('begin');
    await other.query('select from gateway.webhook_inbox where id = $1 for update', [locked.id]);
    const ids = await dueIds(now);
    await other.query('rollback');
    other.release();
    expect(ids).toEqual([free.id]);
  });
});

describe('webhooks about one charge', () => {
  /** Stores a report of this charge under a delivery key of its own. */
  const report = (reference: string, reportedStatus: string, overrides: Partial<webhookInbox.IncomingWebhook> = {}) =>
    store({ reference, reportedStatus, ...overrides });
  const rowsOf = async (reference: string) =>
    (
      await db.pool.query('select id, next_try_at, provider_refund_id from gateway.webhook_inbox where reference = $1 order by id', [
        reference,
      ])
    ).rows;

  it('are kept twenty times for each reported status, and another status always has a seat', async () => {
    const { reference } = await anAttempt();
    for (let n = 0; n < 30; n++) await report(reference, 'refunded');
    expect(await rowsOf(reference)).toHaveLength(20);
    expect(await report(reference, 'paid')).toMatchObject({ kind: 'stored' });
  });

  it('are not lost beyond that: the newest row takes over what they name, and is verified again after a minute', async () => {
    const { reference } = await anAttempt();
    for (let n = 0; n < 20; n++) await report(reference, 'refunded', { verdict: 'applied', nextTryAt: null });
    const refund = (providerRefundId: string) => ({
      refund: { reference: null, providerRefundId },
      receivedAt: later(1_000),
      nextTryAt: later(1_000),
    });
    expect(await report(reference, 'refunded', refund('rfd-21'))).toMatchObject({ kind: 'repeated' });
    expect((await rowsOf(reference)).at(-1)).toMatchObject({ provider_refund_id: 'rfd-21', next_try_at: later(60_000) });
    expect(await report(reference, 'refunded', refund('rfd-22'))).toMatchObject({ kind: 'refused' }); // the provider sends it again
    expect((await rowsOf(reference)).at(-1)).toMatchObject({ provider_refund_id: 'rfd-21' });
  });

  it('are verified again when a refund is reported once more, at most once a minute', async () => {
    const deliveryKey = randomUUID();
    const webhook = await stored({ deliveryKey, reportedStatus: 'refunded' });
    await webhookInbox.conclude(db.pool, webhook, 'applied', now);
    for (const ms of [1_000, 2_000]) await store({ deliveryKey, reportedStatus: 'refunded', receivedAt: later(ms) });
    const { rows } = await db.pool.query('select next_try_at from gateway.webhook_inbox where id = $1', [webhook.id]);
    expect(rows).toEqual([{ next_try_at: later(60_000) }]);
  });

  it('are refused while webhooks about unknown charges are not kept, and are kept when the charge is known', async () => {
    const { reference } = await anAttempt();
    const unknown = await webhookInbox.store(db.pool, aReport('pos-unknown-1'), { mayBeUnknown: false });
    expect(unknown).toEqual({ kind: 'refused', isKnown: false });
    const known = await webhookInbox.store(db.pool, aReport(reference), { mayBeUnknown: false });
    expect(known).toMatchObject({ kind: 'stored', isKnown: true });
  });
});

describe('webhooks that arrive together', () => {
  it('are stored in one statement', async () => {
    const known = await anAttempt();
    const reports = [aReport(known.reference), aReport(`pos-${randomUUID()}-1`), aReport(`pos-${randomUUID()}-1`, { verdict: 'not_ours' })];
    const query = jest.spyOn(db.pool, 'query');
    const results = await Promise.all(reports.map((report) => webhookInbox.store(db.pool, report)));
    expect(results.map(({ kind, isKnown }) => [kind, isKnown])).toEqual([
      ['stored', true],
      ['stored', false],
      ['stored', false],
    ]);
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
    const found = await Promise.all(results.map((result) => webhookInbox.find(db.pool, (result as { id: InboxId }).id)));
    expect(found.map((each) => each?.webhook)).toMatchObject(
      reports.map(({ reference, receivedAt, verdict = null }) => ({ reference, receivedAt, verdict })),
    );
    expect(found.map((each) => each?.attempt?.reference)).toEqual([known.reference, undefined, undefined]);
  });

  it('are stored although one of them cannot be', async () => {
    const broken = aReport(`pos-${randomUUID()}-1`, { verdict: 'no such verdict' as 'applied' });
    const outcomes = await Promise.allSettled([store(), webhookInbox.store(db.pool, broken), store()]);
    expect(outcomes).toMatchObject([{ value: { kind: 'stored' } }, { reason: { code: '23514' } }, { value: { kind: 'stored' } }]);
  });

  it('take the seats of their charge, however many they are', async () => {
    const { reference } = await anAttempt();
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => webhookInbox.store(db.pool, aReport(reference))));
    expect(outcomes.filter(({ kind }) => kind === 'stored').length).toBeLessThanOrEqual(20 + 9); // ten connections look at the same time
  });
});

describe('a first report that an open charge is paid', () => {
  /** An attempt whose QR is at the provider. */
  async function anOpenAttempt() {
    const { reference } = await anAttempt();
    await db.pool.query(`update gateway.attempts set status = 'open', provider_charge_id = 'charge-1' where reference = $1`, [reference]);
    return reference;
  }

  it('is stored with all that its job asks about and writes to', async () => {
    const reference = await anOpenAttempt();
    const result = await webhookInbox.store(db.pool, aReport(reference));
    const { webhook, attempt } = (await webhookInbox.find(db.pool, (result as { id: InboxId }).id)) as NonNullable<
      Awaited<ReturnType<typeof webhookInbox.find>>
    >;
    const { paymentId, no, orderKey, tenant, storeId, providerChargeId } = attempt as attempts.AttemptWithOrder;
    const { provider, account, receivedAt } = webhook;
    expect(result).toMatchObject({
      paid: { receivedAt, provider, account, reference, providerChargeId, paymentId, no, orderKey, tenant, storeId },
    });
  });

  it.each<[string, Partial<webhookInbox.IncomingWebhook>]>([
    ['another status', { reportedStatus: 'expired' }],
    ['a refund', { refund: { reference: null, providerRefundId: 'refund-1' } }],
    ['an event that is not known', { unknownEvent: 'chargeback' }],
    ['a charge of another account', { account: 'other' }],
    ['no charge of ours', { reference: 'pos-unknown-1' }],
  ])('is not what a webhook about %s is: its row tells what it is', async (_, overrides) => {
    const reference = await anOpenAttempt();
    expect(await webhookInbox.store(db.pool, aReport(reference, overrides))).toMatchObject({ kind: 'stored', paid: null });
  });

  it('is not what a second report is', async () => {
    const reference = await anOpenAttempt();
    await webhookInbox.store(db.pool, aReport(reference));
    expect(await webhookInbox.store(db.pool, aReport(reference))).toMatchObject({ kind: 'stored', paid: null });
  });

  it.each(['sending', 'unknown', 'cancelled', 'expired'])('is not what a report about a charge that is %s is', async (status) => {
    const { reference } = await anAttempt();
    await db.pool.query('update gateway.attempts set status = $2 where reference = $1', [reference, status]);
    expect(await webhookInbox.store(db.pool, aReport(reference))).toMatchObject({ kind: 'stored', paid: null });
  });
});

describe('a webhook with a final verdict', () => {
  it('keeps the first one', async () => {
    const webhook = await stored();
    await webhookInbox.conclude(db.pool, webhook, 'applied', now);
    await webhookInbox.conclude(db.pool, webhook, 'duplicate', later(1_000));
    expect(await read(webhook)).toMatchObject({ verdict: 'applied', processedAt: now });
  });
});
