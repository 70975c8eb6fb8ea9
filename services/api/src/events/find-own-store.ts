import { type Hosts, UnknownHost } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import { storeIdPattern } from '@gateway/shared/runtime';
import { type clients, storeFeed } from '@gateway/shared/store';
import { requireStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { Refusal } from '../http/refusal.ts';

/** A store that the caller's key may read, its database, and one page of its events. */
export interface OwnStore {
  id: string;
  db: Database;
  events: storeFeed.StoreEvents;
}

/**
 * Reads a page of the events of a store. The host need not be ready: reading events runs none of its statements.
 * @param after null: from the oldest stored event
 * @throws Problem `store_not_found`, also for another tenant's store, one that the key does not cover, and one without any payment
 */
export async function readOwnStore(
  hosts: Hosts,
  client: clients.Client,
  { storeId, after, limit }: { storeId: unknown; after: number | null; limit: number },
): Promise<OwnStore> {
  if (typeof storeId !== 'string' || !storeIdPattern.test(storeId)) throw storeNotFound();
  requireStore(client, storeId, storeNotFound());
  const db = databaseOf(hosts, client);
  const events = await storeFeed.read(db.pool, { storeId, after, limit });
  if (!events) throw storeNotFound();
  if (events.owner.host !== client.host || events.owner.tenant !== client.tenant) throw new Refusal('store_refused', storeNotFound());
  return { id: storeId, db, events };
}

/** The database of a key's host. The host need not be ready. */
export function databaseOf(hosts: Hosts, { host }: clients.Client): Database {
  const location = hosts.databases().find(({ hosts: ids }) => ids.includes(host));
  if (!location) throw new UnknownHost(host);
  return location.db;
}

const storeNotFound = () =>
  new Problem('store_not_found', 'No store with this id exists for this key. A store is known from its first payment.');

/** 410: the events after the requested `seq` are not stored any more, or their numbering has changed. */
export const eventsGone = ({ oldestSeq, lastSeq }: storeFeed.StoreEvents) =>
  new Problem('events_gone', 'The events after this `seq` are not available. Read the snapshot and continue from its `seq`.', {
    oldest_seq: oldestSeq,
    last_seq: lastSeq,
  });
