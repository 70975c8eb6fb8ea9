import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { connectRedis } from '@gateway/shared/queue';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import {
  commitEvents,
  commitManyEvents,
  drain,
  eventFixture,
  type RelayFixture,
  type Screen,
  sequenceNumbers,
  startRelayFixture,
  unpublished,
  upTo,
} from '@gateway/testing/relay/relay-fixture';
import { lastPublishedKey } from './publish.ts';

let fixture: RelayFixture;
let store: string;
let screen: Screen;
beforeEach(async () => {
  fixture = await startRelayFixture();
  store = await fixture.store();
  screen = await fixture.listen(store);
});
afterEach(() => fixture.close());

const errors = () => fixture.lines.filter(({ level }) => level === 'error');

async function storeRow(db: Database): Promise<{ last_seq: number; replay_from: number }> {
  const { rows } = await db.pool.query<{ last_seq: number; replay_from: number }>(
    'select last_seq, replay_from from gateway.stores where store_id = $1',
    [store],
  );
  return rows[0] as { last_seq: number; replay_from: number };
}

describe('a database restored from a backup', () => {
  let restored: TestDatabase;
  let db: Database;

  /** Five events are in the backup, eight more are published after it was made. */
  beforeEach(async () => {
    await commitManyEvents(fixture.db, [store], 5);
    await drain(fixture.createRelay());
    restored = await backupOf(fixture);
    db = connectDatabase(restored.url, { name: 'test' });
    await commitManyEvents(fixture.db, [store], 8);
    await drain(fixture.createRelay());
    await screen.waitsFor(13);
  });
  afterEach(async () => {
    await db.close();
    await restored.drop();
  });

  it('is noticed and logged when the relay starts, and numbering continues above the last published number', async () => {
    const relay = fixture.createRelay({ db });
    await relay.runOnce();
    expect(errors()).toMatchObject([
      { store_id: store, msg: expect.stringContaining('sequence reset'), reason: expect.stringContaining('last_seq 5, last published 13') },
    ]);
    await commitManyEvents(db, [store], 3);
    await drain(relay);
    await screen.waitsFor(16);
    expect(screen.seqs(store)).toEqual(upTo(16));
    expect(errors()).toHaveLength(1);
  });

  it('stores where its numbering continues, so that no screen waits for events that are lost', async () => {
    expect(await storeRow(db)).toEqual({ last_seq: 5, replay_from: 1 });
    await fixture.createRelay({ db }).runOnce();
    expect(await storeRow(db)).toEqual({ last_seq: 13, replay_from: 14 });
  });

  it('is noticed when events were written before the relay started', async () => {
    await commitManyEvents(db, [store], 20);
    await drain(fixture.createRelay({ db }));
    await screen.waitsFor(33);
    expect(screen.seqs(store)).toEqual(upTo(33));
    expect(await sequenceNumbers(db, store)).toEqual([...upTo(5), ...upTo(33).slice(13)]);
  });

  it('does not change the sequence of another store', async () => {
    const other = await fixture.store();
    await commitEvents(fixture.db, [eventFixture(other)]);
    await fixture.createRelay().runOnce();
    await fixture.createRelay({ db }).runOnce(); // the backup does not contain that store
    expect(errors()).toHaveLength(1);
  });
});

describe('a sequence that moves back while the relay runs', () => {
  const moveBackTo = (seq: number) =>
    fixture.db.pool.query({
      text: `with forgotten as (delete from gateway.outbox where store_id = $1 and seq > $2) update gateway.stores set last_seq = $2 where store_id = $1`,
      values: [store, seq],
    });

  it.each([[1], [8], [20]])('is noticed before %i new events are published, and none of them is lost', async (count) => {
    const relay = fixture.createRelay();
    await commitManyEvents(fixture.db, [store], 13);
    await drain(relay);
    await moveBackTo(5);
    await commitManyEvents(fixture.db, [store], count); // with 20, the new numbers pass the last published one
    await drain(relay);
    await screen.waitsFor(13 + count);
    expect(screen.received).toHaveLength(13 + count);
    expect(screen.seqs(store)).toEqual([...new Set(screen.seqs(store))].sort((a, b) => a - b)); // each once, in order
    expect(
      screen
        .seqs(store)
        .slice(13)
        .every((seq) => seq > 13),
    ).toBe(true);
    expect(errors()).toHaveLength(1);
    expect((await storeRow(fixture.db)).replay_from).toBe(screen.seqs(store)[13]);
    expect(await unpublished(fixture.db)).toBe(0);
  });

  it('is noticed although the events were numbered while Redis was unavailable', async () => {
    const relay = fixture.createRelay();
    await commitManyEvents(fixture.db, [store], 13);
    await drain(relay);
    await moveBackTo(5);
    await commitManyEvents(fixture.db, [store], 20);
    const disconnected = connectRedis(fixture.redisUrl, { name: 'test' });
    disconnected.disconnect();
    await expect(fixture.createRelay({ redis: disconnected }).runOnce()).rejects.toThrow('could not be published');
    expect(await sequenceNumbers(fixture.db, store)).toEqual(upTo(25)); // numbered, not published
    await drain(fixture.createRelay());
    await screen.waitsFor(33);
    expect(screen.seqs(store)).toEqual([...upTo(13), ...upTo(20).map((n) => 25 + n)]);
  });
});

describe('a Redis that was flushed', () => {
  it('does not change the sequence: PostgreSQL stores the last number', async () => {
    const relay = fixture.createRelay();
    await commitManyEvents(fixture.db, [store], 5);
    await drain(relay);
    await fixture.redis.del(lastPublishedKey(fixture.key));
    await commitManyEvents(fixture.db, [store], 5);
    await drain(fixture.createRelay());
    await screen.waitsFor(10);
    expect(screen.seqs(store)).toEqual(upTo(10));
    expect(await storeRow(fixture.db)).toEqual({ last_seq: 10, replay_from: 1 });
    expect(errors()).toEqual([]);
  });
});

/** A copy of the database as it is now. PostgreSQL copies a database only while it has no connections. */
async function backupOf({ url }: RelayFixture): Promise<TestDatabase> {
  const name = new URL(url).pathname.slice(1);
  const admin = connectDatabase(url.replace(name, 'postgres'), { name: 'test' });
  await admin.pool.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [name]);
  await admin.close();
  return freshDatabase(name);
}
