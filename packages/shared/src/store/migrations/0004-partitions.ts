import type { Migration } from './migration.ts';

/** Partitions of the three tables that are pruned by age. */
export const partitions: Migration = {
  name: '0004-partitions',
  up: `
-- Partitions are months (history, webhooks) or days (outbox), named after their first day. The default partition takes rows without one.
-- A unique index over all partitions cannot exist, so each partition has its own.
-- A partition is created apart and then attached: "create table ... partition of" would block every insert while it waits for a long report to end.
create function gateway.create_partitions(at timestamptz, ahead integer default 2) returns void language plpgsql as $$
declare
  kind record; first timestamp; part text;
begin
  for kind in select * from (values
    ('payment_events', 'month', null),
    ('outbox', 'day', '(store_id, seq) where seq is not null'),
    ('webhook_inbox', 'month', '(provider, account, delivery_key)')) as k(tab, span, uniq)
  loop
    for n in -1..ahead loop
      first := date_trunc(kind.span, at at time zone 'UTC') + n * ('1 ' || kind.span)::interval;
      part := kind.tab || '_' || to_char(first, 'YYYYMMDD');
      continue when to_regclass('gateway.' || part) is not null;
      begin
        execute format('create table gateway.%I (like gateway.%I including defaults including constraints)', part, kind.tab);
        if kind.uniq is not null then
          execute format('create unique index %I on gateway.%I %s', part || '_once', part, kind.uniq);
        end if;
        execute format('alter table gateway.%I attach partition gateway.%I for values from (%L) to (%L)',
          kind.tab, part, first at time zone 'UTC', (first + ('1 ' || kind.span)::interval) at time zone 'UTC');
      exception when check_violation then
        -- The default partition holds rows of this period already, because the partition was not created in time. They stay there.
        null;
      end;
    end loop;
  end loop;
end $$;
create table gateway.payment_events_default partition of gateway.payment_events default;
create table gateway.outbox_default partition of gateway.outbox default;
create unique index outbox_default_once on gateway.outbox_default (store_id, seq) where seq is not null;
create table gateway.webhook_inbox_default partition of gateway.webhook_inbox default;
create unique index webhook_inbox_default_once on gateway.webhook_inbox_default (provider, account, delivery_key);
select gateway.create_partitions(now());
`,
};
