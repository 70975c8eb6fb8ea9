import type { Hosts } from '@gateway/shared/host';
import { storeIdPattern } from '@gateway/shared/runtime';
import { type clients, stores, tillHost } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf, mayUseStore, requireStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { Refusal } from '../http/refusal.ts';
import type { StoreRegistry } from '../payments/store-registry.ts';

/** @throws Refusal with `forbidden` for a key whose orders lie in a database of their own */
export function requireTill({ host }: Pick<clients.Client, 'host'>): void {
  if (host === tillHost) return;
  const detail = `The orders of this key are read from the database of ${host}. Orders by API need a key made with --host till.`;
  throw new Refusal('scope_refused', new Problem('forbidden', detail));
}

/** Lets only keys of the host `till` pass. */
export const onlyTill: RequestHandler = (_req, res, next) => {
  requireTill(clientOf(res));
  next();
};

const storeNotFound = () => new Problem('store_not_found', 'This key cannot have a store with this id. Check the store id and the key.');

/** @throws Refusal with `store_not_found` when the key does not cover the store */
export const requireTillStore = (client: clients.Client, storeId: string): void => requireStore(client, storeId, storeNotFound());

export interface KnownStoreDeps {
  hosts: Hosts;
  stores: StoreRegistry;
}

/**
 * A store of a till exists from its first use, so that a screen can connect before the first order. Keys of other hosts pass: their stores
 * are known from the first payment. @throws Problem `store_not_found` when another tenant has the store
 */
export const knownTillStore =
  ({ hosts, stores: registry }: KnownStoreDeps): RequestHandler =>
  async (req, res, next) => {
    const client = clientOf(res);
    const storeId = String(req.params.storeId);
    if (client.host === tillHost && mayUseStore(client, storeId) && storeIdPattern.test(storeId)) {
      const store = { host: hosts.of(client), storeId, tenant: client.tenant };
      if (!registry.has(store)) await registry.register(store).catch(refuseReading);
    }
    next();
  };

function refuseReading(error: unknown): never {
  throw error instanceof stores.StoreConflict ? new Refusal('store_refused', storeNotFound()) : error;
}
