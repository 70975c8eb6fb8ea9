import type { Hosts } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import { type clients, webhookEndpoints } from '@gateway/shared/store';
import { databaseOf } from '../events/find-own-store.ts';
import { Problem } from '../http/problem.ts';

const endpointIdPattern = /^we_[0-9a-z]{26}$/;

/** An endpoint of the caller's key, and its database. */
export interface OwnEndpoint {
  db: Database;
  endpoint: webhookEndpoints.WebhookEndpoint;
}

/** @throws Problem `not_found`, also for an endpoint of another key */
export async function findOwnEndpoint(hosts: Hosts, client: clients.Client, id: unknown): Promise<OwnEndpoint> {
  const db = databaseOf(hosts, client);
  const endpoint = typeof id === 'string' && endpointIdPattern.test(id) ? await webhookEndpoints.find(db.pool, client.id, id) : null;
  if (!endpoint) throw endpointNotFound();
  return { db, endpoint };
}

export const endpointNotFound = () => new Problem('not_found', 'This key has no webhook endpoint with this id.');
