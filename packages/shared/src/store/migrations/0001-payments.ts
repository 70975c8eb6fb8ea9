import type { Migration } from '../migrate.ts';

export const payments: Migration = {
  name: '0001-payments',
  up: `
create table gateway.stores (
  store_id text primary key check (store_id ~ '^[A-Za-z0-9_.-]{1,64}$'),
  host text not null, tenant text not null,
  last_seq bigint not null default 0 check (last_seq >= 0),
  created_at timestamptz not null);
comment on table gateway.stores is 'A store belongs to one tenant of one host. last_seq is the number of the last event the relay published for it.';

create table gateway.payments (
  id text primary key check (id ~ '^pay_[0-9a-z]{26}$'),
  host text not null, tenant text not null, store_id text not null,
  order_key text not null, order_number text not null,
  reference text not null unique check (reference ~ '^[a-z][a-z0-9]{1,9}-[0-9a-z]{26}$'),
  host_payment_key text, client_id text not null,
  status text not null check (status in ('created','pending','paid','expired','cancelled','failed','partially_refunded','refunded')),
  version integer not null default 1,
  amount_idr bigint not null check (amount_idr between 1 and 10000000),
  received_idr bigint not null default 0 check (received_idr >= 0),
  refunded_idr bigint not null default 0 check (refunded_idr between 0 and received_idr),
  recorded numeric not null, residue numeric not null, bill jsonb not null,
  qr_string text, shown_attempt integer, hidden_at timestamptz,
  cancel_requested_at timestamptz, cancel_reason text,
  review_since timestamptz,
  expires_at timestamptz not null, paid_at timestamptz,
  check_at timestamptz, checked_at timestamptz, claims integer not null default 0, watch_until timestamptz,
  reply_to text, asked_at timestamptz, route jsonb not null default '[]',
  created_at timestamptz not null, updated_at timestamptz not null,
  check ((qr_string is null) = (shown_attempt is null)),
  check (status <> 'pending' or qr_string is not null),
  check (status not in ('paid','partially_refunded','refunded') or paid_at is not null));
comment on column gateway.payments.check_at is 'When somebody must look at it again: the source of every charge, poll, expiry and watch job. Null: nothing is due any more.';
comment on column gateway.payments.claims is 'How often it was claimed. A job carries the number of its claim; an older claim has nothing more to say.';
comment on column gateway.payments.review_since is 'A genuine word of payment could not be confirmed yet: its QR is hidden and it is not expired.';

create unique index payments_one_live on gateway.payments (host, order_key) where status in ('created','pending') and hidden_at is null;
comment on index gateway.payments_one_live is 'At most one QR per order may be displayable.';
create index payments_due on gateway.payments (check_at) where check_at is not null;
create index payments_of_order on gateway.payments (host, order_key, id);
create index payments_of_store on gateway.payments (host, tenant, store_id, id);

create table gateway.attempts (
  payment_id text not null references gateway.payments, no integer not null check (no > 0),
  provider text not null, account text not null,
  reference text not null unique check (reference ~ '^[a-z0-9-]{1,50}$'),
  provider_charge_id text,
  status text not null check (status in ('sending','open','rejected','unknown','cancelled','expired','absent','paid')),
  reason text,
  paid_idr bigint check (paid_idr >= 0),
  refund_reserved_idr bigint not null default 0 check (refund_reserved_idr >= 0 and refund_reserved_idr <= coalesce(paid_idr, 0)),
  accepted boolean not null default false,
  issuer text, receipt text, paid_at timestamptz,
  resolve_at timestamptz, resolves integer not null default 0,
  started_at timestamptz not null, answered_at timestamptz,
  primary key (payment_id, no),
  check (status <> 'paid' or (paid_idr is not null and paid_at is not null)));
comment on column gateway.attempts.resolve_at is 'When an attempt that may have left a charge behind must be looked for again: no unknown is for ever.';
create index attempts_due on gateway.attempts (resolve_at) where resolve_at is not null;

create table gateway.idempotency_keys (
  client_id text not null, operation text not null, key text not null check (length(key) between 1 and 255),
  fingerprint text not null, resource_id text not null,
  created_at timestamptz not null, expires_at timestamptz not null,
  primary key (client_id, operation, key));
create index idempotency_keys_expired on gateway.idempotency_keys (expires_at);

create table gateway.discrepancies (
  id bigint generated always as identity primary key,
  payment_id text not null references gateway.payments, attempt_no integer,
  reason text not null, ours text, theirs text,
  opened_at timestamptz not null,
  closed_at timestamptz, closed_by text, closed_reason text,
  check ((closed_at is null) = (closed_by is null)));
create unique index discrepancies_open on gateway.discrepancies (payment_id, reason, coalesce(attempt_no, 0)) where closed_at is null;
comment on index gateway.discrepancies_open is 'The same disagreement is opened once, however often it is seen.';

create table gateway.host_writes (
  id bigint generated always as identity primary key,
  payment_id text not null references gateway.payments,
  step text not null check (step in ('paid','expired','failed','cancelled','refunded')),
  refund_id text, tries integer not null default 0, next_try_at timestamptz, last_error text,
  created_at timestamptz not null, done_at timestamptz, closed_by text);
create unique index host_writes_open on gateway.host_writes (payment_id, step, coalesce(refund_id, '')) where done_at is null;
create index host_writes_due on gateway.host_writes (next_try_at) where next_try_at is not null;
comment on table gateway.host_writes is 'What a host could not take yet. Money is recorded all the same; the event that the kitchen waits for comes when the host has it.';
`,
};
