import type { Migration } from './migration.ts';

/** Large refunds that a second person must approve. */
export const refundApprovals: Migration = {
  name: '0014-refund-approvals',
  up: `
create table gateway.refund_approvals (
  refund_id text primary key,
  requested_by text not null, requested_at timestamptz not null,
  decision text check (decision in ('approved','refused','withdrawn')),
  decided_by text, decided_at timestamptz, reason text,
  check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null)),
  check (decision <> 'approved' or lower(regexp_replace(decided_by, '^cli ', '')) <> lower(regexp_replace(requested_by, '^cli ', ''))));
comment on table gateway.refund_approvals is 'A refund of REFUND_APPROVAL_FROM rupiah or more. While decision is null, refunds.next_try_at is null: no worker sees the refund.';
comment on column gateway.refund_approvals.requested_by is 'The operator who asked, as in the audit log, or "key cli_...". The check keeps this person from approving it, at the command line and on a page.';
create index refund_approvals_waiting on gateway.refund_approvals (requested_at) where decision is null;
`,
};
