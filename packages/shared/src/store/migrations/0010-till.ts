import type { Migration } from './migration.ts';

/** The orders that tills send by HTTP: the tables of the host `till`. They are in one database only, which `migrate` is told. */
export const till: Migration = {
  name: '0010-till',
  isForTillOnly: true,
  up: `
create schema if not exists till; -- a superuser may have created it for a user that may not

create table till.orders (
  order_key text primary key,
  tenant text not null, store_id text not null,
  order_id text not null check (order_id ~ '^[A-Za-z0-9._~-]{1,64}$'),
  number text not null, table_number text,
  order_type text check (order_type in ('dine_in','take_away','delivery')),
  note text,
  total bigint not null check (total >= 0),
  paid bigint not null default 0,
  status text not null default 'open' check (status in ('open','paid','void')),
  version integer not null default 1,
  metadata jsonb not null default '{}',
  fingerprint text not null,
  created_at timestamptz not null, updated_at timestamptz not null,
  check (order_key = tenant || '/' || order_id),
  check (paid between 0 and total));
comment on column till.orders.order_key is 'The id of the till with its tenant before it: two tenants may use the same id, and an order_key is unique in its host. An id has no slash, so no two orders share a key.';
comment on column till.orders.paid is 'Whole rupiah: the tenders of the till and the accepted QRIS payments.';
comment on column till.orders.fingerprint is 'Of the body that the till sent last: the same body again changes nothing.';
create index orders_of_store on till.orders (tenant, store_id, created_at, order_key);
create index orders_of_status on till.orders (tenant, store_id, status, created_at, order_key);
create index orders_ended on till.orders (updated_at) where status in ('paid','void');
comment on index till.orders_ended is 'Serves the retention of orders.';

create table till.lines (
  order_key text not null references till.orders on delete cascade, no smallint not null check (no > 0),
  sku text, name text not null, quantity numeric(9, 3) not null check (quantity > 0),
  unit_price bigint not null, total bigint not null, note text,
  primary key (order_key, no));

create table till.charges (
  order_key text not null references till.orders on delete cascade, no smallint not null check (no > 0),
  kind text not null check (kind in ('discount','service_charge','tax','rounding','delivery','tip','other')),
  name text, amount bigint not null,
  primary key (order_key, no));

create table till.tenders (
  id text primary key check (id ~ '^ten_[0-9a-z]{26}$'),
  order_key text not null references till.orders on delete cascade,
  method text not null, amount bigint not null check (amount > 0),
  client_id text not null, created_at timestamptz not null);
comment on table till.tenders is 'Money that the till took otherwise than by QRIS. It is never changed.';
create index tenders_of_order on till.tenders (order_key);

create table till.payments (
  reference text primary key,
  order_key text not null references till.orders on delete cascade,
  amount bigint not null check (amount > 0),
  status text not null check (status in ('pending','paid','expired','failed','cancelled','refunded')),
  refunded bigint not null default 0 check (refunded between 0 and amount),
  issuer text, receipt text, paid_at timestamptz,
  created_at timestamptz not null, updated_at timestamptz not null);
create index payments_of_order on till.payments (order_key);
`,
};
