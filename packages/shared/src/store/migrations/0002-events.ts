import type { Migration } from './migration.ts';

/** What the relay publishes: stores with their sequence, the history of payments, the outbox, and order releases. */
export const events: Migration = {
  name: '0002-events',
  up: `
create table gateway.stores (
  store_id text primary key check (store_id ~ '^[A-Za-z0-9_.-]{1,64}$'),
  host text not null, tenant text not null,
  last_seq bigint not null default 0 check (last_seq >= 0),
  replay_from bigint not null default 1 check (replay_from > 0),
  created_at timestamptz not null);
comment on table gateway.stores is 'A store belongs to one tenant of one host. last_seq is the number of the last event that the relay has numbered for it.';
comment on column gateway.stores.replay_from is 'The first seq that can be read again. It rises when a restored backup has lost events that were published: numbering continues above them, and clients need not ask for the gap.';

create table gateway.payment_events (
  event_id text not null, occurred_at timestamptz not null,
  payment_id text not null, type text not null, payload jsonb not null,
  primary key (event_id, occurred_at)) partition by range (occurred_at);
comment on table gateway.payment_events is 'Append-only history of every payment, with the payload as it is published.';
create index payment_events_of_payment on gateway.payment_events (payment_id);

create sequence gateway.outbox_positions;
create table gateway.outbox (
  id bigint generated always as identity,
  event_id text not null, occurred_at timestamptz not null,
  store_id text not null, seq bigint check (seq > 0), position bigint,
  type text not null, order_key text not null, payment_id text not null,
  published_at timestamptz,
  check ((seq is null) = (position is null)),
  primary key (id, occurred_at)) partition by range (occurred_at);
comment on table gateway.outbox is 'Events that must be published. The relay gives seq, one by one for each store; a row without published_at is not published yet.';
comment on column gateway.outbox.position is 'The order of numbering over all stores. Publishing in this order keeps the order of each store.';
-- The relay asks two questions: numbered rows by position, and, position being null, unnumbered rows by id.
create index outbox_unpublished on gateway.outbox (position, id) where published_at is null;

-- What the relay does with the outbox, as functions: one statement and one round trip. Each query in a function sees what was committed
-- before that query, so the numbering sees the numbers of the relay that held the lock before. The outbox is empty almost always, so by
-- its statistics the planner would read and sort whole partitions, which is too slow when many events wait: only an index may be used.
create function gateway.take_unpublished(above_id bigint, above_position bigint, max_events integer, published_from bigint, published_to bigint, at timestamptz)
  returns table (event_position bigint, store text, number bigint, event text, body text)
  language plpgsql set enable_seqscan = off set enable_sort = off as $$
declare
  numbered integer;
begin
  -- A transaction-level lock, because PgBouncer in transaction mode gives the session of a session-level lock to other clients.
  if not pg_try_advisory_xact_lock(hashtextextended('gateway relay', 0)) then
    return query select null::bigint, null::text, null::bigint, null::text, null::text;
    return;
  end if;
  update gateway.outbox set published_at = at where published_at is null and position between published_from and published_to;
  with pending as materialized (
      select o.id, o.occurred_at, o.store_id from gateway.outbox o
      where o.published_at is null and o.position is null and o.id > above_id and exists (select from gateway.stores s where s.store_id = o.store_id)
      order by o.position, o.id limit max_events for update of o),
    counted as (
      update gateway.stores s set last_seq = s.last_seq + c.n
      from (select store_id, count(*) as n from pending group by store_id) c where s.store_id = c.store_id
      returning s.store_id, s.last_seq - c.n as before),
    fresh as (
      select id, occurred_at, seq, nextval('gateway.outbox_positions') as position from (
        select w.id, w.occurred_at, c.before + row_number() over (partition by w.store_id order by w.id) as seq
        from pending w join counted c using (store_id) order by w.id) in_order)
    update gateway.outbox o set seq = f.seq, position = f.position from fresh f where o.id = f.id and o.occurred_at = f.occurred_at;
  get diagnostics numbered = row_count;
  if numbered = 0 then
    -- A mark that is lost when the server crashes is made again by the next run, so the commit need not wait for the disk.
    perform set_config('synchronous_commit', 'off', true);
  end if;
  return query select o.position, o.store_id, o.seq, o.event_id, '{"seq":' || o.seq || ',' || substr((
      select e.payload::text from gateway.payment_events e where e.event_id = o.event_id and e.occurred_at = o.occurred_at), 2)
    from gateway.outbox o where o.published_at is null and o.position > above_position order by o.position limit max_events;
end $$;
comment on function gateway.take_unpublished is 'Marks the events at the positions published_from to published_to as published, gives the oldest events without a number the next numbers of their store, and returns the first numbered events that are not published, by position. One row of nulls: another relay holds the lock, and nothing was done.';

create function gateway.has_unpublished(above_id bigint, above_position bigint) returns boolean
  language plpgsql stable set enable_seqscan = off set enable_sort = off as $$
begin
  return exists (select from gateway.outbox where published_at is null and position is null and id > above_id)
    or exists (select from gateway.outbox where published_at is null and position > above_position);
end $$;
comment on function gateway.has_unpublished is 'Whether an event above these two marks is not published yet.';

create table gateway.releases (
  host text not null, order_key text not null, payment_id text not null,
  release integer not null check (release > 0), released_at timestamptz not null, items jsonb not null default '[]',
  primary key (host, order_key, payment_id),
  unique (host, order_key, release));
comment on table gateway.releases is 'order.paid is appended only if the insert here took effect, so that a kitchen never cooks a payment twice. Rows are never deleted.';
`,
};
