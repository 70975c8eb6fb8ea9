import type { Database, Queryable, Statement } from '../../postgres/index.ts';
import { inTransaction, pipelined } from '../../postgres/index.ts';

/**
 * Where the relay starts to read: every event at or below the watermark is published. Without it each query would read the dead rows
 * of published events, which vacuum cannot remove while a long report is open.
 */
export interface Watermark {
  /** For events that are not numbered yet. */
  id: number;
  /** For numbered events. */
  position: number;
}

/** A numbered event that is not published yet. `body` is its JSON as subscribers receive it. */
export interface PendingEvent {
  /** The order of numbering, over all stores. */
  position: number;
  storeId: string;
  seq: number;
  eventId: string;
  body: string;
}

// The outbox is empty almost always, so by its statistics the planner would read and sort whole partitions. A prepared statement keeps
// that plan, which is too slow when many events wait. These settings leave only plans that use an index.
const byIndexOnly = `set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)`;
const byIndex: Statement = { name: 'relay-by-index', text: `select ${byIndexOnly}` };

/** Runs one statement, planned by index only, in one round trip. */
async function queryByIndex<Row extends Record<string, unknown>>(db: Database, statement: Statement, values: unknown[]): Promise<Row[]> {
  const [, { rows }] = await inTransaction(db, (trx) =>
    pipelined([trx.query(byIndex), trx.query<Row>({ ...statement, values }), trx.commit()] as const),
  );
  return rows;
}

// Every transaction that changes an appended outbox row holds this lock, so that relays never wait for each other's row locks.
// It is a transaction-level lock, because PgBouncer in transaction mode gives the session of a session-level lock to other clients.
const lockKey = `hashtextextended('gateway relay', 0)`;
const tryRelayLock: Statement = {
  name: 'relay-try-lock',
  text: `select ${byIndexOnly}, pg_try_advisory_xact_lock(${lockKey}) as "isAcquired"`,
};

/** Takes the relay's lock until the transaction ends, so that one relay numbers at a time. False: another relay holds it. */
export async function tryLock(trx: Queryable): Promise<boolean> {
  const { rows } = await trx.query<{ isAcquired: boolean }>(tryRelayLock);
  return rows[0]?.isAcquired ?? false;
}

const numberPending: Statement = {
  name: 'relay-number',
  text: `with pending as materialized (
      select o.id, o.occurred_at, o.store_id from gateway.outbox o
      where o.published_at is null and o.position is null and o.id > $1 and exists (select from gateway.stores s where s.store_id = o.store_id)
      order by o.position, o.id limit $2 for update of o),
    counted as (
      update gateway.stores s set last_seq = s.last_seq + c.n
      from (select store_id, count(*) as n from pending group by store_id) c where s.store_id = c.store_id
      returning s.store_id, s.last_seq - c.n as before),
    fresh as (
      select id, occurred_at, seq, nextval('gateway.outbox_positions') as position from (
        select w.id, w.occurred_at, c.before + row_number() over (partition by w.store_id order by w.id) as seq
        from pending w join counted c using (store_id) order by w.id) in_order)
    update gateway.outbox o set seq = f.seq, position = f.position from fresh f where o.id = f.id and o.occurred_at = f.occurred_at`,
};

/** Gives events without a number the next numbers of their store, oldest first. The caller holds the relay's lock. @returns how many */
async function numberEvents(trx: Queryable, { id }: Watermark, limit: number): Promise<number> {
  const { rowCount } = await trx.query({ ...numberPending, values: [id, limit] });
  return rowCount ?? 0;
}

const pendingInOrder: Statement = {
  name: 'relay-due',
  text: `select o.position, o.store_id as "storeId", o.seq, o.event_id as "eventId", '{"seq":' || o.seq || ',' || substr((
      select e.payload::text from gateway.payment_events e where e.event_id = o.event_id and e.occurred_at = o.occurred_at), 2) as body
    from gateway.outbox o where o.published_at is null and o.position > $1 order by o.position limit $2`,
};

