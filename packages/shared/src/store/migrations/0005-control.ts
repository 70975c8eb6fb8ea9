import type { Migration } from './migration.ts';

/** Control data: clients, registered stores, settings, holds and the audit log. Used in the control database only. */
export const control: Migration = {
  name: '0005-control',
  up: `
create table gateway.clients (
  id text primary key, name text not null,
  secret_sha256 bytea not null unique check (octet_length(secret_sha256) = 32),
  host text not null, tenant text not null,
  stores text[], scopes text[] not null check (scopes <@ array['payments','refunds','events']),
  created_at timestamptz not null, revoked_at timestamptz);
comment on column gateway.clients.stores is 'Null: all stores of the tenant.';

create table gateway.store_claims (
  store_id text primary key, host text not null, tenant text not null, claimed_at timestamptz not null);
comment on table gateway.store_claims is 'The registry of stores: a store id is unique in the whole installation, and its first user owns it.';

create table gateway.provider_accounts (
  provider text not null, account text not null,
  settings jsonb not null default '{}', created_at timestamptz not null,
  primary key (provider, account));
comment on table gateway.provider_accounts is 'How an account may be used. Its secrets are in the environment, never here.';

create table gateway.store_settings (
  store_id text primary key,
  late_money text not null default 'accept' check (late_money in ('accept','refund','hold')),
  providers text[], accounts jsonb not null default '{}', updated_at timestamptz not null);

create table gateway.holds (
  provider text not null, account text not null default '*', store_id text not null default '*',
  held_at timestamptz not null, held_by text not null, reason text,
  primary key (provider, account, store_id));

create table gateway.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null, actor text not null, action text not null, subject text not null, details jsonb not null default '{}');
`,
};
