import path from 'node:path';
import { createHosts, type Hosts, loadHosts } from '../packages/shared/src/host/index.ts';
import { createLogger, newUlid } from '../packages/shared/src/runtime/index.ts';
import { type Client, connectDatabase, type Database } from '../packages/shared/src/store/index.ts';

/** The pos host, served from a database that the template made, and callers of it. */
export interface PosHost {
  hosts: Hosts<Database>;
  host: ReturnType<Hosts<Database>['byId']>;
  db: Database;
  /** A client of the merchant that has this outlet. */
  client(given?: Partial<Client>, outlet?: string): Promise<Client>;
  close(): Promise<void>;
}

export async function servePos(url: string, { max = 10 } = {}): Promise<PosHost> {
  const { hosts: folders, broken } = loadHosts(path.resolve(import.meta.dirname, '../hosts'));
  const hosts = await createHosts({
    hosts: folders.filter(({ id }) => id === 'pos'),
    broken,
    urls: { POS_DATABASE_URL: url },
    connect: (address) => connectDatabase(address, { name: 'test', max }),
    log: createLogger('test', 'silent'),
  });
  const host = hosts.byId('pos');
  return {
    hosts,
    host,
    db: host.db,
    client: async (given = {}, outlet = 'JKT-01') => {
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
        ...given,
      };
    },
    close: () => hosts.close(),
  };
}
