import { type Hosts, UnknownHost } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import { storeIdPattern } from '@gateway/shared/runtime';
import { type clients, storeFeed } from '@gateway/shared/store';
import { mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';

/** A store that this key may read, where its rows are, and its events from one place on. */
export interface OwnStore {
  id: string;
  db: Database;
  events: storeFeed.StoreEvents;
}

/**
 * Another tenant's store, one that the key does not cover, and one where nothing was ever to be paid are as good as absent.
 * The store of a host that is out can be read all the same: its events need none of the host's statements.
 * @param after null: from the oldest on
 * @throws Problem store_not_found
 */
export async function readOwnStore(
  hosts: Hosts,
  client: clients.Client,
  { storeId, after, limit }: { storeId: unknown; after: number | null; limit: number },
): Promise<OwnStore> {
  if (typeof storeId !== 'string' || !storeIdPattern.test(storeId) || !mayUseStore(client, storeId)) throw storeNotFound();
  const db = databaseOf(hosts, client);
  const events = await storeFeed.read(db.pool, { storeId, after, limit });
  if (events?.owner.host !== client.host || events.owner.tenant !== client.tenant) throw storeNotFound();
  return { id: storeId, db, events };
}

function databaseOf(hosts: Hosts, { host }: clients.Client): Database {
  const location = hosts.databases().find(({ hosts: ids }) => ids.includes(host));
  if (!location) throw new UnknownHost(host);
  return location.db;
}

const storeNotFound = () =>
  new Problem('store_not_found', 'No store with this id exists for this key. A store is known from its first payment.');

/** 410: whoever followed from `after` cannot go on from there. */
export const eventsGone = ({ oldestSeq, lastSeq }: storeFeed.StoreEvents) =>
  new Problem('events_gone', 'The events after this `seq` are not available. Read the snapshot and continue from its `seq`.', {
    oldest_seq: oldestSeq,
    last_seq: lastSeq,
  });
