import type { Migration } from './migration.ts';

/** Received provider webhooks, with the verdict of each verification. */
export const webhooks: Migration = {
  name: '0003-webhooks',
  up: `
create table gateway.webhook_inbox (
  id bigint generated always as identity,
  provider text not null, account text not null, delivery_key text not null,
  raw bytea not null, headers jsonb not null default '{}',
  reference text, provider_charge_id text, reported_status text,
  refund_reference text, provider_refund_id text, unknown_event text,
  received_at timestamptz not null,
  verdict text check (verdict in ('applied','duplicate','stale','not_ours','contradicted','unknown_charge','unreachable','parked')),
  tries integer not null default 0, lease_no integer not null default 0, next_try_at timestamptz, processed_at timestamptz,
  primary key (id, received_at)) partition by range (received_at);
comment on table gateway.webhook_inbox is 'Webhooks that providers delivered. The content of a webhook is not a fact: it names the charge that verification asks the provider about.';
comment on column gateway.webhook_inbox.provider_refund_id is 'The refund that the webhook is about, where it says so. It finds a refund whose answer was lost.';
comment on column gateway.webhook_inbox.unknown_event is 'The provider''s own word for what happened, when it is none that the reader knows: a dispute, a void.';
create index webhook_inbox_due on gateway.webhook_inbox (next_try_at) where next_try_at is not null;
create index webhook_inbox_of_reference on gateway.webhook_inbox (reference);
create index webhook_inbox_parked on gateway.webhook_inbox (processed_at) where verdict = 'parked';
comment on index gateway.webhook_inbox_parked is 'Parked webhooks are few among months of processed ones.';
`,
};
