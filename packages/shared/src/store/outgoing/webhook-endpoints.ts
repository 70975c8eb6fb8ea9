import type { Database, Queryable, Transaction } from '../../postgres/index.ts';
import { inTransaction } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';

/** One secret of an endpoint. Each that is valid signs every delivery. */
export interface EndpointSecret {
  sealed: string;
  /** ISO 8601; null: without an end. */
  until: string | null;
}

/** Where the events of a key are sent. */
export interface WebhookEndpoint {
  id: string;
  clientId: string;
  host: string;
  tenant: string;
  url: string;
  /** `['*']`: every event. */
  events: string[];
  /** Null: all stores of the tenant. */
  storeIds: string[] | null;
  description: string | null;
  secrets: EndpointSecret[];
  createdAt: Date;
  disabledAt: Date | null;
  disabledReason: string | null;
}

const columns = `id, client_id as "clientId", host, tenant, url, events, store_ids as "storeIds", description, secrets, created_at as "createdAt",
  disabled_at as "disabledAt", disabled_reason as "disabledReason"`;

/** Binds a sealed secret to its endpoint: copied to another one, it does not open. */
export const sealedRow = (id: string): string => `webhook_endpoints ${id}`;

export type NewEndpoint = Pick<WebhookEndpoint, 'id' | 'clientId' | 'host' | 'tenant' | 'url' | 'events' | 'storeIds' | 'description'>;

// A store that exists now starts at its present seq: the endpoint gets what happens from now on. A store without a row is younger than the
// endpoint, and the dispatcher starts it at its first event.
const startCursors = `insert into gateway.webhook_cursors (endpoint_id, store_id, after_seq, target_seq)
  select e.id, s.store_id, s.last_seq, s.last_seq from gateway.webhook_endpoints e
    join gateway.stores s on s.host = e.host and s.tenant = e.tenant and (e.store_ids is null or s.store_id = any(e.store_ids))
  where e.id = $1 on conflict do nothing`;

/** Creates an endpoint that gets every event from now on. @param sealedSecret the secret that signs, sealed */
export function create(db: Database, endpoint: NewEndpoint, sealedSecret: string, at: Date): Promise<WebhookEndpoint> {
  const { id, clientId, host, tenant, url, events, storeIds, description } = endpoint;
  const secrets: EndpointSecret[] = [{ sealed: sealedSecret, until: null }];
  return inTransaction(db, async (trx) => {
    const { rows } = await trx.query<WebhookEndpoint & Record<string, unknown>>({
      text: `insert into gateway.webhook_endpoints (id, client_id, host, tenant, url, events, store_ids, description, secrets, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) returning ${columns}`,
      values: [id, clientId, host, tenant, url, events, storeIds, description, JSON.stringify(secrets), at],
    });
    await trx.query({ text: startCursors, values: [id] });
    return rows[0] as WebhookEndpoint;
  });
}

/** The endpoints of a client, oldest first. */
export async function ofClient(db: Queryable, clientId: string): Promise<WebhookEndpoint[]> {
  const text = `select ${columns} from gateway.webhook_endpoints where client_id = $1 order by created_at, id`;
  return (await db.query<WebhookEndpoint & Record<string, unknown>>({ text, values: [clientId] })).rows;
}

/** Null: the client has no such endpoint. */
export async function find(db: Queryable, clientId: string, id: string): Promise<WebhookEndpoint | null> {
  const text = `select ${columns} from gateway.webhook_endpoints where client_id = $1 and id = $2`;
  return (await db.query<WebhookEndpoint & Record<string, unknown>>({ text, values: [clientId, id] })).rows[0] ?? null;
}

const activeEndpoints = {
  name: 'webhook-endpoints-active',
  text: `select ${columns} from gateway.webhook_endpoints where disabled_at is null`,
};

/** The endpoints of a database that are not disabled. */
export async function active(db: Queryable): Promise<WebhookEndpoint[]> {
  return (await db.query<WebhookEndpoint & Record<string, unknown>>(activeEndpoints)).rows;
}

/** What a PATCH may change. A field that is absent stays. */
export interface EndpointChange {
  url?: string | undefined;
  events?: string[] | undefined;
  storeIds?: string[] | null | undefined;
  description?: string | null | undefined;
  disabled?: boolean | undefined;
}

export const disabledByOwner = 'disabled by its owner';

/**
 * Changes an endpoint. A store that is added starts at its present seq. Deliveries that wait for their retry are tried at once when the
 * URL changes or the endpoint is enabled again. @returns null when the client has no such endpoint
 */
