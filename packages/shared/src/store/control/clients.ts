import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
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
}

const columns = ['id', 'name', 'host', 'tenant', 'stores', 'scopes', 'created_at as createdAt', 'revoked_at as revokedAt'];

/** The hash under which a secret is stored. One round of SHA-256 is enough, because a secret has 256 random bits. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export interface NewClient {
  name: string;
  host: string;
  tenant: string;
  stores: string[] | null;
  scopes: Scope[];
  /** Default: generated. Only the demo gives its own. */
  secret?: string;
}

/** Creates a client. Its secret is returned here only: the database keeps the hash. */
export async function create(knex: Knex, client: NewClient, at: Date): Promise<{ id: string; secret: string }> {
  const id = `cli_${newUlid()}`;
  const { secret = `sk_live_${newSecret()}`, name, host, tenant, stores, scopes: grantedScopes } = client;
  await knex('gateway.clients').insert({
    id,
    name,
    secret_sha256: hashSecret(secret),
    host,
    tenant,
    stores,
    scopes: grantedScopes,
    created_at: at,
  });
  return { id, secret };
}

/** All clients, also revoked ones, oldest first. */
export async function list(knex: Knex): Promise<Client[]> {
  return knex('gateway.clients').select(columns).orderBy('created_at');
}

/** Revokes a client's key. May run twice: the first time stays. @returns false when there is no such client */
export async function revoke(knex: Knex, id: string, at: Date): Promise<boolean> {
  return (
    (await knex('gateway.clients')
      .where({ id })
      .update({ revoked_at: knex.raw('coalesce(revoked_at, ?)', [at]) })) === 1
  );
}

/** Clients that are not revoked, by the hash of their secret in hexadecimal. */
export async function active(knex: Knex): Promise<Map<string, Client>> {
  const rows: (Client & { hash: Buffer })[] = await knex('gateway.clients')
    .select(...columns, 'secret_sha256 as hash')
    .whereNull('revoked_at');
  return new Map(rows.map(({ hash, ...client }) => [hash.toString('hex'), client]));
}

const demoHashes: ReadonlySet<string> = new Set(Object.values(demoKeys).map((key) => hashSecret(key).toString('hex')));

/** Whether this is the hash of a public demo key. */
export const isDemoHash = (hash: string): boolean => demoHashes.has(hash);
