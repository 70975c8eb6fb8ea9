import path from 'node:path';
import { loadReference } from '@gateway/host-kit';
import { readHostFolder } from '@gateway/shared/host';
import { connectDatabase } from '@gateway/shared/postgres';
import { systemClock } from '@gateway/shared/runtime';
import { clients, migrate } from '@gateway/shared/store';
import pg from 'pg';
import { checkoutDir } from './checkout.ts';
import { floorTables } from './floors/tables.ts';

/** The two outlets of a demo merchant of the pos host, whose orders are paid. */
export const stores = ['JKT-01', 'BDG-01'] as const;

/** What a system needs to know about its database. */
export interface Prepared {
  tenant: string;
  apiKey: string;
  /** A key of the host `till`; null for a floor. */
  tillKey: string | null;
}

/** Creates the reference hosts' tables with demo data, and the gateway's tables or a floor's. May run twice. */
export async function prepareDatabase(url: string, kind: 'product' | 'floor'): Promise<Prepared> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    for (const id of ['pos', 'erp']) {
      const folder = readHostFolder(path.join(checkoutDir, 'hosts', id));
      if ('errors' in folder) throw new Error(`hosts/${id} cannot be read`);
      await loadReference(client, folder, { demo: true });
    }
    if (kind === 'floor') await client.query(floorTables);
    const { rows } = await client.query<{ tenant: string }>('select merchant_id::text as tenant from pos.outlets where code = $1', [
      stores[0],
    ]);
    const tenant = rows[0]?.tenant as string;
    if (kind === 'floor') return { tenant, apiKey: 'sk_bench_key_of_a_floor', tillKey: null };
    await migrate(url, { isTillDatabase: true });
    return { tenant, apiKey: await makeKey(url, { host: 'pos', tenant }), tillKey: await makeKey(url, { host: 'till', tenant: 'bench' }) };
  } finally {
    await client.end();
  }
}

async function makeKey(url: string, owner: { host: string; tenant: string }): Promise<string> {
  const database = connectDatabase(url, { name: 'bench', max: 1 });
  try {
    const client = { ...owner, name: 'bench', stores: null, scopes: ['payments' as const, 'events' as const, 'webhooks' as const] };
    return (await clients.create(database.knex, client, systemClock.now())).secret;
  } finally {
    await database.close();
  }
}

const insertOrders = `with placed as (
    insert into pos.orders (id, outlet_id, order_no, status, subtotal, tax, grand_total, updated_at)
    select gen_random_uuid(), (array[$2::uuid, $3::uuid])[1 + n % 2], 'N-' || substr(gen_random_uuid()::text, 1, 13), 'open', 60000, 6000, 66000, now()
    from generate_series(1, $1) n returning id),
  lines as (
    insert into pos.order_items (order_id, line_no, sku, name, qty, unit_price, line_total)
    select id, line.no, line.sku, line.name, line.qty, line.price, line.qty * line.price
    from placed, (values (1, 'MKN-001', 'Nasi Goreng Kampung', 1, 38000), (2, 'MNM-001', 'Es Teh Manis', 2, 7000), (3, 'MKN-016', 'Nasi Putih', 1, 8000)) as line (no, sku, name, qty, price))
  select id from placed`;

/** Inserts `count` orders of three dishes, half of them in each store. @returns their ids */
export async function placeOrders(db: pg.Pool, count: number): Promise<string[]> {
  const { rows: outlets } = await db.query<{ id: string }>('select id from pos.outlets where code = any($1) order by code', [stores]);
  const { rows } = await db.query<{ id: string }>(insertOrders, [count, outlets[0]?.id, outlets[1]?.id]);
  return rows.map(({ id }) => id);
}
