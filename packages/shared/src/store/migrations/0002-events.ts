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

create table gateway.releases (
  host text not null, order_key text not null, payment_id text not null,
  release integer not null check (release > 0), released_at timestamptz not null, items jsonb not null default '[]',
  primary key (host, order_key, payment_id),
  unique (host, order_key, release));
comment on table gateway.releases is 'order.paid is appended only if the insert here took effect, so that a kitchen never cooks a payment twice. Rows are never deleted.';
`,
};
