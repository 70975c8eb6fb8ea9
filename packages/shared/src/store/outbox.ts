import type { Statement } from './database.ts';
import type { Queryable } from './queryable.ts';

/** An event with its number, ready to be published: `body` is the JSON the world sees. */
export interface NumberedEvent {
  id: number;
  storeId: string;
  seq: number;
  body: string;
  occurredAt: Date;
}

const lock: Statement = { name: 'relay-lock', text: `select pg_try_advisory_xact_lock(hashtextextended('gateway relay', 0)) as mine` };

/** One relay numbers at a time; lets go by itself when the transaction ends. */
export async function tryRelayLock(trx: Queryable): Promise<boolean> {
  const { rows } = await trx.query<{ mine: boolean }>(lock);
  return rows[0]?.mine ?? false;
}

const number: Statement = {
  name: 'relay-number',
  text: `with due as materialized (
      select id, occurred_at, event_id, store_id, seq from gateway.outbox where published_at is null order by id limit $1 for update),
    fresh as (
      select id, occurred_at, store_id, row_number() over (partition by store_id order by id) as n from due where seq is null),
    counted as (
      update gateway.stores s set last_seq = s.last_seq + c.n
      from (select store_id, count(*) as n from fresh group by store_id) c where s.store_id = c.store_id
      returning s.store_id, s.last_seq - c.n as before),
    numbered as (
      update gateway.outbox o set seq = c.before + f.n from fresh f join counted c using (store_id)
      where o.id = f.id and o.occurred_at = f.occurred_at
      returning o.id, o.seq)
    select d.id, d.store_id as "storeId", coalesce(d.seq, n.seq) as seq, d.occurred_at as "occurredAt",
      '{"seq": ' || coalesce(d.seq, n.seq) || ', ' || substr(e.payload::text, 2) as body
    from due d left join numbered n using (id) join gateway.payment_events e on e.event_id = d.event_id and e.occurred_at = d.occurred_at
    order by d.id`,
};

/** Numbers what the world has not heard yet, oldest first, each store's on its own. What was numbered before a crash keeps its number. */
export async function numberEvents(trx: Queryable, limit: number): Promise<NumberedEvent[]> {
  const { rows } = await trx.query<NumberedEvent>({ ...number, values: [limit] });
  return rows;
}

const mark: Statement = {
  name: 'relay-mark',
  text: `update gateway.outbox set published_at = $2 where id = any($1::bigint[]) and occurred_at between $3 and $4`,
};

export function markPublished(db: Queryable, events: readonly NumberedEvent[], at: Date): Promise<unknown> {
  const times = events.map(({ occurredAt }) => occurredAt.getTime());
  return db.query({ ...mark, values: [events.map(({ id }) => id), at, new Date(Math.min(...times)), new Date(Math.max(...times) + 1)] });
}

const lag: Statement = {
  name: 'outbox-lag',
  text: `select count(*) as waiting, min(occurred_at) as oldest from (select occurred_at from gateway.outbox where published_at is null limit 10000) w`,
};

/** How much the world has yet to hear, counted to 10,000 at most. */
export async function outboxLag(db: Queryable): Promise<{ waiting: number; oldest: Date | null }> {
  const { rows } = await db.query<{ waiting: number; oldest: Date | null }>(lag);
  return rows[0] as { waiting: number; oldest: Date | null };
}
