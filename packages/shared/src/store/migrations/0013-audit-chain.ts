import type { Migration } from './migration.ts';

/** The rows of the audit log are chained by hash, so that a row that is changed, removed or inserted later is found. */
export const auditChain: Migration = {
  name: '0013-audit-chain',
  up: `
alter table gateway.audit add column previous_hash bytea, add column hash bytea;
comment on column gateway.audit.hash is 'SHA-256 of previous_hash and gateway.audit_text of the row. previous_hash is the hash of the row before. Null: the row is older than the chain.';

-- The text of jsonb is canonical: its keys are sorted, and the same value has the same text in every version.
create function gateway.audit_text(entry gateway.audit) returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_array(entry.id, (extract(epoch from entry.at) * 1000000)::bigint, entry.actor, entry.action, entry.subject, entry.details)::text
$$;

create table gateway.audit_head (
  is_only boolean primary key default true check (is_only),
  base_id bigint, last_id bigint not null default 0, hash bytea, check ((base_id is null) = (hash is null)));
comment on table gateway.audit_head is 'The end of the chain. Its row is locked while a row is appended, so that two actions never continue the same row.';
comment on column gateway.audit_head.base_id is 'The last row before the chain. The first chained row continues the SHA-256 of the texts of all rows up to it, each with a line feed. Null: no row is chained yet.';
insert into gateway.audit_head default values;

-- A trigger, so that a process of the version before, which knows no hash, continues the chain too. It runs with the rights of its owner:
-- the role that serves may append a row, and may not choose its id or its hash.
create function gateway.chain_audit() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare head gateway.audit_head;
begin
  select * into strict head from gateway.audit_head for update;
  if head.hash is null then
    select coalesce(max(a.id), 0), coalesce(max(a.id), 0), sha256(convert_to(coalesce(string_agg(gateway.audit_text(a) || e'\\n', '' order by a.id), ''), 'UTF8'))
      into head.base_id, head.last_id, head.hash from gateway.audit a;
  end if;
  new.id := head.last_id + 1;
  new.previous_hash := head.hash;
  new.hash := sha256(head.hash || convert_to(gateway.audit_text(new), 'UTF8'));
  update gateway.audit_head set base_id = head.base_id, last_id = new.id, hash = new.hash;
  return new;
end $$;

create trigger chain_audit before insert on gateway.audit for each row execute function gateway.chain_audit();
`,
};
