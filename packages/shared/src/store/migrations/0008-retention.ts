import type { Migration } from './migration.ts';

/** Maintenance that a serving role may start and cannot misuse. */
export const retention: Migration = {
  name: '0008-retention',
  up: `
-- The functions run with the rights of their owner, because the role that serves may not drop or delete what they drop and delete. What
-- expires is decided here: a caller gives an earlier time than now at most, so it cannot make young rows old.
create function gateway.latest_time() returns timestamptz language sql stable set search_path = pg_catalog, pg_temp as $$ select now() $$;

create function gateway.retention_rules() returns table (tab text, span interval, keep interval, time_column text, unfinished text)
language sql immutable set search_path = pg_catalog, pg_temp as $$
  values
    ('outbox', interval '1 day', interval '3 days', 'occurred_at', 'published_at is null'), -- a client can read missed events for 72 h
    ('payment_events', interval '1 month', interval '400 days', 'occurred_at', null), -- a financial year, and a month to close it
    ('webhook_inbox', interval '1 month', interval '90 days', 'received_at', 'next_try_at is not null')
$$;

create function gateway.expired_partitions(at timestamptz) returns table (partition text)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select c.relname::text
  from gateway.retention_rules() r
    join pg_inherits i on i.inhparent = ('gateway.' || r.tab)::regclass
    join pg_class c on c.oid = i.inhrelid
  where c.relname ~ '_[0-9]{8}$'
    and (to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp + r.span) at time zone 'UTC' + r.keep <= least(at, gateway.latest_time())
  order by c.relname
$$;

create function gateway.drop_expired_partition(part text, at timestamptz) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare unfinished text; has_unfinished boolean := false;
begin
  if part not in (select p.partition from gateway.expired_partitions(at) p) then return null; end if;
  select r.unfinished into unfinished from gateway.retention_rules() r where part = r.tab || right(part, 9);
  if unfinished is not null then
    execute format('select exists (select from gateway.%I where %s)', part, unfinished) into has_unfinished;
  end if;
  if has_unfinished then return 'has_unfinished_rows'; end if;
  execute format('drop table gateway.%I', part);
  return 'dropped';
end $$;

create function gateway.prune_default(of_table text, at timestamptz, batch integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare rule record; deleted integer;
begin
  select * into strict rule from gateway.retention_rules() r where r.tab = of_table;
  execute format('delete from gateway.%I where ctid = any (array(select ctid from gateway.%I where %I < $1 and not coalesce(%s, false) limit $2))',
    of_table || '_default', of_table || '_default', rule.time_column, coalesce(rule.unfinished, 'false'))
    using least(at, gateway.latest_time()) - rule.keep, batch;
  get diagnostics deleted = row_count;
  return deleted;
end $$;

alter function gateway.create_partitions(timestamptz, integer) security definer;
alter function gateway.create_partitions(timestamptz, integer) set search_path = pg_catalog, pg_temp;
`,
};
