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

// Only an index may be used: the reason stands with the functions in the migration.
const byIndexOnly = `set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)`;
const byIndex: Statement = { name: 'relay-by-index', text: `select ${byIndexOnly}` };

// Every transaction that changes an appended outbox row holds this lock, so that relays never wait for each other's row locks.
const lockKey = `hashtextextended('gateway relay', 0)`;
const tryRelayLock: Statement = {
  name: 'relay-try-lock',
  text: `select ${byIndexOnly}, pg_try_advisory_xact_lock(${lockKey}) as "isAcquired"`,
};

/** Takes the relay's lock until the transaction ends. False: another relay holds it. */
export async function tryLock(trx: Queryable): Promise<boolean> {
  const { rows } = await trx.query<{ isAcquired: boolean }>(tryRelayLock);
  return rows[0]?.isAcquired ?? false;
}

const takeUnpublished: Statement = {
  name: 'relay-take',
  text: `select event_position as position, store as "storeId", number as seq, event as "eventId", body
    from gateway.take_unpublished($1, $2, $3, $4, $5, $6)`,
};

/** Positions of events, both included. */
export interface PositionRange {
  from: number;
  to: number;
}

interface TakeOptions {
  watermark: Watermark;
  limit: number;
  /** Published events that are not marked yet, of an earlier run. Null: none. */
  marks: PositionRange | null;
  at: Date;
}

/**
 * Marks `marks` as published, numbers at most `limit` events, and reads the first `limit` unpublished ones by position, without a gap.
 * One statement and one commit. May run twice, also at the same time.
 * @returns null when another relay holds the lock: nothing was marked or numbered
 */
export async function takePending(db: Database, { watermark, limit, marks, at }: TakeOptions): Promise<PendingEvent[] | null> {
  const values = [watermark.id, watermark.position, limit, marks?.from, marks?.to, at];
  const { rows } = await db.pool.query<PendingEvent>({ ...takeUnpublished, values });
  return rows[0]?.position === null ? null : rows;
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

/** Marks published events without numbering others. Waits for the relay's lock. May run twice. */
export async function markPublished(db: Database, { from, to, at }: PositionRange & { at: Date }): Promise<void> {
  await inTransaction(db, (trx) =>
    pipelined([trx.query(lockAsyncCommit), trx.query({ ...markRange, values: [from, to, at] }), trx.commit()]),
  );
}

const pendingExists: Statement = { name: 'relay-peek', text: 'select gateway.has_unpublished($1, $2) as pending' };

/** Whether an event above the watermark is not published yet. */
export async function hasPending({ pool }: Database, { id, position }: Watermark): Promise<boolean> {
  const { rows } = await pool.query<{ pending: boolean }>({ ...pendingExists, values: [id, position] });
  return rows[0]?.pending ?? false;
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
  const values = [watermark.id, watermark.position];
  const [, { rows }] = await inTransaction(db, (trx) =>
    pipelined([trx.query(byIndex), trx.query<Row>({ ...measureLag, values }), trx.commit()] as const),
  );
  const [row] = rows;
  if (!row) throw new Error('the outbox lag query returned no row');
  const { pending, oldest, lowestId, lowestPosition, id, position } = row;
  return { pending, oldest, lowest: { id: lowestId, position: lowestPosition }, reached: { id, position } };
}
