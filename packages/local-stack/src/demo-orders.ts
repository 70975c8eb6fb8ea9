import path from 'node:path';
import { loadReference } from '@gateway/host-kit';
import { readHostFolder } from '@gateway/shared/host';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { systemClock } from '@gateway/shared/runtime';
import { clients, stores } from '@gateway/shared/store';
import { Client } from 'pg';
import type { DataServers } from './servers/data-servers.ts';

const hostsDir = path.resolve(import.meta.dirname, '../../../hosts');

/** Public keys. They exist only in databases that `npm start` or the demo's containers have prepared. */
const demoKeys = [
  {
    secret: 'sk_test_pos_demo',
    host: 'pos',
    firstTenant: 'select merchant_id::text as tenant from pos.outlets order by code limit 1',
  },
  {
    secret: 'sk_test_erp_demo',
    host: 'erp',
    firstTenant: 'select company_code as tenant from erp."Sales Invoice" group by 1 order by count(*) desc, 1 limit 1', // the company with the most invoices
  },
];

/** Loads the reference schemas with a day of orders, and creates a demo key for each host. May run twice: existing rows are kept. */
export async function loadDemo(databases: DataServers['databases']): Promise<void> {
  for (const { secret, host, firstTenant } of demoKeys) {
    const folder = readHostFolder(path.join(hostsDir, host));
    if ('errors' in folder) throw new Error(`hosts/${host} cannot be read: ${folder.errors.map(({ message }) => message).join('; ')}`);
    const url = databases[host as 'pos' | 'erp'];
    const tenant = await withClient(url, async (client) => {
      await loadReference(client, folder, { demo: true });
      return (await client.query<{ tenant: string }>(firstTenant)).rows[0]?.tenant;
    });
    if (tenant) await makeDemoKey(databases.control, { secret, host, tenant });
  }
  await registerOutlets(databases);
}

/** A screen can follow a store after its first payment. The demo's screens open before that, so the outlets are registered here. */
async function registerOutlets({ pos, control }: DataServers['databases']): Promise<void> {
  const [own, controlDb] = [pos, control].map((url) => connectDatabase(url, { name: 'local-stack', max: 1 })) as [Database, Database];
  try {
    const outlets = await own.pool.query<{ code: string; tenant: string }>('select code, merchant_id::text as tenant from pos.outlets');
    for (const { code, tenant } of outlets.rows)
      await stores.register(controlDb.pool, own.pool, code, { host: 'pos', tenant }, systemClock.now());
  } finally {
    await Promise.all([own.close(), controlDb.close()]);
  }
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'local-stack' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function makeDemoKey(controlUrl: string, { secret, host, tenant }: { secret: string; host: string; tenant: string }): Promise<void> {
  const control = connectDatabase(controlUrl, { name: 'local-stack', max: 1 });
  try {
    const existing = await control
      .knex('gateway.clients')
      .where({ secret_sha256: clients.hashSecret(secret) })
      .first('id');
    if (existing) return;
    await clients.create(
      control.knex,
      { name: `demo ${host}`, host, tenant, stores: null, scopes: ['payments', 'refunds', 'events'], secret },
      systemClock.now(),
    );
  } finally {
    await control.close();
  }
}
