import type { Migration } from '../migrate.ts';

export const events: Migration = {
  name: '0002-events',
  up: `
create table gateway.payment_events (
  event_id text not null, occurred_at timestamptz not null,
  payment_id text not null, type text not null, payload jsonb not null,
  primary key (event_id, occurred_at)) partition by range (occurred_at);
comment on table gateway.payment_events is 'Append-only: everything that happened to a payment, in the words the world hears.';
create index payment_events_of_payment on gateway.payment_events (payment_id);

create table gateway.outbox (
  id bigint generated always as identity,
  event_id text not null, occurred_at timestamptz not null,
  store_id text not null, seq bigint check (seq > 0), turn bigint,
  type text not null, order_key text not null, payment_id text not null,
  published_at timestamptz,
  check ((seq is null) = (turn is null)),
  primary key (id, occurred_at)) partition by range (occurred_at);
comment on table gateway.outbox is 'What must be told. seq is given by the relay, one by one for each store; rows without published_at are what the world has not heard yet.';
comment on column gateway.outbox.turn is 'The order of numbering over all stores: whoever publishes in this order keeps the order of each store.';
-- First what is numbered, by turn; then, turn being null, what is not, by id: the two things the relay asks for.
create index outbox_unpublished on gateway.outbox (turn, id) where published_at is null;
create sequence gateway.outbox_turns;

alter table gateway.stores add column replay_from bigint not null default 1 check (replay_from > 0);
comment on column gateway.stores.replay_from is 'The first seq that can be read again. It rises when a restored backup has lost events that screens have heard: numbering goes on above those, and no screen need look for what lies between.';

create table gateway.webhook_inbox (
  id bigint generated always as identity,
  provider text not null, account text not null, delivery_key text not null,
  raw bytea not null, headers jsonb not null default '{}',
  reference text, provider_charge_id text, claims text,
  received_at timestamptz not null,
  verdict text check (verdict in ('applied','duplicate','stale','not_ours','contradicted','unknown_charge','unreachable','parked')),
  tries integer not null default 0, claims_taken integer not null default 0, next_try_at timestamptz, processed_at timestamptz,
  primary key (id, received_at)) partition by range (received_at);
comment on table gateway.webhook_inbox is 'What we were told and have not finished. Nothing here is believed: it says where to look.';
create index webhook_inbox_due on gateway.webhook_inbox (next_try_at) where next_try_at is not null;
create index webhook_inbox_of_reference on gateway.webhook_inbox (reference);

create table gateway.releases (
  host text not null, order_key text not null, payment_id text not null,
  release integer not null check (release > 0), released_at timestamptz not null,
  primary key (host, order_key, payment_id),
  unique (host, order_key, release));
comment on table gateway.releases is 'order.paid is appended only if the insert here took effect: a dish is not cooked twice. Never pruned.';

-- Partitions are months (events, webhooks) or days (outbox), named after their first day; the default one takes what is early or late.
-- Unique where a unique index over all partitions cannot exist: one per partition.
-- Made apart and then attached: "create … partition of" would lock out every insert while it waits for a long report to end.
create function gateway.make_partitions(at timestamptz, ahead integer default 2) returns void language plpgsql as $$
declare
  kind record; first timestamp; part text;
begin
  for kind in select * from (values
    ('payment_events', 'month', null),
    ('outbox', 'day', '(store_id, seq) where seq is not null'),
    ('webhook_inbox', 'month', '(provider, account, delivery_key)')) as k(tab, span, uniq)
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
        -- The default partition has rows of that time already, since nobody made this one while there was time. They stay there.
        null;
      end;
    end loop;
  end loop;
end $$;
create table gateway.payment_events_default partition of gateway.payment_events default;
create table gateway.outbox_default partition of gateway.outbox default;
create unique index outbox_default_once on gateway.outbox_default (store_id, seq) where seq is not null;
create table gateway.webhook_inbox_default partition of gateway.webhook_inbox default;
create unique index webhook_inbox_default_once on gateway.webhook_inbox_default (provider, account, delivery_key);
select gateway.make_partitions(now());
`,
};
