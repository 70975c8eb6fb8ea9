import { type Database, inTransaction } from '@gateway/shared/postgres';
import { manualClock } from '@gateway/shared/runtime';
import { events, outbox } from '@gateway/shared/store';
import {
  commitEvents,
  commitManyEvents,
  drain,
  eventFixture,
  type RelayFixture,
  sequenceNumbers,
  startRelayFixture,
  unpublished,
  upTo,
} from '@gateway/testing/relay/relay-fixture';
import type { QueryConfig } from 'pg';
import { eventsPerPipeline, lastPublishedKey, publish } from './publish.ts';

let fixture: RelayFixture;
beforeAll(async () => {
  fixture = await startRelayFixture();
});
afterAll(() => fixture.close());

describe('the relay', () => {
  it('publishes each store its own events, numbered from 1 without a gap, in the order they were written', async () => {
    const { db } = fixture;
    const [a, b] = [await fixture.store(), await fixture.store()];
    const screen = await fixture.listen(a, b);
    const appended = [a, b, a, a, b].map((store) => eventFixture(store));
    await commitEvents(db, appended);
    expect(await fixture.createRelay().runOnce()).toEqual({ published: 5, hasMore: false, isContended: false });
    await screen.waitsFor(5);
    expect(screen.received.map(({ event_id }) => event_id)).toEqual(appended.map(({ event_id }) => event_id));
    expect([screen.seqs(a), screen.seqs(b)]).toEqual([
      [1, 2, 3],
      [1, 2],
    ]);
  });

  it('marks the events of a run in the statement of the next one, and publishes none of them again', async () => {
    const { db } = fixture;
    const store = await fixture.store();
    const screen = await fixture.listen(store);
    const relay = fixture.createRelay();
    await commitEvents(db, [eventFixture(store), eventFixture(store)]);
    await relay.runOnce();
    expect([await unpublished(db), await relay.hasPending()]).toEqual([2, true]);
    await commitEvents(db, [eventFixture(store)]);
    expect(await relay.runOnce()).toEqual({ published: 1, hasMore: false, isContended: false });
    expect(await unpublished(db)).toBe(1);
    await relay.runOnce();
    expect([await unpublished(db), await relay.hasPending()]).toEqual([0, false]);
    await screen.waitsFor(3);
    expect(screen.seqs(store)).toEqual([1, 2, 3]);
  });

  it('starts behind the events that it has marked, so that a run does not read every published event', async () => {
    const { db } = fixture;
    const store = await fixture.store();
    const starts: number[] = [];
    const query = (config: QueryConfig) => {
      if (config.name === 'relay-take') starts.push(Number(config.values?.[1])); // the position of the watermark
      return db.pool.query(config);
    };
    const pool = new Proxy(db.pool, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name, target)) });
    const relay = fixture.createRelay({ db: { ...db, pool } });
    for (let n = 0; n < 3; n++) {
      await commitEvents(db, [eventFixture(store)]);
      await relay.runOnce();
    }
    expect(starts[2]).toBeGreaterThan(starts[1] as number);
  });

  it('keeps the marks of what it published before Redis failed, so that an emptied Redis receives none of it again', async () => {
    const own = await startRelayFixture();
    const store = await own.store();
    const screen = await own.listen(store);
    const relay = own.createRelay();
    await commitManyEvents(own.db, [store], eventsPerPipeline + 1);
    const evalsha = own.redis.evalsha.bind(own.redis) as (...args: unknown[]) => Promise<unknown>;
    let sent = 0;
    Object.assign(own.redis, {
      evalsha: (...args: unknown[]) => (++sent === 2 ? Promise.reject(new Error('LOADING')) : evalsha(...args)), // the second pipeline fails
    });
    await expect(relay.runOnce()).rejects.toThrow('events could not be published');
    await own.redis.del(lastPublishedKey(own.key));
    await drain(relay);
    await screen.waitsFor(eventsPerPipeline + 1);
    expect(screen.seqs(store)).toEqual(upTo(eventsPerPipeline + 1));
    await own.close();
  });

  it('publishes the event as it was appended, with its sequence number', async () => {
    const store = await fixture.store();
    const screen = await fixture.listen(store);
    const event = eventFixture(store, { data: { issuer: 'dana', note: 'nasi "goreng"\n✓' } });
    await commitEvents(fixture.db, [event]);
    await fixture.createRelay().runOnce();
    await screen.waitsFor(1);
    expect(screen.received).toEqual([{ seq: 1, ...event }]);
  });

  it('publishes nothing when every event is published', async () => {
    const store = await fixture.store();
    const relay = fixture.createRelay();
    await drain(relay);
    expect(await relay.hasPending()).toBe(false);
    await commitEvents(fixture.db, [eventFixture(store)]);
    expect(await relay.hasPending()).toBe(true);
    await drain(relay);
    expect(await relay.hasPending()).toBe(false);
    expect(await relay.runOnce()).toEqual({ published: 0, hasMore: false, isContended: false });
  });

  it('publishes at most 500 events in a run, and reports that more are left', async () => {
    const store = await fixture.store();
    await commitManyEvents(fixture.db, [store], 501);
    const relay = fixture.createRelay();
    expect(await relay.runOnce()).toMatchObject({ published: 500, hasMore: true });
    expect(await relay.runOnce()).toMatchObject({ published: 1, hasMore: false });
  });

  it('is not blocked by events of an unregistered store, and publishes them after the store is registered', async () => {
    const store = await fixture.store();
    await commitManyEvents(fixture.db, ['unregistered'], 600);
    await commitEvents(fixture.db, [eventFixture(store)]);
    expect(await fixture.createRelay().runOnce()).toMatchObject({ published: 1 });
    await fixture.db.pool.query(
      `insert into gateway.stores (store_id, host, tenant, created_at) values ('unregistered', 'pos', 'bakmi', now())`,
    );
    await drain(fixture.createRelay());
    expect(await sequenceNumbers(fixture.db, 'unregistered')).toEqual(upTo(600));
  });

  it('numbers events while an older transaction is open, and publishes its event after it commits', async () => {
    const { db } = fixture;
    const store = await fixture.store();
    const relay = fixture.createRelay();
    const slow = eventFixture(store);
    await inTransaction(db, async (trx) => {
      await trx.query({
        text: `insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload) values ($1, $2, 'p', 'payment.paid', $3)`,
        values: [slow.event_id, slow.occurred_at, JSON.stringify(slow)],
      });
      await trx.query({
        text: `insert into gateway.outbox (event_id, occurred_at, store_id, type, order_key, payment_id) values ($1, $2, $3, 'payment.paid', 'o', 'p')`,
        values: [slow.event_id, slow.occurred_at, store],
      });
      await commitEvents(db, [eventFixture(store)]);
      expect(await relay.runOnce()).toMatchObject({ published: 1 });
    });
    const screen = await fixture.listen(store);
    expect(await relay.runOnce()).toMatchObject({ published: 1 });
    await screen.waitsFor(1);
    expect(screen.received[0]).toEqual({ seq: 2, ...slow });
  });
});

