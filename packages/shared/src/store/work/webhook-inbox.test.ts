import { randomUUID } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import type { InboxId } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
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

const store = (overrides: Partial<webhookInbox.IncomingWebhook> = {}) =>
  webhookInbox.store(db.pool, {
    provider: 'midtrans',
    account: 'default',
    deliveryKey: randomUUID(),
    raw: Buffer.from('{}'),
    headers: {},
    reference: 'pos-1-1',
    providerChargeId: null,
    reportedStatus: 'paid',
    receivedAt: now,
    nextTryAt: now,
    ...overrides,
  });
const stored = async (overrides: Partial<webhookInbox.IncomingWebhook> = {}) => {
  const id = (await store(overrides)) as InboxId;
  return (await webhookInbox.find(db.pool, id)) as webhookInbox.InboxRow;
};
const read = ({ id }: webhookInbox.InboxRow) => webhookInbox.find(db.pool, id);
const dueIds = async (at: Date, options: { after?: Date; limit?: number } = {}) =>
  (await due.claim(db.pool, { now: at, limit: 10, ...options })).map((row) => row.kind === 'webhook' && row.id);

describe('a webhook in the inbox', () => {
  it('is stored once, however often it is delivered', async () => {
    const deliveryKey = randomUUID();
    expect(await store({ deliveryKey })).not.toBeNull();
    expect(await store({ deliveryKey })).toBeNull();
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
