import { type Hosts, UnknownHost } from '@gateway/shared/host';
import { type Client, type Database, readStoreEvents, type StoreEvents } from '@gateway/shared/store';
import { mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';

const idShape = /^[A-Za-z0-9_.-]{1,64}$/;

/** A store that this key may read, where its rows are, and its events from one place on. */
export interface OwnStore {
  id: string;
  db: Database;
  events: StoreEvents;
}

/**
 * Another tenant's store, one that the key does not cover, and one where nothing was ever to be paid are as good as absent.
 * The store of a host that is out can be read all the same: its events need none of the host's statements.
 * @param after null: from the oldest on
 * @throws Problem store_not_found
 */
export async function readOwnStore(
  hosts: Hosts<Database>,
  client: Client,
  { storeId, after, limit }: { storeId: unknown; after: number | null; limit: number },
): Promise<OwnStore> {
  if (typeof storeId !== 'string' || !idShape.test(storeId) || !mayUseStore(client, storeId)) throw notFound();
  const db = databaseOf(hosts, client);
  const events = await readStoreEvents(db.pool, { storeId, after, limit });
  if (events?.owner.host !== client.host || events.owner.tenant !== client.tenant) throw notFound();
  return { id: storeId, db, events };
}

function databaseOf(hosts: Hosts<Database>, { host }: Client): Database {
  const place = hosts.databases().find(({ hosts: ids }) => ids.includes(host));
  if (!place) throw new UnknownHost(host);
  return place.db;
}

const notFound = () => new Problem('store_not_found', 'No store of yours has this id. A store is known from its first payment on.');

/** 410: whoever followed from `after` cannot go on from there. */
export const eventsGone = ({ oldestSeq, lastSeq }: StoreEvents) =>
  new Problem(
    'events_gone',
    'What follows your `after` is not kept, or `after` was never given. GET …/snapshot, and go on from its `seq`.',
    {
      oldest_seq: oldestSeq,
      last_seq: lastSeq,
    },
  );
