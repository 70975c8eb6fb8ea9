import type { Database, Statement } from './database.ts';
import type { Queryable } from './queryable.ts';
import { inTransaction, sent } from './transaction.ts';

/**
 * From where the relay looks: all that lies at or below it has been told. Without it every look would wade through the dead
 * rows of the past, which stay for as long as somebody's report is open.
 */
export interface Floor {
  /** Of rows that have no number yet. */
  id: number;
  /** Of rows that have one. */
  turn: number;
}

/** An event with its number, ready to be published: `body` is the JSON the world sees. */
export interface DueEvent {
  /** Its place in the order of numbering, over all stores. */
  turn: number;
  storeId: string;
  seq: number;
  eventId: string;
  body: string;
}

// The outbox is empty nearly always, so statistics talk the planner into reading and sorting whole partitions. That plan is kept,
// and is wrong on the day it matters.
const byIndexOnly = `set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)`;
const byIndex: Statement = { name: 'relay-by-index', text: `select ${byIndexOnly}` };

/** One statement in one round trip, planned by index only. */
async function ask<Row extends Record<string, unknown>>(db: Database, statement: Statement, values: unknown[]): Promise<Row[]> {
  const [, { rows }] = await inTransaction(db, (trx) =>
    sent([trx.query(byIndex), trx.query<Row>({ ...statement, values }), trx.commit()] as const),
  );
  return rows;
}

// Whoever writes to the outbox after an event was appended holds it, so relays never wait for one another's rows. A lock of the
// transaction: behind PgBouncer a session is not ours.
const lockKey = `hashtextextended('gateway relay', 0)`;
const tryLock: Statement = { name: 'relay-try-lock', text: `select ${byIndexOnly}, pg_try_advisory_xact_lock(${lockKey}) as mine` };

/** One relay numbers at a time; lets go by itself when the transaction ends. False: another one is at it. */
export async function takeRelayLock(trx: Queryable): Promise<boolean> {
  const { rows } = await trx.query<{ mine: boolean }>(tryLock);
  return rows[0]?.mine ?? false;
}

const number: Statement = {
  name: 'relay-number',
  text: `with waiting as materialized (
      select o.id, o.occurred_at, o.store_id from gateway.outbox o
      where o.published_at is null and o.turn is null and o.id > $1 and exists (select from gateway.stores s where s.store_id = o.store_id)
      order by o.turn, o.id limit $2 for update of o),
    counted as (
      update gateway.stores s set last_seq = s.last_seq + c.n
      from (select store_id, count(*) as n from waiting group by store_id) c where s.store_id = c.store_id
      returning s.store_id, s.last_seq - c.n as before),
    fresh as (
      select id, occurred_at, seq, nextval('gateway.outbox_turns') as turn from (
        select w.id, w.occurred_at, c.before + row_number() over (partition by w.store_id order by w.id) as seq
        from waiting w join counted c using (store_id) order by w.id) in_order)
    update gateway.outbox o set seq = f.seq, turn = f.turn from fresh f where o.id = f.id and o.occurred_at = f.occurred_at`,
};

/** Gives numbers to what has none, oldest first, each store's own. Needs the relay's lock. @returns how many */
async function numberEvents(trx: Queryable, { id }: Floor, limit: number): Promise<number> {
  const { rowCount } = await trx.query({ ...number, values: [id, limit] });
  return rowCount ?? 0;
}

const due: Statement = {
  name: 'relay-due',
  text: `select o.turn, o.store_id as "storeId", o.seq, o.event_id as "eventId", '{"seq":' || o.seq || ',' || substr((
      select e.payload::text from gateway.payment_events e where e.event_id = o.event_id and e.occurred_at = o.occurred_at), 2) as body
    from gateway.outbox o where o.published_at is null and o.turn > $1 order by o.turn limit $2`,
};

/** What is numbered and not published, in the order it was numbered: the first `limit`, none left out between them. Needs the relay's lock. */
async function dueEvents(trx: Queryable, { turn }: Floor, limit: number): Promise<DueEvent[]> {
  const { rows } = await trx.query<DueEvent & Record<string, unknown>>({ ...due, values: [turn, limit] });
  return rows;
}

const mark: Statement = {
  name: 'relay-mark',
  text: 'update gateway.outbox set published_at = $3 where published_at is null and turn between $1 and $2',
};

// A mark that is lost when the server dies is made again, and the next run need not wait for the disk.
const lockUnhurried: Statement = {
  name: 'relay-lock-unhurried',
  text: `select ${byIndexOnly}, set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(${lockKey})`,
};

/** Everything from the first of these turns to the last has been told. May run twice. */
export async function markPublished(db: Database, { from, to, at }: { from: number; to: number; at: Date }): Promise<void> {
  await inTransaction(db, (trx) => sent([trx.query(lockUnhurried), trx.query({ ...mark, values: [from, to, at] }), trx.commit()]));
}

const peek: Statement = {
  name: 'relay-peek',
  text: `select exists (select from gateway.outbox where published_at is null and turn is null and id > $1)
      or exists (select from gateway.outbox where published_at is null and turn > $2) as waiting`,
};

/** Whether anything waits above the floor. */
export async function somethingWaits(db: Database, { id, turn }: Floor): Promise<boolean> {
  const [row] = await ask<{ waiting: boolean }>(db, peek, [id, turn]);
  return row?.waiting ?? false;
}

export interface OutboxLag {
  /** Rows the world has not heard of, counted to 20,000 at most, and when the oldest of them happened. */
  waiting: number;
  oldest: Date | null;
  /** The lowest that waits; null when nothing does. */
  lowest: { id: number | null; turn: number | null };
  /** The highest id and turn given out so far. */
  reached: Floor;
}

const lag: Statement = {
  name: 'outbox-lag',
  text: `select count(*) as waiting, min(occurred_at) as oldest, min(id) filter (where turn is null) as "lowestId", min(turn) as "lowestTurn",
      coalesce(pg_sequence_last_value('gateway.outbox_id_seq'), 0) as id, coalesce(pg_sequence_last_value('gateway.outbox_turns'), 0) as turn
    from (
      (select occurred_at, id, turn from gateway.outbox where published_at is null and turn is null and id > $1 order by turn, id limit 10000)
      union all
      (select occurred_at, id, turn from gateway.outbox where published_at is null and turn > $2 order by turn limit 10000)) w`,
};

/** How much above the floor the world has yet to hear. */
export async function outboxLag(db: Database, floor: Floor): Promise<OutboxLag> {
  type Row = { waiting: number; oldest: Date | null; lowestId: number | null; lowestTurn: number | null; id: number; turn: number };
  const [row] = await ask<Row>(db, lag, [floor.id, floor.turn]);
  if (!row) throw new Error('an aggregate always has one row');
  const { waiting, oldest, lowestId, lowestTurn, id, turn } = row;
  return { waiting, oldest, lowest: { id: lowestId, turn: lowestTurn }, reached: { id, turn } };
}

/** Numbers and reads what is due, in two round trips; null when another relay is at it. */
export const takeDueEvents = (db: Database, floor: Floor, limit: number): Promise<{ numbered: number; events: DueEvent[] } | null> =>
  inTransaction(db, async (trx) => {
    if (!(await takeRelayLock(trx))) return null;
    const [numbered, events] = await sent([numberEvents(trx, floor, limit), dueEvents(trx, floor, limit), trx.commit()] as const);
    return { numbered, events };
  });
