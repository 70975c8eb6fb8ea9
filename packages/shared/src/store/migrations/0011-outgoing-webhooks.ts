import type { Migration } from './migration.ts';

/** Outgoing webhooks: endpoints, how far each one has received each store, and what was sent. */
export const outgoingWebhooks: Migration = {
  name: '0011-outgoing-webhooks',
  up: `
create table gateway.webhook_endpoints (
  id text primary key, client_id text not null, host text not null, tenant text not null,
  url text not null, events text[] not null check (cardinality(events) > 0), store_ids text[], description text,
  secrets jsonb not null,
  created_at timestamptz not null, updated_at timestamptz not null,
  disabled_at timestamptz, disabled_reason text,
  check ((disabled_at is null) = (disabled_reason is null)));
comment on table gateway.webhook_endpoints is 'Where the events of a key are sent. It belongs to the client client_id, and stops when that key is revoked.';
comment on column gateway.webhook_endpoints.secrets is 'A list of {sealed, until}, the newest first. All that are valid sign; until is null for the newest one.';
comment on column gateway.webhook_endpoints.store_ids is 'Null: all stores of the tenant.';
create index webhook_endpoints_of_client on gateway.webhook_endpoints (client_id, created_at);

create table gateway.webhook_cursors (
  endpoint_id text not null, store_id text not null,
  after_seq bigint not null default 0, target_seq bigint not null default 0,
  due_at timestamptz, leased_until timestamptz, lease_no integer not null default 0,
  tries integer not null default 0, failing_since timestamptz,
  test_event text,
  primary key (endpoint_id, store_id)) with (fillfactor = 70);
comment on table gateway.webhook_cursors is 'How far the events of one store have been delivered to one endpoint. The row is due while an event waits, so that a million waiting events are still one row.';
comment on column gateway.webhook_cursors.after_seq is 'Every event up to this seq is delivered, or was not asked for.';
comment on column gateway.webhook_cursors.target_seq is 'An event up to this seq may wait. due_at is null only when target_seq is not above after_seq.';
comment on column gateway.webhook_cursors.test_event is 'The body of webhook.test. Only the row of the store "*" has one, which is no id of a store.';
-- By endpoint first, so that the waiting rows of an endpoint that hangs are not read by the claim for the others.
create index webhook_cursors_due on gateway.webhook_cursors (endpoint_id, due_at) where due_at is not null;

create table gateway.webhook_deliveries (
  endpoint_id text not null, event_id text not null, occurred_at timestamptz not null,
  store_id text not null, seq bigint not null, type text not null,
  state text not null check (state in ('retrying', 'delivered', 'failed')),
  tries integer not null, attempted_at timestamptz not null, status_code integer, error text, duration_ms integer,
  next_try_at timestamptz, delivered_at timestamptz,
  primary key (endpoint_id, occurred_at, event_id)) partition by range (occurred_at);
comment on table gateway.webhook_deliveries is 'The last attempt to deliver each event that was attempted. For people: what is sent next is decided by webhook_cursors alone.';
create table gateway.webhook_deliveries_default partition of gateway.webhook_deliveries default;

create or replace function gateway.create_partitions(at timestamptz, ahead integer default 2) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  kind record; first timestamp; part text;
begin
  for kind in select * from (values
    ('payment_events', 'month', null),
    ('outbox', 'day', '(store_id, seq) where seq is not null'),
    ('webhook_inbox', 'month', '(provider, account, delivery_key)'),
    ('webhook_deliveries', 'day', null)) as k(tab, span, uniq)
  loop
    for n in -1..ahead loop
      first := date_trunc(kind.span, at at time zone 'UTC') + n * ('1 ' || kind.span)::interval;
      part := kind.tab || '_' || to_char(first, 'YYYYMMDD');
      continue when to_regclass('gateway.' || part) is not null;
      begin
        execute format('create table gateway.%I (like gateway.%I including defaults including constraints)', part, kind.tab);
        if kind.uniq is not null then
          execute format('create unique index %I on gateway.%I %s', part || '_once', part, kind.uniq);
        end if;
        execute format('alter table gateway.%I attach partition gateway.%I for values from (%L) to (%L)',
          kind.tab, part, first at time zone 'UTC', (first + ('1 ' || kind.span)::interval) at time zone 'UTC');
      exception when check_violation then
        -- The default partition holds rows of this period already, because the partition was not created in time. They stay there.
        null;
      end;
    end loop;
  end loop;
end $$;

create or replace function gateway.retention_rules() returns table (tab text, span interval, keep interval, time_column text, unfinished text)
language sql immutable set search_path = pg_catalog, pg_temp as $$
  values
    ('outbox', interval '1 day', interval '3 days', 'occurred_at', 'published_at is null'), -- a client can read missed events for 72 h
    ('payment_events', interval '1 month', interval '400 days', 'occurred_at', null), -- a financial year, and a month to close it
    ('webhook_inbox', interval '1 month', interval '90 days', 'received_at', 'next_try_at is not null'),
    ('webhook_deliveries', interval '1 day', interval '7 days', 'occurred_at', null) -- longer than an endpoint may fail
$$;

select gateway.create_partitions(now());

alter table gateway.clients drop constraint clients_scopes_check;
alter table gateway.clients add constraint clients_scopes_known check (scopes <@ array['payments','refunds','events','webhooks']) not valid;
`,
};
