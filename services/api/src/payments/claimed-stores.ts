import type { HostPlace } from '@gateway/shared/host';
import type { Clock } from '@gateway/shared/runtime';
import { claimStore, type Database } from '@gateway/shared/store';

/** Which stores are known to belong to whom: each is claimed once by this process, and then costs nothing. */
export interface ClaimedStores {
  has(store: StoreOf): boolean;
  /** @throws StoreConflict when the id is another tenant's or another host's */
  claim(store: StoreOf): Promise<void>;
}

export interface StoreOf {
  host: HostPlace<Database>;
  storeId: string;
  tenant: string;
}

const remembered = 100_000; // more stores than any installation has; a full memory is only forgotten

export function createClaimedStores(control: Database, clock: Clock): ClaimedStores {
  const known = new Set<string>();
  const nameOf = ({ host, storeId, tenant }: StoreOf) => JSON.stringify([storeId, host.id, tenant]);
  return {
    has: (store) => known.has(nameOf(store)),
    claim: async (store) => {
      const { host, storeId, tenant } = store;
      await claimStore(control.pool, host.db.pool, storeId, { host: host.id, tenant }, clock.now());
      if (known.size >= remembered) known.clear();
      known.add(nameOf(store));
    },
  };
}
