import { DomainError } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';

/** The tenant that a store belongs to. */
export interface StoreOwner {
  host: string;
  tenant: string;
}

/** The store id belongs to another tenant or host: 409 `store_conflict`. */
export class StoreConflict extends DomainError {
  constructor(storeId: string) {
    super(
      `store ${storeId} belongs to another tenant of this installation, and store ids are unique. Use another one: in the request of an order by API, otherwise as order.sql returns it`,
    );
  }
}

const registerOnce: Statement = {
  name: 'store-register',
  text: `insert into gateway.store_claims as c (store_id, host, tenant, claimed_at) values ($1, $2, $3, $4)
    on conflict (store_id) do update set store_id = c.store_id returning host, tenant`,
};

const insertOnce: Statement = {
  name: 'store-insert',
  text: `insert into gateway.stores (store_id, host, tenant, created_at) values ($1, $2, $3, $4) on conflict (store_id) do nothing`,
};

const ownerById: Statement = { name: 'store-owner', text: 'select host, tenant from gateway.stores where store_id = $1' };

/**
 * Registers a store for its first user: in the control database, where the id is unique in the whole installation, and in the host's own
 * database, where the relay numbers its events. A store that its own database knows is registered already, so it can be used while the
 * control database is unavailable. May run twice. @throws StoreConflict
 */
export async function register(control: Queryable, own: Queryable, storeId: string, owner: StoreOwner, at: Date): Promise<void> {
  const isSameOwner = (found?: StoreOwner) => found?.host === owner.host && found.tenant === owner.tenant;
  const known = await own.query<StoreOwner>({ ...ownerById, values: [storeId] });
  if (isSameOwner(known.rows[0])) return;
  const values = [storeId, owner.host, owner.tenant, at];
  const { rows } = await control.query<StoreOwner>({ ...registerOnce, values });
  if (!isSameOwner(rows[0])) throw new StoreConflict(storeId);
  await own.query({ ...insertOnce, values });
}

const isRegistered: Statement = { name: 'store-is-registered', text: 'select from gateway.store_claims where store_id = $1' };

/** Whether the store is registered: its first payment does that. */
export async function exists(control: Queryable, storeId: string): Promise<boolean> {
  return (await control.query({ ...isRegistered, values: [storeId] })).rowCount === 1;
}
