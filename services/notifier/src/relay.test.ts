import { createMetrics, manualClock } from '@gateway/shared/runtime';
import { type Database, inTransaction, releaseOrder, takeDueEvents } from '@gateway/shared/store';
import { anEvent, aWorld, drain, numbers, tell, tellMany, unpublished, upTo, type World } from '../test/world.ts';
import { eventsPerPipeline, memoryKey, publish } from './publish.ts';
import { createRelay } from './relay.ts';
import { createRelayMetrics } from './relay-metrics.ts';

let world: World;
beforeAll(async () => {
  world = await aWorld();
});
afterAll(() => world.close());

describe('the relay', () => {
  it('tells each store its own events, numbered from 1 without a gap, in the order they were written', async () => {
    const { db } = world;
    const [a, b] = [await world.store(), await world.store()];
    const screen = await world.listen(a, b);
    const events = [a, b, a, a, b].map((store) => anEvent(store));
    await tell(db, events);
    expect(await world.relay().runOnce()).toEqual({ published: 5, more: false, contended: false });
    await screen.hasHeard(5);
    expect(screen.heard.map(({ event_id }) => event_id)).toEqual(events.map(({ event_id }) => event_id));
    expect([screen.seqs(a), screen.seqs(b)]).toEqual([
      [1, 2, 3],
      [1, 2],
    ]);
    expect(await unpublished(db)).toBe(0);
  });

  it('publishes what was appended, and its number', async () => {
    const store = await world.store();
    const screen = await world.listen(store);
    const event = anEvent(store, { data: { issuer: 'dana', note: 'nasi "goreng"\n✓' } });
    await tell(world.db, [event]);
    await world.relay().runOnce();
    await screen.hasHeard(1);
    expect(screen.heard).toEqual([{ seq: 1, ...event }]);
  });

  it('finds nothing to do when nothing is new', async () => {
    const store = await world.store();
    const relay = world.relay();
    expect(await relay.somethingWaits()).toBe(false);
    await tell(world.db, [anEvent(store)]);
    expect(await relay.somethingWaits()).toBe(true);
    await relay.runOnce();
    expect(await relay.somethingWaits()).toBe(false);
    expect(await relay.runOnce()).toEqual({ published: 0, more: false, contended: false });
  });

  it('takes a bounded bite, and says that there is more', async () => {
    const store = await world.store();
    await tellMany(world.db, [store], 501);
    const relay = world.relay();
    expect(await relay.runOnce()).toMatchObject({ published: 500, more: true });
    expect(await relay.runOnce()).toMatchObject({ published: 1, more: false });
  });

  it('is not stopped by events of a store that nobody claimed, and tells them once somebody has', async () => {
    const store = await world.store();
    await tellMany(world.db, ['nobody'], 600);
    await tell(world.db, [anEvent(store)]);
    expect(await world.relay().runOnce()).toMatchObject({ published: 1 });
    await world.db.pool.query(`insert into gateway.stores (store_id, host, tenant, created_at) values ('nobody', 'pos', 'bakmi', now())`);
    await drain(world.relay());
    expect(await numbers(world.db, 'nobody')).toEqual(upTo(600));
  });

  it('numbers on while an older transaction is still open, and tells what it leaves when it commits', async () => {
    const { db } = world;
    const store = await world.store();
    const relay = world.relay();
    const slow = anEvent(store);
    await inTransaction(db, async (trx) => {
      await trx.query({
        text: `insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload) values ($1, $2, 'p', 'payment.paid', $3)`,
        values: [slow.event_id, slow.occurred_at, JSON.stringify(slow)],
      });
      await trx.query({
        text: `insert into gateway.outbox (event_id, occurred_at, store_id, type, order_key, payment_id) values ($1, $2, $3, 'payment.paid', 'o', 'p')`,
        values: [slow.event_id, slow.occurred_at, store],
      });
      await tell(db, [anEvent(store)]);
      expect(await relay.runOnce()).toMatchObject({ published: 1 });
    });
    const screen = await world.listen(store);
    expect(await relay.runOnce()).toMatchObject({ published: 1 });
    await screen.hasHeard(1);
    expect(screen.heard[0]).toEqual({ seq: 2, ...slow });
  });
});

describe('two relays on one database', () => {
  it('tell each event once, and each store in order, while tills write', async () => {
    const { db } = world;
    const stores = await Promise.all(upTo(10).map(() => world.store()));
    const screen = await world.listen(...stores);
    const relays = [world.relay(), world.relay()];
    let isWriting = true;
    const writers = upTo(4).map(() => tellMany(db, stores, 500, 5));
    const loops = relays.map(async (relay) => {
      while (isWriting || (await relay.somethingWaits())) await relay.runOnce();
    });
    await Promise.all(writers);
    isWriting = false;
    await Promise.all(loops);
    await screen.hasHeard(2_000);
    for (const store of stores) expect(screen.seqs(store)).toEqual(upTo(200));
  });

  it('agree when one of them stands still between numbering and publishing', async () => {
    const { db, redis, key } = world;
    const store = await world.store();
    const screen = await world.listen(store);
    await tellMany(db, [store], 120);
    const frozen = await takeDueEvents(db, { id: 0, turn: 0 }, 500);
    await drain(world.relay());
    await tell(db, [anEvent(store)]);
    await drain(world.relay());
    const late = (frozen?.events ?? []).slice(0, eventsPerPipeline);
    expect(await publish(redis, key, late)).toMatchObject({ count: 0, doubts: [{ storeId: store, seq: 121 }] });
    await tell(db, [anEvent(store)]);
    await drain(world.relay());
    await screen.hasHeard(122);
    expect(screen.seqs(store)).toEqual(upTo(122));
  });
});

