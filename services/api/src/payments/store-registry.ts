import type { HostLocation } from '@gateway/shared/host';
import type { Database, Queryable } from '@gateway/shared/postgres';
import type { Clock } from '@gateway/shared/runtime';
import { stores } from '@gateway/shared/store';
import { fromControl } from '../http/problem.ts';

/** The stores that this process has registered. Each one is registered once, on first use; after that, no query is needed. */
export interface StoreRegistry {
  has(store: StoreRef): boolean;
  /** May run twice. @throws StoreConflict when another tenant or host has registered the id */
  register(store: StoreRef): Promise<void>;
}

export interface StoreRef {
  host: HostLocation;
  storeId: string;
  tenant: string;
}

const maxEntries = 100_000; // more stores than any installation has; a full registry is emptied, and its stores are registered again

export function createStoreRegistry(control: Database, clock: Clock): StoreRegistry {
  const controlPool: Queryable = { query: (config) => fromControl(control.pool.query(config)) };
  const known = new Set<string>();
  const keyOf = ({ host, storeId, tenant }: StoreRef) => JSON.stringify([storeId, host.id, tenant]);
  return {
    has: (store) => known.has(keyOf(store)),
    register: async (store) => {
      const { host, storeId, tenant } = store;
      await stores.register(controlPool, host.db.pool, storeId, { host: host.id, tenant }, clock.now());
      if (known.size >= maxEntries) known.clear();
      known.add(keyOf(store));
    },
  };
}
