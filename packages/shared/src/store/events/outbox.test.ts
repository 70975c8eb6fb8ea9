import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { appendEvents, aStoreOf, assignSequence } from '@gateway/testing/relay/event-fixtures';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as outbox from './outbox.ts';

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
const fromStart = { id: 0, position: 0 };
const take = (marks: outbox.PositionRange | null = null, at = now) =>
  outbox.takePending(db, { watermark: fromStart, limit: 10, marks, at });
const publishedAt = async () =>
  (await db.pool.query<{ at: Date | null }>('select published_at as at from gateway.outbox order by id')).rows.map(({ at }) => at);

describe('the question whether events are unpublished', () => {
  it('is answered yes for an event without a number, and for a numbered one that no relay has published', async () => {
    expect(await outbox.hasPending(db, fromStart)).toBe(false);
    await appendEvents(db, 'JKT-01');
    expect(await outbox.hasPending(db, fromStart)).toBe(true);
    const [numbered] = await assignSequence(db);
    expect(await outbox.hasPending(db, fromStart)).toBe(true);
    const position = numbered?.position ?? 0;
    await outbox.markPublished(db, { from: position, to: position, at: now });
    expect(await outbox.hasPending(db, fromStart)).toBe(false);
  });

  it('leaves out what lies at or below the watermark', async () => {
    await appendEvents(db, 'JKT-01');
    const { rows } = await db.pool.query<{ id: number }>('select id::int from gateway.outbox');
    expect(await outbox.hasPending(db, { id: rows[0]?.id ?? 0, position: 0 })).toBe(false);
    const [numbered] = await assignSequence(db);
    expect(await outbox.hasPending(db, { id: 0, position: numbered?.position ?? 0 })).toBe(false);
  });
});

describe('marking events as published', () => {
  it('marks those of the run only, and keeps the time of an earlier marking', async () => {
    await appendEvents(db, 'JKT-01', { count: 3 });
    const [first, second] = (await assignSequence(db)).map(({ position }) => position) as [number, number];
    await outbox.markPublished(db, { from: first, to: first, at: now });
    await outbox.markPublished(db, { from: first, to: second, at: plusMs(now, 1_000) });
    expect(await publishedAt()).toEqual([now, plusMs(now, 1_000), null]);
  });
});

describe('taking events', () => {
  it('returns nothing while another relay numbers', async () => {
    await appendEvents(db, 'JKT-01');
    const other = await db.pool.connect();
    await other.query('begin');
    await outbox.tryLock(other);
    const taken = await take();
    await other.query('rollback');
    other.release();
    expect(taken).toBeNull();
  });

  it('numbers each event once, and returns numbered ones until they are marked', async () => {
    await appendEvents(db, 'JKT-01', { count: 2 });
    expect(await take()).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    expect(await take()).toMatchObject([{ seq: 1 }, { seq: 2 }]);
  });

  it('marks what an earlier run published, and returns only what is left and what is new', async () => {
    await appendEvents(db, 'JKT-01', { count: 3 });
    const [first, second] = (await assignSequence(db)).map(({ position }) => position) as [number, number];
    await appendEvents(db, 'JKT-01');
    expect(await take({ from: first, to: second })).toMatchObject([{ seq: 3 }, { seq: 4 }]);
    await take({ from: first, to: second }, plusMs(now, 1_000)); // another relay published the same events
    expect(await publishedAt()).toEqual([now, now, null, null]);
  });

  it('marks nothing while another relay numbers', async () => {
    await appendEvents(db, 'JKT-01');
    const [first] = (await take()) ?? [];
    const position = first?.position ?? 0;
    const other = await db.pool.connect();
    await other.query('begin');
    await outbox.tryLock(other);
    expect(await take({ from: position, to: position })).toBeNull();
    await other.query('rollback');
    other.release();
    expect(await publishedAt()).toEqual([null]);
  });
});
