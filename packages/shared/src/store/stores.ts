import { DomainError } from '../payment/index.ts';
import type { Statement } from './database.ts';
import type { Queryable } from './queryable.ts';

export interface StoreOwner {
  host: string;
  tenant: string;
}

/** The store id belongs to another tenant or host: 409 `store_conflict`. */
export class StoreConflict extends DomainError {
  constructor(storeId: string) {
    super(`store ${storeId} belongs to another tenant of this installation; store ids must be unique, so let order.sql return another one`);
  }
}

const claim: Statement = {
  name: 'store-claim',
  text: `insert into gateway.store_claims as c (store_id, host, tenant, claimed_at) values ($1, $2, $3, $4)
    on conflict (store_id) do update set store_id = c.store_id returning host, tenant`,
};

const keep: Statement = {
  name: 'store-keep',
  text: `insert into gateway.stores (store_id, host, tenant, created_at) values ($1, $2, $3, $4) on conflict (store_id) do nothing`,
};

/**
 * Whoever uses a store id first keeps it, in the whole installation (`control`), and the relay of its own database numbers it (`own`).
 * May run twice. @throws StoreConflict
 */
export async function claimStore(control: Queryable, own: Queryable, storeId: string, owner: StoreOwner, at: Date): Promise<void> {
  const values = [storeId, owner.host, owner.tenant, at];
  const { rows } = await control.query<StoreOwner>({ ...claim, values });
  const holder = rows[0];
  if (holder?.host !== owner.host || holder.tenant !== owner.tenant) throw new StoreConflict(storeId);
  await own.query({ ...keep, values });
}

const isClaimed: Statement = { name: 'store-is-claimed', text: 'select from gateway.store_claims where store_id = $1' };

/** Whether any payment was ever made for it. */
export async function knowsStore(control: Queryable, storeId: string): Promise<boolean> {
  return (await control.query({ ...isClaimed, values: [storeId] })).rowCount === 1;
}
