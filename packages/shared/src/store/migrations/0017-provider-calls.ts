import type { Migration } from './migration.ts';

/** What was sent to the providers and what they answered, for 30 days: the evidence on the page of a payment. */
export const providerCalls: Migration = {
  name: '0017-provider-calls',
  up: `
create table gateway.provider_calls (
  id bigint generated always as identity,
  reference text not null,
  provider text not null, account text not null, operation text not null,
  started_at timestamptz not null, duration_ms integer not null,
  method text not null, path text not null, request text,
  status integer, headers jsonb not null default '{}', answer text, failure text,
  primary key (reference, started_at, id)) partition by range (started_at);
comment on table gateway.provider_calls is 'Calls to providers, for people. Written behind the calls, without secrets and personal data; a row may be missing, and nothing is decided by this table.';
comment on column gateway.provider_calls.reference is 'The reference of an attempt or of a refund.';
comment on column gateway.provider_calls.failure is 'Why no complete answer came. Null: status and answer say what came.';
create table gateway.provider_calls_default partition of gateway.provider_calls default;

create or replace function gateway.create_partitions(at timestamptz, ahead integer default 2) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  kind record; first timestamp; part text;
begin
  for kind in select * from (values
    ('payment_events', 'month', null),
    ('outbox', 'day', '(store_id, seq) where seq is not null'),
    ('webhook_inbox', 'month', '(provider, account, delivery_key)'),
    ('webhook_deliveries', 'day', null),
    ('provider_calls', 'day', null)) as k(tab, span, uniq)
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
    ('webhook_deliveries', interval '1 day', interval '7 days', 'occurred_at', null), -- longer than an endpoint may fail
    ('provider_calls', interval '1 day', interval '30 days', 'started_at', null) -- a guest complains, and a month is reconciled
$$;

select gateway.create_partitions(now());
`,
};
