import type { HostLocation } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import type { Clock } from '@gateway/shared/runtime';
import { stores } from '@gateway/shared/store';

/** Which stores are known to belong to whom: each is claimed once by this process, and then costs nothing. */
export interface StoreRegistry {
  has(store: StoreRef): boolean;
  /** @throws StoreConflict when the id is another tenant's or another host's */
  register(store: StoreRef): Promise<void>;
}

export interface StoreRef {
  host: HostLocation;
  storeId: string;
  tenant: string;
}

const maxEntries = 100_000; // more stores than any installation has; a full memory is only forgotten

export function createStoreRegistry(control: Database, clock: Clock): StoreRegistry {
  const known = new Set<string>();
  const keyOf = ({ host, storeId, tenant }: StoreRef) => JSON.stringify([storeId, host.id, tenant]);
  return {
    has: (store) => known.has(keyOf(store)),
    register: async (store) => {
      const { host, storeId, tenant } = store;
      await stores.register(control.pool, host.db.pool, storeId, { host: host.id, tenant }, clock.now());
      if (known.size >= maxEntries) known.clear();
      known.add(keyOf(store));
    },
  };
}
