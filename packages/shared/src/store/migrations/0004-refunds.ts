import type { Migration } from '../migrate.ts';

export const refunds: Migration = {
  name: '0004-refunds',
  up: `
create table gateway.refunds (
  id text primary key check (id ~ '^ref_[0-9a-z]{26}$'),
  payment_id text not null, attempt_no integer not null,
  reference text not null unique check (reference ~ '^[a-z0-9-]{1,50}$'),
  amount_idr bigint not null check (amount_idr > 0),
  status text not null default 'pending' check (status in ('pending','succeeded','failed')),
  cause text not null check (cause in ('client','duplicate','late','operator')),
  reason text not null, client_id text,
  provider_refund_id text, failure text,
  next_try_at timestamptz, claims integer not null default 0,
  created_at timestamptz not null, updated_at timestamptz not null, finished_at timestamptz,
  foreign key (payment_id, attempt_no) references gateway.attempts,
  check ((status = 'pending') = (finished_at is null)));
comment on table gateway.refunds is 'Money on its way back to a payer. It belongs to the attempt that holds the money, where it is reserved before anything is asked.';
create index refunds_of_payment on gateway.refunds (payment_id);
create index refunds_due on gateway.refunds (next_try_at) where next_try_at is not null;
`,
};