/** Reads the first `limit` numbered, unpublished events by position, without a gap. The caller holds the relay's lock. */
async function pendingEvents(trx: Queryable, { position }: Watermark, limit: number): Promise<PendingEvent[]> {
  const { rows } = await trx.query<PendingEvent & Record<string, unknown>>({ ...pendingInOrder, values: [position, limit] });
  return rows;
}

const markRange: Statement = {
  name: 'relay-mark',
  text: 'update gateway.outbox set published_at = $3 where published_at is null and position between $1 and $2',
};

// The commit does not wait for the disk: a mark that is lost when the server crashes is made again by the next run.
const lockAsyncCommit: Statement = {
  name: 'relay-lock-async-commit',
  text: `select ${byIndexOnly}, set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(${lockKey})`,
};

/** Marks the events at the positions `from` to `to` as published. May run twice. */
export async function markPublished(db: Database, { from, to, at }: { from: number; to: number; at: Date }): Promise<void> {
  await inTransaction(db, (trx) =>
    pipelined([trx.query(lockAsyncCommit), trx.query({ ...markRange, values: [from, to, at] }), trx.commit()]),
  );
}

const pendingExists: Statement = {
  name: 'relay-peek',
  text: `select exists (select from gateway.outbox where published_at is null and position is null and id > $1)
      or exists (select from gateway.outbox where published_at is null and position > $2) as pending`,
};

/** Whether an event above the watermark is not published yet. */
export async function hasPending(db: Database, { id, position }: Watermark): Promise<boolean> {
  const [row] = await queryByIndex<{ pending: boolean }>(db, pendingExists, [id, position]);
  return row?.pending ?? false;
}

export interface OutboxLag {
  /** Unpublished events above the watermark, counted up to 20,000. */
  pending: number;
  /** When the oldest of them occurred. */
  oldest: Date | null;
  /** The lowest id without a number and the lowest unpublished position; null when there is none. */
  lowest: { id: number | null; position: number | null };
  /** The highest id and position given so far. */
  reached: Watermark;
}

const measureLag: Statement = {
  name: 'outbox-lag',
  text: `select count(*) as pending, min(occurred_at) as oldest, min(id) filter (where position is null) as "lowestId", min(position) as "lowestPosition",
      coalesce(pg_sequence_last_value('gateway.outbox_id_seq'), 0) as id, coalesce(pg_sequence_last_value('gateway.outbox_positions'), 0) as position
    from (
      (select occurred_at, id, position from gateway.outbox where published_at is null and position is null and id > $1 order by position, id limit 10000)
      union all
      (select occurred_at, id, position from gateway.outbox where published_at is null and position > $2 order by position limit 10000)) w`,
};

/** Measures how many events above the watermark are not published, and since when. */
export async function lag(db: Database, watermark: Watermark): Promise<OutboxLag> {
  type Row = { pending: number; oldest: Date | null; lowestId: number | null; lowestPosition: number | null; id: number; position: number };
  const [row] = await queryByIndex<Row>(db, measureLag, [watermark.id, watermark.position]);
  if (!row) throw new Error('the outbox lag query returned no row');
  const { pending, oldest, lowestId, lowestPosition, id, position } = row;
  return { pending, oldest, lowest: { id: lowestId, position: lowestPosition }, reached: { id, position } };
}

/** Numbers events and reads the unpublished ones, in two round trips. Null: another relay holds the lock. */
export const takePending = (
  db: Database,
  watermark: Watermark,
  limit: number,
): Promise<{ numbered: number; events: PendingEvent[] } | null> =>
  inTransaction(db, async (trx) => {
    if (!(await tryLock(trx))) return null;
    const [numbered, events] = await pipelined([
      numberEvents(trx, watermark, limit),
      pendingEvents(trx, watermark, limit),
      trx.commit(),
    ] as const);
    return { numbered, events };
  });
