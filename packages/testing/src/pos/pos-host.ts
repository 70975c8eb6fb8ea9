import { createHosts, type Hosts, loadHosts } from '@gateway/shared/host';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { createLogger, newUlid } from '@gateway/shared/runtime';
import type { clients } from '@gateway/shared/store';
import { hostsDir } from '../checkout.ts';

/** The pos host, connected to a copy of the template database, and its API clients. */
export interface PosHost {
  hosts: Hosts;
  host: ReturnType<Hosts['byId']>;
  db: Database;
  /** An API client of the merchant that owns the outlet. */
  client(overrides?: Partial<clients.Client>, outlet?: string): Promise<clients.Client>;
  close(): Promise<void>;
}

/** @param url a database that `freshDatabase` created. @param options.hostIds the hosts that are connected to it, with `pos` among them */
export async function startPosHost(
  url: string,
  { max = 10, hostIds = ['pos'] }: { max?: number; hostIds?: readonly string[] } = {},
): Promise<PosHost> {
  const { hosts: folders, invalid } = loadHosts(hostsDir);
  const hosts = await createHosts({
    hosts: folders.filter(({ id }) => hostIds.includes(id)),
    invalid,
    urls: { POS_DATABASE_URL: url, TILL_DATABASE_URL: url },
    connect: (address) => connectDatabase(address, { name: 'test', max }),
    isUsedWhileFailing: true,
    log: createLogger('test', 'silent'),
  });
  const host = hosts.byId('pos');
  return {
    hosts,
    host,
    db: host.db,
    client: async (overrides = {}, outlet = 'JKT-01') => {
      const { rows } = await host.db.pool.query<{ tenant: string }>('select merchant_id::text as tenant from pos.outlets where code = $1', [
        outlet,
      ]);
      return {
        id: `cli_${newUlid()}`,
        name: 'test',
        host: 'pos',
        tenant: rows[0]?.tenant as string,
        stores: null,
        scopes: ['payments', 'refunds', 'events'],
        createdAt: new Date(),
        revokedAt: null,
        expiresAt: null,
        lastUsedOn: null,
        previousUntil: null,
        ...overrides,
      };
    },
    close: () => hosts.close(),
  };
}