describe('a burst of 5,000 events', () => {
  it('goes out in pipelines of at most 50, in order', async () => {
    const { db, redis } = world;
    const stores = await Promise.all(upTo(20).map(() => world.store()));
    const screen = await world.listen(...stores);
    const sizes = countPipelines(redis);
    await tellMany(db, stores, 5_000, 1_000);
    await drain(world.relay());
    await screen.hasHeard(5_000);
    for (const store of stores) expect(screen.seqs(store)).toEqual(upTo(250));
    expect(Math.max(...sizes)).toBe(50);
    expect(sizes).toHaveLength(100);
  });

  function countPipelines(redis: World['redis']): number[] {
    const sizes: number[] = [];
    const send = redis.eval.bind(redis) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(redis, {
      eval: (...args: unknown[]) => {
        sizes.push(args.filter((arg) => typeof arg === 'string' && arg.startsWith('order:channel:')).length);
        return send(...args);
      },
    });
    return sizes;
  }
});

describe('order.paid', () => {
  it('is told once, however often the order is released', async () => {
    const { db } = world;
    const store = await world.store();
    const screen = await world.listen(store);
    const paid = () => anEvent(store, { type: 'order.paid', payment_id: 'pay_1' });
    for (const _ of upTo(5)) await inTransaction(db, (trx) => releaseOrder(trx, paid()));
    await drain(world.relay());
    await inTransaction(db, (trx) => releaseOrder(trx, paid()));
    await inTransaction(db, (trx) => releaseOrder(trx, anEvent(store, { type: 'order.paid', payment_id: 'pay_2' })));
    await drain(world.relay());
    await screen.hasHeard(2);
    expect(screen.heard.map(({ payment_id, data }) => [payment_id, data.release])).toEqual([
      ['pay_1', 1],
      ['pay_2', 2],
    ]);
    expect(await numbers(db, store)).toEqual([1, 2]);
  });
});

describe('a run that finds nothing', () => {
  it('costs the same however much was told before, though a report keeps every dead row and statistics call the outbox empty', async () => {
    const clock = manualClock();
    const own = await aWorld();
    const relay = own.relay({ clock });
    const before = await pagesRead(own.db, () => relay.runOnce());
    const report = await own.db.pool.connect();
    await report.query('begin isolation level repeatable read');
    await report.query('select count(*) from gateway.outbox');
    const store = await own.store();
    for (let minute = 0; minute < 3; minute++) {
      await tellMany(own.db, [store], 1_000, 500);
      await drain(relay);
      await relay.look();
      clock.advance(60_000);
    }
    await relay.look();
    await own.db.pool.query('analyze gateway.outbox');
    const after = await pagesRead(own.db, () => relay.runOnce());
    const fromTheGround = await pagesRead(own.db, () => own.relay().runOnce());
    await report.query('rollback');
    report.release();
    await own.close();
    expect(after).toBeLessThan(before + 50);
    expect(fromTheGround).toBeGreaterThan(before + 200); // three thousand dead rows
  });

  /** Pages of the outbox and its indexes. */
  async function pagesRead(db: Database, work: () => Promise<unknown>): Promise<number> {
    const before = await pages(db);
    await work();
    return (await pages(db)) - before;
  }

  async function pages({ pool }: Database): Promise<number> {
    // Every connection reports what it has read when it is told to.
    const clients = await Promise.all(upTo(3).map(() => pool.connect()));
    for (const client of clients) await client.query('select pg_stat_force_next_flush()');
    for (const client of clients) await client.query('select 1');
    for (const client of clients) client.release();
    const { rows } = await pool.query<{ n: number }>(
      `select coalesce(sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read), 0)::bigint as n from pg_statio_user_tables where relname like 'outbox%'`,
    );
    return rows[0]?.n ?? 0;
  }
});

describe('what waits', () => {
  it('is counted when the relay looks, and grows older while nobody tells it', async () => {
    const own = await aWorld();
    const clock = manualClock();
    const registry = createMetrics('test');
    const relay = createRelay({
      database: { key: own.key, db: own.db },
      redis: own.redis,
      clock,
      log: own.log,
      metrics: createRelayMetrics(registry, clock)(own.key),
    });
    const figure = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value;
    const store = await own.store();
    await tell(
      own.db,
      [0, 1, 2].map(() => anEvent(store, { occurred_at: clock.now().toISOString() })),
    );
    clock.advance(7_000);
    await relay.look();
    clock.advance(2_000); // nobody looks any more: the database may be away
    expect([await figure('gateway_outbox_waiting'), await figure('gateway_outbox_oldest_seconds')]).toEqual([3, 9]);
    await drain(relay);
    await relay.look();
    expect([await figure('gateway_outbox_waiting'), await figure('gateway_outbox_oldest_seconds')]).toEqual([0, 0]);
    expect(await figure('gateway_events_published_total')).toBe(3);
    await own.close();
  });
});

describe('what Redis remembers', () => {
  it('is the last number and event of each store', async () => {
    const store = await world.store();
    const last = anEvent(store);
    await tell(world.db, [anEvent(store), last]);
    await world.relay().runOnce();
    expect(await world.redis.hget(memoryKey(world.key), store)).toBe(`2 ${last.event_id}`);
  });
});
