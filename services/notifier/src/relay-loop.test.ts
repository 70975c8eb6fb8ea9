import { systemClock as clock, createMetrics } from '@gateway/shared/runtime';
import { connectDatabase, type Database, migrate } from '@gateway/shared/store';
import { eventually } from '../../../testing/eventually.ts';
import { ownPostgres, ownRedis } from '../../../testing/servers.ts';
import { anEvent, aStore, aWorld, numbers, tell, tellMany, unpublished, upTo, type World } from '../test/world.ts';
import { createBell } from './bell.ts';
import { createRelay, type Relay } from './relay.ts';
import { type RelayLoop, startRelayLoop } from './relay-loop.ts';
import { createRelayMetrics } from './relay-metrics.ts';

import.meta.jest.setTimeout(60_000); // a PostgreSQL of one's own is made in two seconds, and much longer when everybody else tests, too

const loops: RelayLoop[] = [];
const start = (world: World, relay: Relay = world.relay()) => {
  const bell = createBell();
  loops.push(startRelayLoop(relay, { database: world.key, bell, log: world.log }));
  return bell;
};
const closeLoops = () => Promise.all(loops.splice(0).map((loop) => loop.close()));
const warnings = ({ lines }: World) => lines.filter(({ level }) => level === 'warn');

describe('a relay loop', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorld();
  });
  afterEach(async () => {
    await closeLoops();
    await world.close();
  });

  it('tells at once when its bell rings, and soon when the ring was lost', async () => {
    const store = await world.store();
    const screen = await world.listen(store);
    const bell = start(world);
    await tell(world.db, [anEvent(store)]);
    bell.ring();
    await screen.hasHeard(1);
    await tell(world.db, [anEvent(store)]);
    await screen.hasHeard(2);
  });

  it('works until nothing is left', async () => {
    const store = await world.store();
    await tellMany(world.db, [store], 1_200, 600);
    start(world).ring();
    await eventually(async () => (await unpublished(world.db)) === 0);
  });

  it('finishes the run in hand when it is closed', async () => {
    const store = await world.store();
    await tellMany(world.db, [store], 300);
    start(world).ring();
    await eventually(async () => (await numbers(world.db, store)).length > 0);
    await closeLoops();
    expect(await unpublished(world.db)).toBe(0);
  });
});

describe('a Redis that is away', () => {
  let server: Awaited<ReturnType<typeof ownRedis>>;
  let world: World;
  beforeAll(async () => {
    server = await ownRedis();
    world = await aWorld({ redisUrl: server.url });
  });
  afterEach(closeLoops);
  afterAll(async () => {
    await world.close();
    await server.stop();
  });

  it('loses nothing: events are numbered meanwhile, and heard in order when it is back, which is said once', async () => {
    const [a, b] = [await world.store(), await world.store()];
    const screen = await world.listen(a, b);
    start(world);
    await tellMany(world.db, [a, b], 10);
    await screen.hasHeard(10);

    await server.stop();
    await tellMany(world.db, [a, b], 1_200);
    await eventually(async () => (await numbers(world.db, a)).length + (await numbers(world.db, b)).length === 1_210);
    await server.start();
    await screen.hasHeard(1_210);
    expect(screen.seqs(a)).toEqual(upTo(605));
    expect(screen.seqs(b)).toEqual(upTo(605));
    await eventually(() => world.lines.some(({ msg }) => msg === 'events are published again'));
    expect(warnings(world).map(({ msg }) => msg)).toEqual([expect.stringContaining('Redis cannot be told of events')]);
  });

  it('repeats nothing when it was only frozen, and does what it was asked when it thaws', async () => {
    const store = await world.store();
    const screen = await world.listen(store);
    const failures = warnings(world).length;
    start(world);
    server.pause();
    await tellMany(world.db, [store], 120);
    await eventually(() => warnings(world).length > failures);
    server.resume();
    await tellMany(world.db, [store], 10);
    await eventually(async () => (await unpublished(world.db)) === 0);
    await screen.hasHeard(130);
    expect(screen.seqs(store)).toEqual(upTo(130));
  });
});

describe('a database that is away', () => {
  let server: Awaited<ReturnType<typeof ownPostgres>>;
  let healthy: World;
  let db: Database;
  beforeAll(async () => {
    server = await ownPostgres();
    await migrate(server.url('postgres'));
    healthy = await aWorld();
    db = connectDatabase(server.url('postgres'), { name: 'test' });
  });
  afterEach(closeLoops);
  afterAll(async () => {
    await Promise.all([healthy.close(), db.close()]);
    await server.stop();
  });

  it('stops its own relay only, which goes on without a restart', async () => {
    const metrics = createRelayMetrics(createMetrics('test'), clock)('ERP_DATABASE_URL');
    const relay = createRelay({ database: { key: `${healthy.key}_ERP`, db }, redis: healthy.redis, clock, log: healthy.log, metrics });
    const [here, there] = [await healthy.store(), await aStore(db)];
    const screen = await healthy.listen(here, there);
    start(healthy);
    start(healthy, relay);
    await tell(db, [anEvent(there)]);
    await screen.hasHeard(1);

    await server.kill();
    await eventually(() => warnings(healthy).length > 0);
    await tell(healthy.db, [anEvent(here)]);
    await screen.hasHeard(2);

    await server.start();
    await tell(db, [anEvent(there)]);
    await screen.hasHeard(3);
    expect(screen.seqs(there)).toEqual([1, 2]);
    expect(warnings(healthy)).toHaveLength(1);
  });
});
