import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { newSecret, newUlid } from '../../runtime/index.ts';

export const scopes = ['payments', 'refunds', 'events'] as const;
export type Scope = (typeof scopes)[number];

/** Whoever calls the api: one tenant of one host, perhaps only some of its stores. */
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

/** A secret has 256 random bits, so one round of SHA-256 is all the hashing it needs. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export interface NewClient {
  name: string;
  host: string;
  tenant: string;
  stores: string[] | null;
  scopes: Scope[];
  /** Only the demo loader brings its own. */
  secret?: string;
}

/** Makes a client. The secret is returned here and nowhere else. */
export async function create(knex: Knex, client: NewClient, at: Date): Promise<{ id: string; secret: string }> {
  const id = `cli_${newUlid()}`;
  const { secret = `sk_live_${newSecret()}`, name, host, tenant, stores, scopes: granted } = client;
  await knex('gateway.clients').insert({
    id,
    name,
    secret_sha256: hashSecret(secret),
    host,
    tenant,
    stores,
    scopes: granted,
    created_at: at,
  });
  return { id, secret };
}

export async function list(knex: Knex): Promise<Client[]> {
  return knex('gateway.clients').select(columns).orderBy('created_at');
}

/** May run twice. @returns false when there is no such client. */
export async function revoke(knex: Knex, id: string, at: Date): Promise<boolean> {
  return (
    (await knex('gateway.clients')
      .where({ id })
      .update({ revoked_at: knex.raw('coalesce(revoked_at, ?)', [at]) })) === 1
  );
}

/** The clients that may call, by the hex of their secret's hash. */
export async function active(knex: Knex): Promise<Map<string, Client>> {
  const rows: (Client & { hash: Buffer })[] = await knex('gateway.clients')
    .select(...columns, 'secret_sha256 as hash')
    .whereNull('revoked_at');
  return new Map(rows.map(({ hash, ...client }) => [hash.toString('hex'), client]));
}
