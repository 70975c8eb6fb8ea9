import type { HostPlace } from '@gateway/shared/host';
import type { Clock } from '@gateway/shared/runtime';
import { claimStore, type Database } from '@gateway/shared/store';

/** Which stores are known to belong to whom: each is claimed once by this process, and then costs nothing. */
export interface ClaimedStores {
  /** @throws StoreConflict when the id is another tenant's or another host's */
  claim(host: HostPlace<Database>, storeId: string, tenant: string): Promise<void>;
}

const remembered = 100_000; // more stores than any installation has; a full memory is only forgotten

export function createClaimedStores(control: Database, clock: Clock): ClaimedStores {
  const known = new Set<string>();
  return {
    claim: async ({ id, db }, storeId, tenant) => {
      const owner = JSON.stringify([storeId, id, tenant]);
      if (known.has(owner)) return;
      await claimStore(control.pool, db.pool, storeId, { host: id, tenant }, clock.now());
      if (known.size >= remembered) known.clear();
      known.add(owner);
    },
  };
}
