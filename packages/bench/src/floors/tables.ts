/** The tables of a floor. It uses the same host tables as the product. */
export const floorTables = `
drop schema if exists floor cascade;
create schema floor;
create table floor.stores (store_id text primary key, last_seq bigint not null default 0);
insert into floor.stores select code from pos.outlets;
create table floor.payments (
  id uuid primary key, order_id uuid not null, store_id text not null, order_number text not null, status text not null,
  amount bigint not null check (amount > 0), reference text not null unique, qr_string text, items jsonb,
  expires_at timestamptz, paid_at timestamptz, created_at timestamptz not null);
create unique index payments_one_live on floor.payments (order_id) where status in ('created', 'pending');
create table floor.attempts (
  reference text primary key, payment_id uuid not null references floor.payments, status text not null, provider_charge_id text,
  paid bigint, started_at timestamptz not null, answered_at timestamptz);
create table floor.idempotency_keys (
  client_id text not null, key text not null, fingerprint text not null, payment_id uuid not null, expires_at timestamptz not null,
  primary key (client_id, key));
create table floor.inbox (
  id bigint generated always as identity primary key, delivery_key text not null unique, raw bytea not null, reference text,
  received_at timestamptz not null, processed_at timestamptz, verdict text);
create table floor.events (
  event_id uuid primary key, store_id text not null, seq bigint not null, type text not null, payload jsonb not null,
  occurred_at timestamptz not null, published_at timestamptz, unique (store_id, seq));
create index events_unpublished on floor.events (store_id, seq) where published_at is null;
`;
