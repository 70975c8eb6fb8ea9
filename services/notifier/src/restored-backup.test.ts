import { connectRedis } from '@gateway/shared/queue';
import { connectDatabase, type Database } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase } from '../../../testing/servers.ts';
import { anEvent, aWorld, drain, numbers, type Screen, tell, tellMany, unpublished, upTo, type World } from '../test/world.ts';
import { memoryKey } from './publish.ts';

let world: World;
let store: string;
let screen: Screen;
beforeEach(async () => {
  world = await aWorld();
  store = await world.store();
  screen = await world.listen(store);
});
afterEach(() => world.close());

const error = () => world.lines.filter(({ level }) => level === 'error');

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
    await tellMany(world.db, [store], 5);
    await drain(world.relay());
    restored = await backupOf(world);
    db = connectDatabase(restored.url, { name: 'test' });
    await tellMany(world.db, [store], 8);
    await drain(world.relay());
    await screen.hasHeard(13);
  });
  afterEach(async () => {
    await db.close();
    await restored.drop();
  });

  it('is noticed and said when the relay starts, and numbering goes on above what screens have heard', async () => {
    const relay = world.relay({ db });
    await relay.runOnce();
    expect(error()).toMatchObject([
      { store_id: store, msg: expect.stringContaining('moved back'), reason: expect.stringContaining('up to 5') },
    ]);
    await tellMany(db, [store], 3);
    await drain(relay);
    await screen.hasHeard(16);
    expect(screen.seqs(store)).toEqual(upTo(16));
    expect(error()).toHaveLength(1);
  });

  it('says where its numbering goes on, so that no screen chases what is lost', async () => {
    expect(await storeRow(db)).toEqual({ last_seq: 5, replay_from: 1 });
    await world.relay({ db }).runOnce();
    expect(await storeRow(db)).toEqual({ last_seq: 13, replay_from: 14 });
  });

  it('is noticed too when events were written before the relay came', async () => {
    await tellMany(db, [store], 20);
    await drain(world.relay({ db }));
    await screen.hasHeard(33);
    expect(screen.seqs(store)).toEqual(upTo(33));
    expect(await numbers(db, store)).toEqual([...upTo(5), ...upTo(33).slice(13)]);
  });

  it('leaves other stores as they were', async () => {
    const other = await world.store();
    await tell(world.db, [anEvent(other)]);
    await world.relay().runOnce();
    await world.relay({ db }).runOnce(); // that store is not in the backup at all
    expect(error()).toHaveLength(1);
  });
});

describe('numbers that move back under a relay that runs', () => {
  const moveBackTo = (seq: number) =>
    world.db.pool.query({
      text: `with forgotten as (delete from gateway.outbox where store_id = $1 and seq > $2) update gateway.stores set last_seq = $2 where store_id = $1`,
      values: [store, seq],
    });

  it.each([[1], [8], [20]])('are noticed before %i new events are heard, and none of them is lost', async (count) => {
    const relay = world.relay();
    await tellMany(world.db, [store], 13);
    await drain(relay);
    await moveBackTo(5);
    await tellMany(world.db, [store], count); // with twenty, the numbers of the new ones pass the last one that was heard
    await drain(relay);
    await screen.hasHeard(13 + count);
    expect(screen.heard).toHaveLength(13 + count);
    expect(screen.seqs(store)).toEqual([...new Set(screen.seqs(store))].sort((a, b) => a - b)); // none twice, in order
    expect(
      screen
        .seqs(store)
        .slice(13)
        .every((seq) => seq > 13),
    ).toBe(true);
    expect(error()).toHaveLength(1);
    expect((await storeRow(world.db)).replay_from).toBe(screen.seqs(store)[13]);
    expect(await unpublished(world.db)).toBe(0);
  });

  it('are noticed though they were given while Redis could not be asked', async () => {
    const relay = world.relay();
    await tellMany(world.db, [store], 13);
    await drain(relay);
    await moveBackTo(5);
    await tellMany(world.db, [store], 20);
    const away = connectRedis(world.redisUrl, { name: 'test' });
    away.disconnect();
    await expect(world.relay({ redis: away }).runOnce()).rejects.toThrow('could not be published');
    expect(await numbers(world.db, store)).toEqual(upTo(25)); // numbered, and not heard
    await drain(world.relay());
    await screen.hasHeard(33);
    expect(screen.seqs(store)).toEqual([...upTo(13), ...upTo(20).map((n) => 25 + n)]);
  });
});

describe('a Redis that has lost its memory', () => {
  it('changes nothing: the database knows its numbers', async () => {
    const relay = world.relay();
    await tellMany(world.db, [store], 5);
    await drain(relay);
    await world.redis.del(memoryKey(world.key));
    await tellMany(world.db, [store], 5);
    await drain(world.relay());
    await screen.hasHeard(10);
    expect(screen.seqs(store)).toEqual(upTo(10));
    expect(await storeRow(world.db)).toEqual({ last_seq: 10, replay_from: 1 });
    expect(error()).toEqual([]);
  });
});

/** A copy of the database as it is now, which the server makes only while nobody is connected. */
async function backupOf({ url }: World): Promise<TestDatabase> {
  const name = new URL(url).pathname.slice(1);
  const admin = connectDatabase(url.replace(name, 'postgres'), { name: 'test' });
  await admin.pool.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [name]);
  await admin.close();
  return freshDatabase(name);
}