describe('two relays on one database', () => {
  it('publish each event once, and each store in order, while tills write', async () => {
    const { db } = fixture;
    const stores = await Promise.all(upTo(10).map(() => fixture.store()));
    const screen = await fixture.listen(...stores);
    const relays = [fixture.createRelay(), fixture.createRelay()];
    let isWriting = true;
    const writers = upTo(4).map(() => commitManyEvents(db, stores, 500, 5));
    const loops = relays.map(async (relay) => {
      while (isWriting || (await relay.hasPending())) await relay.runOnce();
    });
    await Promise.all(writers);
    isWriting = false;
    await Promise.all(loops);
    await screen.waitsFor(2_000);
    for (const store of stores) expect(screen.seqs(store)).toEqual(upTo(200));
  });

  it('publish each event once when one of them is frozen between numbering and publishing', async () => {
    const { db, redis, key } = fixture;
    const store = await fixture.store();
    const screen = await fixture.listen(store);
    await commitManyEvents(db, [store], 120);
    const frozen = await outbox.takePending(db, { watermark: { id: 0, position: 0 }, limit: 500, marks: null, at: new Date() });
    await drain(fixture.createRelay());
    await commitEvents(db, [eventFixture(store)]);
    await drain(fixture.createRelay());
    const late = (frozen ?? []).slice(0, eventsPerPipeline);
    expect(await publish(redis, key, late)).toMatchObject({ count: 0, conflicts: [{ storeId: store, seq: 121 }] });
    await commitEvents(db, [eventFixture(store)]);
    await drain(fixture.createRelay());
    await screen.waitsFor(122);
    expect(screen.seqs(store)).toEqual(upTo(122));
  });
});

