import { hash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Queryable, Statement } from '../../postgres/index.ts';
import { demoKeys, newSecret, newUlid } from '../../runtime/index.ts';

export const scopes = ['payments', 'refunds', 'events', 'webhooks'] as const;
export type Scope = (typeof scopes)[number];

/** A caller of the api. It may use one tenant of one host, and all or some of the tenant's stores. */
export interface Client {
  id: string;
  name: string;
  host: string;
  tenant: string;
  /** Null: all stores of the tenant. */
  stores: string[] | null;
  scopes: Scope[];
  createdAt: Date;
  revokedAt: Date | null;
  /** Null: it does not expire. */
  expiresAt: Date | null;
  /** The day of its last request, in UTC: `2026-03-02`. Null: it was never used. */
  lastUsedOn: string | null;
  /** Until when the secret before the last rotation is accepted; null: there is none. */
  previousUntil: Date | null;
}

/** A client as one of its secrets makes it known. */
export interface ActiveClient extends Client {
  /** When this secret stops to be accepted; null: never. */
  validUntil: Date | null;
}

const columns = [
  'id',
  'name',
  'host',
  'tenant',
  'stores',
  'scopes',
  'created_at as createdAt',
  'revoked_at as revokedAt',
  'expires_at as expiresAt',
  'previous_until as previousUntil',
];

/** As text: a date that is read as a time would depend on the time zone of the process. */
const selected = (knex: Knex) => [...columns, knex.raw(`to_char(last_used_on, 'YYYY-MM-DD') as "lastUsedOn"`)];

/** The hash under which a secret is stored. One round of SHA-256 is enough, because a secret has 256 random bits. */
export const hashSecret = (secret: string): Buffer => hash('sha256', secret, 'buffer');

export interface NewClient {
  name: string;
  host: string;
  tenant: string;
  stores: string[] | null;
  scopes: Scope[];
  /** Default: never. */
  expiresAt?: Date | null;
  /** Default: generated. Only the demo gives its own. */
  secret?: string;
}

/** Creates a client. Its secret is returned here only: the database keeps the hash. */
export async function create(knex: Knex, client: NewClient, at: Date): Promise<{ id: string; secret: string }> {
  const id = `cli_${newUlid()}`;
  const { secret = `sk_live_${newSecret()}`, name, host, tenant, stores, scopes: grantedScopes, expiresAt = null } = client;
  await knex('gateway.clients').insert({
    id,
    name,
    secret_sha256: hashSecret(secret),
    host,
    tenant,
    stores,
    scopes: grantedScopes,
    created_at: at,
    expires_at: expiresAt,
  });
  return { id, secret };
}

/** All clients, also revoked ones, oldest first. */
export async function list(knex: Knex): Promise<Client[]> {
  return knex('gateway.clients').select(selected(knex)).orderBy('created_at');
}

export async function find(knex: Knex, id: string): Promise<Client | null> {
  return (await knex('gateway.clients').where({ id }).first(selected(knex))) ?? null;
}

/**
 * Gives a client a new secret. It stays the same client: its idempotency keys and its payments are found with both secrets. The secret
 * before is accepted until then. @returns the new secret; null when the client is revoked or unknown
 */
export async function rotate(knex: Knex, id: string, previousUntil: Date): Promise<string | null> {
  const secret = `sk_live_${newSecret()}`;
  const changed = await knex('gateway.clients')
    .where({ id })
    .whereNull('revoked_at')
    .update({ previous_sha256: knex.ref('secret_sha256'), previous_until: previousUntil, secret_sha256: hashSecret(secret) });
  return changed === 1 ? secret : null;
}

const noteUse: Statement = {
  name: 'clients-note-use',
  text: 'update gateway.clients set last_used_on = $2 where id = any ($1) and (last_used_on is null or last_used_on < $2)',
};

/** Remembers that these clients made a request on this day. May run twice. */
export async function recordUse(db: Queryable, ids: readonly string[], day: string): Promise<void> {
  await db.query({ ...noteUse, values: [ids, day] });
}

/** Revokes a client's key. May run twice: the first time stays. @returns false when there is no such client */
export async function revoke(knex: Knex, id: string, at: Date): Promise<boolean> {
  return (
    (await knex('gateway.clients')
      .where({ id })
      .update({ revoked_at: knex.raw('coalesce(revoked_at, ?)', [at]) })) === 1
  );
}

/** Clients that are not revoked, by the hash of their secret in hexadecimal; after a rotation by both hashes. */
export async function active(knex: Knex): Promise<Map<string, ActiveClient>> {
  const rows: (Client & { hash: Buffer; previousHash: Buffer | null })[] = await knex('gateway.clients')
    .select(...selected(knex), 'secret_sha256 as hash', 'previous_sha256 as previousHash')
    .whereNull('revoked_at');
  return new Map(
    rows.flatMap(({ hash, previousHash, ...client }) => {
      const current = [hash.toString('hex'), { ...client, validUntil: client.expiresAt }] as const;
      if (!previousHash) return [current];
      return [[previousHash.toString('hex'), { ...client, validUntil: earlier(client.expiresAt, client.previousUntil) }] as const, current];
    }),
  );
}

const earlier = (one: Date | null, other: Date | null): Date | null => (one && other ? (one < other ? one : other) : (one ?? other));

const demoHashes: ReadonlySet<string> = new Set(Object.values(demoKeys).map((key) => hashSecret(key).toString('hex')));

/** Whether this is the hash of a public demo key. */
export const isDemoHash = (hash: string): boolean => demoHashes.has(hash);
