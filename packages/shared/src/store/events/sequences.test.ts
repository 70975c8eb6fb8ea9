import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { appendEvents, aStoreOf, assignSequence } from '@gateway/testing/relay/event-fixtures';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import * as outbox from './outbox.ts';
import * as sequences from './sequences.ts';

let database: TestDatabase;
let db: Database;
beforeEach(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
  await aStoreOf(db, 'tenant', 'JKT-01');
});
afterEach(async () => {
  await db?.close();
  await database?.drop();
});

const now = new Date();
const numbered = async (count: number) => {
  await appendEvents(db, 'JKT-01', { count });
  return (await assignSequence(db)).slice(-count);
};
const outboxRows = async () =>
  (
    await db.pool.query<{ seq: number | null; isPublished: boolean }>(
      `select seq::int, published_at is not null as "isPublished" from gateway.outbox order by id`,
    )
  ).rows.map(({ seq, isPublished }) => `${seq} ${isPublished ? 'published' : 'unpublished'}`);
const store = async () =>
  (await db.pool.query(`select last_seq::int as "lastSeq", replay_from::int as "replayFrom" from gateway.stores`)).rows[0];

describe('comparing the last published event with the database', () => {
  it('marks what was published when the database knows the event, and resets nothing', async () => {
    const events = await numbered(3);
    const second = events[1] as outbox.PendingEvent;
    expect(await sequences.reconcile(db, [{ storeId: 'JKT-01', seq: 2, eventId: second.eventId }], now)).toEqual([]);
    expect(await outboxRows()).toEqual(['1 published', '2 published', '3 unpublished']);
    expect(await store()).toEqual({ lastSeq: 3, replayFrom: 1 });
  });

  it('numbers above the published number when the database does not know the event, and records the gap', async () => {
    await numbered(2);
    const resets = await sequences.reconcile(db, [{ storeId: 'JKT-01', seq: 7, eventId: 'evt_lost' }], now);
    expect(resets).toEqual([{ storeId: 'JKT-01', from: 2, above: 7 }]);
    expect(await outboxRows()).toEqual(['null unpublished', 'null unpublished']);
    expect(await store()).toEqual({ lastSeq: 7, replayFrom: 8 });
    expect((await assignSequence(db)).map(({ seq }) => seq)).toEqual([8, 9]);
  });

  it('does nothing while another relay numbers', async () => {
    const other = await db.pool.connect();
    await other.query('begin');
    await outbox.tryLock(other);
    const resets = await sequences.reconcile(db, [{ storeId: 'JKT-01', seq: 7, eventId: 'evt_lost' }], now);
    await other.query('rollback');
    other.release();
    expect([resets, await store()]).toEqual([null, { lastSeq: 0, replayFrom: 1 }]);
  });
});
