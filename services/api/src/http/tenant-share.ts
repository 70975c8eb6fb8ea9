import type { Hosts } from '@gateway/shared/host';
import { createPoolShare, type PoolShare } from '@gateway/shared/postgres';
import type { clients } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf } from './authenticate-client.ts';

/**
 * Runs the part of a request that needs the database. The requests of one tenant in this process take a part of the connections at a
 * time, so that slow ones do not take those of its neighbours.
 * @throws PoolShareFull at once when too many of its requests wait: 503 with `Retry-After`
 */
export type TenantShare = <T>(client: clients.Client, work: () => Promise<T>) => Promise<T>;

const part = 0.4; // two tenants with slow requests leave connections to the others
const waiting = { patienceMs: 2_000, maxWaiting: 200 }; // at ten milliseconds a request, the last one waits for a quarter of a second
const maxTenants = 10_000; // limits the memory

export function createTenantShare(hosts: Pick<Hosts, 'of'>): TenantShare {
  const shares = new Map<string, PoolShare>();
  return (client, work) => {
    const tenant = `${client.host} ${client.tenant}`;
    const share = shares.get(tenant) ?? createPoolShare(part);
    shares.set(tenant, share);
    if (shares.size > maxTenants) shares.delete(shares.keys().next().value as string);
    return share(hosts.of(client).db.pool, work, waiting);
  };
}

/** The same handler, with all of its work in the share of the caller's tenant: for requests that wait for the database only. */
export const inTenantShare =
  (share: TenantShare) =>
  (handler: RequestHandler): RequestHandler =>
  (req, res, next) =>
    share(clientOf(res), async () => handler(req, res, next));