export function change(db: Database, clientId: string, id: string, to: EndpointChange, at: Date): Promise<WebhookEndpoint | null> {
  return inTransaction(db, async (trx) => {
    const before = await lock(trx, clientId, id);
    if (!before) return null;
    const { url = before.url, events = before.events, storeIds = before.storeIds, description = before.description } = to;
    const isDisabled = to.disabled ?? before.disabledAt !== null;
    const disabledAt = isDisabled ? (before.disabledAt ?? at) : null;
    const disabledReason = isDisabled ? (before.disabledReason ?? disabledByOwner) : null;
    const { rows } = await trx.query<WebhookEndpoint & Record<string, unknown>>({
      text: `update gateway.webhook_endpoints set url = $2, events = $3, store_ids = $4, description = $5, disabled_at = $6, disabled_reason = $7, updated_at = $8
        where id = $1 returning ${columns}`,
      values: [id, url, events, storeIds, description, disabledAt, disabledReason, at],
    });
    if (to.storeIds !== undefined) await changeStores(trx, id, storeIds);
    if (url !== before.url || (before.disabledAt && !isDisabled)) await trx.query({ text: tryAgain, values: [id, at] });
    return rows[0] as WebhookEndpoint;
  });
}

async function lock(trx: Transaction, clientId: string, id: string): Promise<WebhookEndpoint | null> {
  const text = `select ${columns} from gateway.webhook_endpoints where client_id = $1 and id = $2 for update`;
  return (await trx.query<WebhookEndpoint & Record<string, unknown>>({ text, values: [clientId, id] })).rows[0] ?? null;
}

async function changeStores(trx: Transaction, id: string, storeIds: string[] | null): Promise<void> {
  const text = `delete from gateway.webhook_cursors where endpoint_id = $1 and store_id <> '*' and not store_id = any($2)`;
  if (storeIds) await trx.query({ text, values: [id, storeIds] });
  await trx.query({ text: startCursors, values: [id] });
}

// A delivery that is running now keeps its lease: a second one beside it could overtake it.
const tryAgain = `with locked as materialized (
    select store_id from gateway.webhook_cursors where endpoint_id = $1 and target_seq > after_seq order by store_id for update)
  update gateway.webhook_cursors c set tries = 0, failing_since = null, due_at = greatest($2, leased_until)
  from locked l where c.endpoint_id = $1 and c.store_id = l.store_id`;

/** Removes an endpoint. @returns false when the client has no such endpoint */
export function remove(db: Database, clientId: string, id: string): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    const text = 'delete from gateway.webhook_endpoints where client_id = $1 and id = $2';
    const { rowCount } = await trx.query({ text, values: [clientId, id] });
    if (rowCount === 1) await trx.query({ text: 'delete from gateway.webhook_cursors where endpoint_id = $1', values: [id] });
    return rowCount === 1;
  });
}

const overlapMs = 24 * 3_600_000; // for which the secret before a rotation still signs
const mostSecrets = 5; // a signature header with more would be cut by some servers

/** Gives the endpoint a new secret. The others sign for 24 h more. @returns false when the client has no such endpoint */
export function rotateSecret(db: Database, clientId: string, id: string, sealedSecret: string, at: Date): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    const endpoint = await lock(trx, clientId, id);
    if (!endpoint) return false;
    const until = plusMs(at, overlapMs).toISOString();
    const older = validSecrets(endpoint, at).map((secret) => ({ ...secret, until: secret.until ?? until }));
    const secrets = [{ sealed: sealedSecret, until: null }, ...older].slice(0, mostSecrets);
    const text = 'update gateway.webhook_endpoints set secrets = $2, updated_at = $3 where id = $1';
    await trx.query({ text, values: [id, JSON.stringify(secrets), at] });
    return true;
  });
}

/** The secrets that sign now, the newest first. */
export const validSecrets = ({ secrets }: Pick<WebhookEndpoint, 'secrets'>, now: Date): EndpointSecret[] =>
  secrets.filter(({ until }) => until === null || new Date(until) > now);

/** What seals a secret of an endpoint again. Null: it is sealed with the first master key. */
type Reseal = (id: string, sealed: string) => string | null;

/** Seals every secret of a database again, endpoint by endpoint, while processes serve: they open both forms. @returns how many endpoints were changed */
export async function resealSecrets(db: Database, again: Reseal): Promise<number> {
  const { rows: all } = await db.pool.query<{ id: string }>('select id from gateway.webhook_endpoints');
  let count = 0;
  for (const { id } of all) {
    count += await inTransaction(db, async (trx) => {
      const text = 'select secrets from gateway.webhook_endpoints where id = $1 for update';
      const [row] = (await trx.query<{ secrets: EndpointSecret[] }>({ text, values: [id] })).rows;
      const moved = row?.secrets.map(({ sealed, until }) => ({ sealed: again(id, sealed) ?? sealed, until }));
      if (!moved || moved.every(({ sealed }, index) => sealed === row?.secrets[index]?.sealed)) return 0;
      await trx.query({ text: 'update gateway.webhook_endpoints set secrets = $2 where id = $1', values: [id, JSON.stringify(moved)] });
      return 1;
    });
  }
  return count;
}
