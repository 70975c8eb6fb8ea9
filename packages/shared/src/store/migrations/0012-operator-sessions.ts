import type { Migration } from './migration.ts';

/** Who is signed in to the operators' console. Used in the control database only. */
export const operatorSessions: Migration = {
  name: '0012-operator-sessions',
  up: `
create table gateway.operator_sessions (
  token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
  name text not null,
  kind text not null check (kind in ('password','oidc')),
  role text check (role in ('viewer','operator','approver','admin')),
  fingerprint text,
  signed_in_at timestamptz not null, seen_at timestamptz not null, ends_at timestamptz not null,
  check ((kind = 'password') = (fingerprint is not null)),
  check ((kind = 'oidc') = (role is not null)));
comment on table gateway.operator_sessions is 'Sessions of the operators'' console. A row is deleted when its person logs out, when the session is over, and when the user is removed.';
comment on column gateway.operator_sessions.role is 'As the OpenID Connect provider gave it. A user of OPERATOR_USERS has the role of that entry.';
comment on column gateway.operator_sessions.fingerprint is 'Of the password with which the session was begun: another password ends it.';
create index operator_sessions_of_name on gateway.operator_sessions (name, signed_in_at);
`,
};
