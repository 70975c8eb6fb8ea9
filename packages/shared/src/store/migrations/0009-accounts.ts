import type { Migration } from './migration.ts';

/** Provider accounts and store settings that are set while serving; keys that expire and are rotated. Used in the control database only. */
export const accounts: Migration = {
  name: '0009-accounts',
  up: `
-- Nothing wrote this table, and nothing read it.
drop table gateway.provider_accounts;

create table gateway.provider_accounts (
  provider text not null, account text not null,
  mode text not null check (mode in ('test','live')),
  acquirer text, for_user_id text,
  sealed text not null,
  fingerprints jsonb not null,
  previous jsonb not null default '[]',
  disabled_at timestamptz, created_at timestamptz not null, updated_at timestamptz not null,
  primary key (provider, account));
comment on column gateway.provider_accounts.sealed is 'Its secrets as a JSON object, sealed under MASTER_KEYS and bound to this row.';
comment on column gateway.provider_accounts.fingerprints is 'The fingerprint of each secret, by its name.';
comment on column gateway.provider_accounts.previous is 'Replaced secrets that webhooks may still be signed with: [{"sealed", "until"}].';

alter table gateway.store_settings add column name text, add column timezone text;

alter table gateway.clients add column expires_at timestamptz, add column last_used_on date,
  add column previous_sha256 bytea, add column previous_until timestamptz;
comment on column gateway.clients.previous_sha256 is 'The secret before the last rotation. It is accepted until previous_until.';
`,
};
