import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { systemClock as clock, createMetrics } from '@gateway/shared/runtime';
import { migrate } from '@gateway/shared/store';
import { ownPostgres, ownRedis } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import {
  commitEvents,
  commitManyEvents,
  eventFixture,
  insertStore,
  type RelayFixture,
  sequenceNumbers,
  startRelayFixture,
  unpublished,
  upTo,
} from '@gateway/testing/relay/relay-fixture';
import { createRelay, type Relay } from './relay.ts';
import { type RelayLoop, startRelayLoop } from './relay-loop.ts';
import { createRelayMetrics } from './relay-metrics.ts';
import { createWakeUp } from './wake-up.ts';

const loops: RelayLoop[] = [];
const start = (fixture: RelayFixture, relay: Relay = fixture.createRelay()) => {
  const wakeUp = createWakeUp();
  loops.push(startRelayLoop(relay, { database: fixture.key, wakeUp, log: fixture.log }));
  return wakeUp;
};
const closeLoops = () => Promise.all(loops.splice(0).map((loop) => loop.close()));
const warnings = ({ lines }: RelayFixture) => lines.filter(({ level }) => level === 'warn');

describe('a relay loop', () => {
  let fixture: RelayFixture;
  beforeEach(async () => {
    fixture = await startRelayFixture();
  });
  afterEach(async () => {
    await closeLoops();
    await fixture.close();
  });

  it('publishes at once after a wake-up, and at the next tick when the wake-up was lost', async () => {
    const store = await fixture.store();
    const screen = await fixture.listen(store);
    const wakeUp = start(fixture);
    await commitEvents(fixture.db, [eventFixture(store)]);
    wakeUp.signal();
    await screen.waitsFor(1);
    await commitEvents(fixture.db, [eventFixture(store)]);
    await screen.waitsFor(2);
  });

  it('runs the relay until no event is left', async () => {
    const store = await fixture.store();
    await commitManyEvents(fixture.db, [store], 1_200, 600);
    start(fixture).signal();
    await eventually(async () => (await unpublished(fixture.db)) === 0);
  });

  it('finishes the run in progress when it is closed', async () => {
    const store = await fixture.store();
    await commitManyEvents(fixture.db, [store], 300);
    start(fixture).signal();
    await eventually(async () => (await sequenceNumbers(fixture.db, store)).length > 0);
    await closeLoops();
    expect(await unpublished(fixture.db)).toBe(0);
  });
});

describe('an unavailable Redis', () => {
  let server: Awaited<ReturnType<typeof ownRedis>>;
  let fixture: RelayFixture;
  beforeAll(async () => {
    server = await ownRedis();
    fixture = await startRelayFixture({ redisUrl: server.url });
  });
  afterEach(closeLoops);
  afterAll(async () => {
    await fixture.close();
    await server.stop();
  });

  it('loses no event: they are numbered meanwhile and published in order when it returns, with one warning', async () => {
    const [a, b] = [await fixture.store(), await fixture.store()];
    const screen = await fixture.listen(a, b);
    start(fixture);
    await commitManyEvents(fixture.db, [a, b], 10);
    await screen.waitsFor(10);

    await server.stop();
    await commitManyEvents(fixture.db, [a, b], 1_200);
    await eventually(async () => (await sequenceNumbers(fixture.db, a)).length + (await sequenceNumbers(fixture.db, b)).length === 1_210);
    await server.start();
    await screen.waitsFor(1_210);
    expect(screen.seqs(a)).toEqual(upTo(605));
    expect(screen.seqs(b)).toEqual(upTo(605));
    await eventually(() => fixture.lines.some(({ msg }) => msg === 'relay recovered'));
    expect(warnings(fixture).map(({ msg }) => msg)).toEqual([expect.stringContaining('publishing to Redis failed')]);
  });

  it('that was frozen publishes each event once when it continues', async () => {
    const store = await fixture.store();
    const screen = await fixture.listen(store);
    const failures = warnings(fixture).length;
    start(fixture);
    server.pause();
    await commitManyEvents(fixture.db, [store], 120);
    await eventually(() => warnings(fixture).length > failures);
    server.resume();
    await commitManyEvents(fixture.db, [store], 10);
    await eventually(async () => (await unpublished(fixture.db)) === 0);
    await screen.waitsFor(130);
    expect(screen.seqs(store)).toEqual(upTo(130));
  });
});

describe('an unavailable database', () => {
  let server: Awaited<ReturnType<typeof ownPostgres>>;
  let healthy: RelayFixture;
  let db: Database;
  beforeAll(async () => {
    server = await ownPostgres({ durable: true }); // a number that was published must survive the kill
    await migrate(server.url('postgres'));
    healthy = await startRelayFixture();
    db = connectDatabase(server.url('postgres'), { name: 'test' });
  });
  afterEach(closeLoops);
  afterAll(async () => {
    await Promise.all([healthy.close(), db.close()]);
    await server.stop();
  });

  it('stops its own relay only, and that relay continues without a restart', async () => {
    const metrics = createRelayMetrics(createMetrics('test'), clock)('ERP_DATABASE_URL');
    const relay = createRelay({ database: { key: `${healthy.key}_ERP`, db }, redis: healthy.redis, clock, log: healthy.log, metrics });
    const [here, there] = [await healthy.store(), await insertStore(db)];
    const screen = await healthy.listen(here, there);
    start(healthy);
    start(healthy, relay);
    await commitEvents(db, [eventFixture(there)]);
    await screen.waitsFor(1);

    await server.kill();
    await eventually(() => warnings(healthy).length > 0);
    await commitEvents(healthy.db, [eventFixture(here)]);
    await screen.waitsFor(2);

    await server.start();
    await commitEvents(db, [eventFixture(there)]);
    await screen.waitsFor(3);
    expect(screen.seqs(there)).toEqual([1, 2]);
    expect(warnings(healthy)).toHaveLength(1);
  });
});
