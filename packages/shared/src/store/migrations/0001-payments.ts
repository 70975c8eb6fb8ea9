import type { Migration } from './migration.ts';

/** Payments and all that belongs to one: attempts, refunds, idempotency keys, discrepancies and deferred host writes. */
export const payments: Migration = {
  name: '0001-payments',
  up: `
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
  settled_attempt integer,
  recorded numeric not null, residue numeric not null, bill jsonb not null,
  qr_string text, shown_attempt integer, hidden_at timestamptz,
  cancel_requested_at timestamptz, cancel_reason text,
  review_since timestamptz,
  expires_at timestamptz not null, paid_at timestamptz,
  check_at timestamptz, checked_at timestamptz, lease_no integer not null default 0, watch_until timestamptz,
  reply_to text, asked_at timestamptz, route jsonb not null default '[]', host_busy_since timestamptz,
  created_at timestamptz not null, updated_at timestamptz not null,
  check ((qr_string is null) = (shown_attempt is null)),
  check (status <> 'pending' or qr_string is not null),
  check (settled_attempt is null or received_idr > 0),
  check (status not in ('paid','partially_refunded','refunded') or paid_at is not null));
comment on column gateway.payments.settled_attempt is 'The attempt whose money received_idr counts. Refunds of this attempt count in refunded_idr, so that received minus refunded is what the merchant keeps. Money of another attempt is a record of its own.';
comment on column gateway.payments.check_at is 'When the row is due for work: charge, poll, expiry, cancellation or late-payment polling. Null: no work is left.';
comment on column gateway.payments.lease_no is 'Fencing token. Every claim raises it and every job carries it; a job with an older number writes nothing.';
comment on column gateway.payments.host_busy_since is 'Since when writes of this payment have met a busy host. Null: the last one did not. After a time the write commits without the host, and its part is deferred.';
comment on column gateway.payments.review_since is 'Since when a genuine report of payment cannot be confirmed. The QR is hidden and the payment does not expire.';

create unique index payments_one_live on gateway.payments (host, order_key) where status in ('created','pending') and hidden_at is null;
comment on index gateway.payments_one_live is 'At most one displayable QR per order.';
create index payments_due on gateway.payments (check_at) where check_at is not null;
create index payments_of_order on gateway.payments (host, order_key, id);
create index payments_of_tenant on gateway.payments (tenant, host, created_at, id);
comment on index gateway.payments_of_tenant is 'Serves the list of payments: the cost of a page does not grow with the number of payments. Does not begin with the host: PostgreSQL would then sometimes look for an order here, and read all payments of the host.';
create index payments_of_store on gateway.payments (tenant, store_id, host, created_at, id);
create index payments_open_of_store on gateway.payments (store_id, id) where status in ('created','pending');
comment on index gateway.payments_open_of_store is 'Serves the snapshot of a store: open payments are few among years of closed ones.';

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
  unbooked boolean not null default false, host_paid_before numeric,
  issuer text, receipt text, paid_at timestamptz,
  resolve_at timestamptz, lease_no integer not null default 0,
  started_at timestamptz not null, answered_at timestamptz,
  primary key (payment_id, no),
  check (status <> 'paid' or (paid_idr is not null and paid_at is not null)));
comment on column gateway.attempts.resolve_at is 'When an attempt that may have left a charge at the provider is looked up next. Every unknown attempt has one, so every unknown ends.';
comment on column gateway.attempts.refund_reserved_idr is 'Money of this attempt that refunds have reserved or returned. The check keeps refunds at or below what was paid, also when they run at the same time.';
comment on column gateway.attempts.unbooked is 'The order is paid with this money, and the paid amount of the host does not show it yet: the host is busy, or books payments later. Until then the money is subtracted from the amount due.';
comment on column gateway.attempts.host_paid_before is 'The paid amount of the host before this money was recorded, as an exact decimal.';
create index attempts_due on gateway.attempts (resolve_at) where resolve_at is not null;
create index attempts_of_charge on gateway.attempts (provider_charge_id) where provider_charge_id is not null;
comment on index gateway.attempts_of_charge is 'Finds the attempt of a webhook that names the charge by the provider''s id and not by our reference.';

create table gateway.refunds (
  id text primary key check (id ~ '^ref_[0-9a-z]{26}$'),
  payment_id text not null, attempt_no integer not null,
  reference text not null unique check (reference ~ '^[a-z0-9-]{1,50}$'),
  amount_idr bigint not null check (amount_idr > 0),
  status text not null default 'pending' check (status in ('pending','succeeded','failed')),
  cause text not null check (cause in ('client','duplicate','late','operator')),
  reason text not null, client_id text,
  asked_at timestamptz, provider_refund_id text, failure text,
  next_try_at timestamptz, lease_no integer not null default 0,
  created_at timestamptz not null, updated_at timestamptz not null, finished_at timestamptz,
  foreign key (payment_id, attempt_no) references gateway.attempts,
  check ((status = 'pending') = (finished_at is null)));
comment on table gateway.refunds is 'Money that goes back to a payer. A refund belongs to the attempt that holds the money and reserves its amount there before the provider is called.';
comment on column gateway.refunds.asked_at is 'Since when the provider may have received the request. Written before the call, and cleared only when the answer proves that nothing was carried out, because not every provider makes a repeat safe.';
create index refunds_of_payment on gateway.refunds (payment_id);
create index refunds_due on gateway.refunds (next_try_at) where next_try_at is not null;

create table gateway.idempotency_keys (
  client_id text not null, operation text not null, key text not null check (length(key) between 1 and 255),
  fingerprint text not null, resource_id text not null,
  created_at timestamptz not null, expires_at timestamptz not null,
  primary key (client_id, operation, key));
create index idempotency_keys_expired on gateway.idempotency_keys (expires_at);

create table gateway.discrepancies (
  id bigint generated always as identity primary key,
  payment_id text not null references gateway.payments, attempt_no integer,
  reason text not null, subject text not null default '', ours text, theirs text,
  opened_at timestamptz not null,
  closed_at timestamptz, closed_by text, closed_reason text,
  check ((closed_at is null) = (closed_by is null)));
comment on column gateway.discrepancies.subject is 'What it is about within the attempt: the id of a refund, the provider''s word for an event. Empty: the attempt itself.';
create unique index discrepancies_open on gateway.discrepancies (payment_id, reason, coalesce(attempt_no, 0), subject) where closed_at is null;
create index discrepancies_of_payment on gateway.discrepancies (payment_id);
comment on index gateway.discrepancies_of_payment is 'Finds whether a discrepancy was ever open, also when an operator has closed it.';
comment on index gateway.discrepancies_open is 'One open discrepancy for each payment, reason, attempt and subject, however often it is found.';

create table gateway.host_writes (
  id bigint generated always as identity primary key,
  payment_id text not null references gateway.payments,
  step text not null check (step in ('paid','expired','failed','cancelled','refunded')),
  refund_id text, lease_no integer not null default 0, next_try_at timestamptz, last_error text,
  created_at timestamptz not null, done_at timestamptz, closed_by text);
comment on table gateway.host_writes is 'Host writes that are deferred because the host could not accept them. The money is recorded already; order.paid waits until the host has accepted the write.';
create unique index host_writes_open on gateway.host_writes (payment_id, step, coalesce(refund_id, '')) where done_at is null;
create index host_writes_due on gateway.host_writes (next_try_at) where next_try_at is not null;
`,
};
