import { randomUUID } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import type { QueryConfig } from 'pg';
import type { InboxId } from '../../payment/index.ts';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as webhookInbox from '../work/webhook-inbox.ts';
import * as replay from './replay.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
});
afterEach(() => db.pool.query('delete from gateway.webhook_inbox'));
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const now = new Date();
const by = { actor: 'dewi', at: now };
const later = (ms: number) => plusMs(now, ms);

async function stored(overrides: Partial<webhookInbox.IncomingWebhook> = {}): Promise<InboxId> {
  const webhook = { provider: 'midtrans', account: 'default', deliveryKey: randomUUID(), raw: Buffer.from('{}'), headers: {} };
  const charge = { reference: 'pos-1-1', providerChargeId: null, reportedStatus: 'paid' };
  const result = await webhookInbox.store(db.pool, { ...webhook, ...charge, receivedAt: now, nextTryAt: null, ...overrides });
  return (result as { id: InboxId }).id;
}
const concluded = { verdict: 'parked' } as const;
const read = async (id: InboxId) => (await webhookInbox.find(db.pool, id))?.webhook ?? null;

describe('replaying one webhook', () => {
  it('makes it due again, with its tries counted from the start', async () => {
    const id = await stored(concluded);
    expect(await replay.one(db, { id, host: 'pos' }, by)).toBe('pos-1-1');
    expect(await read(id)).toMatchObject({ verdict: null, processedAt: null, tries: 0 });
  });

  it('is refused for a webhook that is not ours, or of another host', async () => {
    const foreign = await stored({ verdict: 'not_ours' });
    expect(await replay.one(db, { id: foreign, host: 'pos' }, by)).toBeNull();
    expect(await replay.one(db, { id: await stored(concluded), host: 'erp' }, by)).toBeNull();
    expect(await read(foreign)).toMatchObject({ verdict: 'not_ours' });
  });
});

describe('replaying the webhooks since a time', () => {
  it('makes each due once, one after the other, and leaves out those that are not ours or came before', async () => {
    const ids = [await stored(concluded), await stored(concluded)];
    await stored({ verdict: 'not_ours' });
    await stored({ ...concluded, receivedAt: later(-60_000) });
    expect(await replay.range(db, { since: later(-1_000), until: null, account: null, everyMs: 500 }, by)).toBe(2);
    const { rows } = await db.pool.query<{ id: number; at: Date }>(
      'select id::int, next_try_at as at from gateway.webhook_inbox where next_try_at is not null order by next_try_at',
    );
    expect(rows).toEqual([
      { id: Number(ids[0]), at: later(500) },
      { id: Number(ids[1]), at: later(1_000) },
    ]);
  });

  it('ends after the last of them', async () => {
    await stored(concluded);
    let statements = 0;
    const query = (config: QueryConfig) => {
      expect(++statements).toBe(1); // the one after the first batch finds none
      return db.pool.query(config);
    };
    const pool = { connect: () => db.pool.connect(), query } as unknown as Database['pool'];
    expect(await replay.range({ ...db, pool }, { since: later(-1_000), until: null, account: null, everyMs: 500 }, by)).toBe(1);
  });
});
