import type { Migration } from './migration.ts';

/** The audit of the invariants that runs daily, and what it found. */
export const auditRuns: Migration = {
  name: '0016-audit-runs',
  up: `
create table gateway.audit_schedule (
  is_only boolean primary key default true check (is_only),
  next_at timestamptz, lease_no integer not null default 0);
comment on table gateway.audit_schedule is 'When the next audit is due; null: no worker has seen this database yet. A worker that takes it moves next_at to the end of its lease and raises lease_no; a run with an older number writes nothing.';
insert into gateway.audit_schedule default values;

create table gateway.audit_runs (
  id bigint generated always as identity primary key,
  since timestamptz not null, started_at timestamptz not null, finished_at timestamptz not null,
  payments integer not null, broken integer not null, waiting integer not null,
  is_complete boolean not null);
comment on column gateway.audit_runs.is_complete is 'False: there were more payments than one run may read, or a host could not be read.';

create table gateway.audit_findings (
  run_id bigint not null references gateway.audit_runs on delete cascade,
  no integer not null,
  invariant text not null, rule text not null, about text not null, ours text, theirs text,
  state text not null check (state in ('broken','waiting')),
  primary key (run_id, no));
`,
};
