/** Owns the schema `gateway` and runs its migrations. No process that serves connects with it. */
export const migrateRole = 'gateway_migrate';
/** What api, worker, notifier and operators' commands may do. */
export const serveRole = 'gateway_serve';
/** For reports: reads everything except the hashes of client keys and sessions, and sealed secrets. */
const readRole = 'gateway_read';

export const roleNames = [migrateRole, serveRole, readRole] as const;

/**
 * The rights of `gateway_serve` on each table, as narrow as the code allows: a new table or a new kind of statement needs a line here.
 * Nothing may update or delete the audit log and the history of payments, and the content of an event cannot be changed once it is in
 * the outbox. Their old rows are dropped by the functions of the migration `retention`, which run with the rights of `gateway_migrate`.
 */
const rightsOfServe: Readonly<Record<string, string>> = {
  payments: 'select, insert, update',
  attempts: 'select, insert, update',
  refunds: 'select, insert, update',
  refund_approvals: 'select, insert, update',
  discrepancies: 'select, insert, update',
  host_writes: 'select, insert, update',
  idempotency_keys: 'select, insert, update, delete',
  stores: 'select, insert, update',
  releases: 'select, insert, update',
  webhook_inbox: 'select, insert, update',
  payment_events: 'select, insert',
  outbox: 'select, insert, update (seq, position, published_at)',
  clients: 'select, insert, update',
  store_claims: 'select, insert, update',
  provider_accounts: 'select, insert, update',
  store_settings: 'select, insert, update',
  holds: 'select, insert, update, delete',
  audit: 'select, insert',
  audit_head: 'select',
  audit_schedule: 'select, update',
  audit_runs: 'select, insert, delete',
  audit_findings: 'select, insert, delete',
  operator_sessions: 'select, insert, update, delete',
  webhook_endpoints: 'select, insert, update, delete',
  webhook_cursors: 'select, insert, update, delete',
  webhook_deliveries: 'select, insert, update',
  provider_calls: 'select, insert',
  migrations: 'select',
};

/** The columns that `gateway_read` may read of a table that holds secrets or hashes of them. */
const readableColumns: Readonly<Record<string, string>> = {
  clients: 'id, name, host, tenant, stores, scopes, created_at, revoked_at, expires_at, last_used_on, previous_until',
  operator_sessions: 'name, role, kind, signed_in_at, seen_at, ends_at',
  provider_accounts: 'provider, account, mode, acquirer, for_user_id, fingerprints, disabled_at, created_at, updated_at',
  webhook_endpoints:
    'id, client_id, host, tenant, url, events, store_ids, description, created_at, updated_at, disabled_at, disabled_reason',
};

/** The statements that give each role exactly its rights. Run in one transaction, so that a serving process never misses a right. */
export const grantStatements: readonly string[] = [
  `revoke all on all tables in schema gateway from ${serveRole}, ${readRole}`,
  `revoke all on all functions in schema gateway from public`,
  `grant usage on schema gateway to ${serveRole}, ${readRole}`,
  ...Object.entries(rightsOfServe).map(([table, rights]) => `grant ${rights} on gateway.${table} to ${serveRole}`),
  `grant usage on sequence gateway.outbox_positions to ${serveRole}`,
  `grant execute on all functions in schema gateway to ${serveRole}`,
  `grant select on all tables in schema gateway to ${readRole}`,
  ...Object.entries(readableColumns).flatMap(([table, columns]) => [
    `revoke select on gateway.${table} from ${readRole}`,
    `grant select (${columns}) on gateway.${table} to ${readRole}`,
  ]),
];

/** The rights on the schema `till`, where it is. Orders are deleted when they are old, and lines when a till sends others. */
export const tillGrants: readonly string[] = [
  `revoke all on all tables in schema till from ${serveRole}, ${readRole}`,
  `grant usage on schema till to ${serveRole}, ${readRole}`,
  `grant select, insert, update, delete on till.orders, till.lines, till.charges to ${serveRole}`,
  `grant select, insert on till.tenders to ${serveRole}`,
  `grant select, insert, update on till.payments to ${serveRole}`,
  `grant select on all tables in schema till to ${readRole}`,
];