describe('a burst of 5,000 events', () => {
  it('is published in order, in pipelines of at most 50', async () => {
    const { db, redis } = fixture;
    const stores = await Promise.all(upTo(20).map(() => fixture.store()));
    const screen = await fixture.listen(...stores);
    const sizes = countPipelines(redis);
    await commitManyEvents(db, stores, 5_000, 1_000);
    await drain(fixture.createRelay());
    await screen.waitsFor(5_000);
    for (const store of stores) expect(screen.seqs(store)).toEqual(upTo(250));
    expect(Math.max(...sizes)).toBe(50);
    expect(sizes).toHaveLength(100);
  });

  function countPipelines(redis: RelayFixture['redis']): number[] {
    const sizes: number[] = [];
    const send = redis.evalsha.bind(redis) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(redis, {
      evalsha: (...args: unknown[]) => {
        sizes.push(args.filter((arg) => typeof arg === 'string' && arg.startsWith('order:channel:')).length);
        return send(...args);
      },
    });
    return sizes;
  }
});

describe('order.paid', () => {
  it('is published once for each accepted payment, however often the order is released', async () => {
    const { db } = fixture;
    const store = await fixture.store();
    const screen = await fixture.listen(store);
    const paid = () => eventFixture(store, { type: 'order.paid', payment_id: 'pay_1' });
    for (const _ of upTo(5)) await inTransaction(db, (trx) => events.releaseOrder(trx, paid(), 'order-1'));
    await drain(fixture.createRelay());
    await inTransaction(db, (trx) => events.releaseOrder(trx, paid(), 'order-1'));
    await inTransaction(db, (trx) => events.releaseOrder(trx, eventFixture(store, { type: 'order.paid', payment_id: 'pay_2' }), 'order-1'));
    await drain(fixture.createRelay());
    await screen.waitsFor(2);
    expect(screen.received.map(({ payment_id, data }) => [payment_id, data.release])).toEqual([
      ['pay_1', 1],
      ['pay_2', 2],
    ]);
    expect(await sequenceNumbers(db, store)).toEqual([1, 2]);
  });
});

describe('a run without pending events', () => {
  it('costs the same after thousands of published events, also with every dead row kept by a report and outdated statistics', async () => {
    const clock = manualClock();
    const own = await startRelayFixture();
    const relay = own.createRelay({ clock, db: own.db }); // `pagesRead` counts what the connections of `own.db` read
    const before = await pagesRead(own.db, () => relay.runOnce());
    const report = await own.db.pool.connect();
    await report.query('begin isolation level repeatable read');
    await report.query('select count(*) from gateway.outbox');
    const store = await own.store();
    for (let minute = 0; minute < 3; minute++) {
      await commitManyEvents(own.db, [store], 1_000, 500);
      await drain(relay);
      await relay.measureLag();
      clock.advance(60_000);
    }
    await relay.measureLag();
    await own.db.pool.query('analyze gateway.outbox');
    const after = await pagesRead(own.db, () => relay.runOnce());
    const fromStart = await pagesRead(own.db, () => own.createRelay({ db: own.db }).runOnce());
    await report.query('rollback');
    report.release();
    await own.close();
    expect(after).toBeLessThan(before + 50);
    expect(fromStart).toBeGreaterThan(before + 200); // three thousand dead rows
  });

  /** How many pages of the outbox and its indexes `work` reads. */
  async function pagesRead(db: Database, work: () => Promise<unknown>): Promise<number> {
    const before = await pages(db);
    await work();
    return (await pages(db)) - before;
  }

  async function pages({ pool }: Database): Promise<number> {
    // A connection reports its statistics late; this makes every connection of the pool report them now.
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

describe('what Redis stores of a database', () => {
  it('is the last published sequence number and event of each store', async () => {
    const store = await fixture.store();
    const last = eventFixture(store);
    await commitEvents(fixture.db, [eventFixture(store), last]);
    await fixture.createRelay().runOnce();
    expect(await fixture.redis.hget(lastPublishedKey(fixture.key), store)).toBe(`2 ${last.event_id}`);
  });
});
