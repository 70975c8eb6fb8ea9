import path from 'node:path';
import { grantReference, loadReference } from '@gateway/host-kit';
import { readHostFolder } from '@gateway/shared/host';
import { connectClient, connectDatabase, type Database } from '@gateway/shared/postgres';
import { createLogger, demoKeys, systemClock } from '@gateway/shared/runtime';
import { clients, serveRole, stores } from '@gateway/shared/store';
import type { Client } from 'pg';
import { isCreatedHere } from './marker.ts';
import type { Databases } from './servers/data-servers.ts';

const hostsDir = path.resolve(import.meta.dirname, '../../../hosts');

const demoHosts = [
  {
    host: 'pos',
    firstTenant: 'select merchant_id::text as tenant from pos.outlets order by code limit 1',
  },
  {
    host: 'erp',
    firstTenant: 'select company_code as tenant from erp."Sales Invoice" group by 1 order by count(*) desc, 1 limit 1', // the company with the most invoices
  },
] as const;

/** Its orders come by HTTP, so nothing is loaded. */
const demoTill = { host: 'till', tenant: 'warung-demo' } as const;
const demoTillStores = ['DPS-01', 'DPS-02'];

/** The demo's pages read and write orders as the POS's own software does, through the api's connection. */
const grantsOfDemoPages = `grant select on all tables in schema pos to ${serveRole}; grant insert on pos.orders, pos.order_items to ${serveRole}`;

/** The databases that no local stack has created, such as a shop's. */
export async function databasesOfOthers(databases: Databases): Promise<(keyof Databases)[]> {
  const names = Object.keys(databases) as (keyof Databases)[];
  const ours = await Promise.all(names.map((name) => withClient(databases[name], isCreatedHere)));
  return names.filter((_, index) => !ours[index]);
}

/**
 * Loads the reference schemas with a day of orders, and creates a demo key for each host. Writes only into databases that a local stack
 * has created. May run twice: existing rows are kept. @returns the hosts whose demo key exists
 */
export async function loadDemo(databases: Databases): Promise<(keyof typeof demoKeys)[]> {
  const others = await databasesOfOthers(databases);
  const withKey: (keyof typeof demoKeys)[] = [];
  for (const { host, firstTenant } of demoHosts) {
    if (others.includes(host)) continue;
    const folder = readHostFolder(path.join(hostsDir, host));
    if ('errors' in folder) throw new Error(`hosts/${host} cannot be read: ${folder.errors.map(({ message }) => message).join('; ')}`);
    const tenant = await withClient(databases[host], async (client) => {
      await loadReference(client, folder, { demo: true });
      return (await client.query<{ tenant: string }>(firstTenant)).rows[0]?.tenant;
    });
    await grantReference(folder, databases[host], serveRole, { now: systemClock.now(), log: createLogger('local-stack', 'silent') });
    if (!tenant || others.includes('control')) continue;
    await makeDemoKey(databases.control, { host, tenant });
    withKey.push(host);
  }
  if (!others.includes('till') && !others.includes('control')) {
    await makeDemoKey(databases.control, demoTill);
    withKey.push('till');
  }
  if (!others.includes('pos')) await withClient(databases.pos, (client) => client.query(grantsOfDemoPages));
  if (withKey.includes('pos')) {
    const outlets = 'select code, merchant_id::text as tenant from pos.outlets';
    await registerStores(databases, 'pos', await withClient(databases.pos, async (client) => (await client.query<Outlet>(outlets)).rows));
  }
  if (withKey.includes('till'))
    await registerStores(
      databases,
      'till',
      demoTillStores.map((code) => ({ code, tenant: demoTill.tenant })),
    );
  return withKey;
}

interface Outlet {
  code: string;
  tenant: string;
}

/** A screen can follow a store after its first payment. The demo's screens open before that, so the outlets are registered here. */
async function registerStores(databases: Databases, host: 'pos' | 'till', outlets: readonly Outlet[]): Promise<void> {
  const urls = [databases[host], databases.control];
  const [own, controlDb] = urls.map((url) => connectDatabase(url, { name: 'local-stack', max: 1 })) as [Database, Database];
  try {
    for (const { code, tenant } of outlets) await stores.register(controlDb.pool, own.pool, code, { host, tenant }, systemClock.now());
  } finally {
    await Promise.all([own.close(), controlDb.close()]);
  }
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connectClient(url, { application_name: 'local-stack' });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function makeDemoKey(controlUrl: string, { host, tenant }: { host: keyof typeof demoKeys; tenant: string }): Promise<void> {
  const control = connectDatabase(controlUrl, { name: 'local-stack', max: 1 });
  const secret = demoKeys[host];
  try {
    const existing = await control
      .knex('gateway.clients')
      .where({ secret_sha256: clients.hashSecret(secret) })
      .first('id');
    if (existing) return;
    await clients.create(
      control.knex,
      { name: `demo ${host}`, host, tenant, stores: null, scopes: ['payments', 'refunds', 'events', 'webhooks'], secret },
      systemClock.now(),
    );
  } finally {
    await control.close();
  }
}
