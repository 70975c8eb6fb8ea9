import { readFileSync } from 'node:fs';
import path from 'node:path';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { Client } from 'pg';
import { startStackProcess, stopEverything } from './stack-process.ts';

const root = path.resolve(import.meta.dirname, '../../..');
let shop: TestDatabase;
let client: Client;
beforeAll(async () => {
  shop = await freshDatabase(null);
  client = new Client(shop.url);
  await client.connect();
  for (const file of ['pos/reference/schema.sql', 'pos/reference/demo.sql', 'erp/reference/schema.sql'])
    await client.query(`set timezone = 'Asia/Jakarta'; ${readFileSync(path.join(root, 'hosts', file), 'utf8')}`);
});
afterAll(async () => {
  await stopEverything();
  await client.end();
  await shop.drop();
});

/** Every table outside the gateway's schemas, with its rows. */
async function rowsOfShop(): Promise<Record<string, string>> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('gateway', 'till', 'pg_catalog', 'information_schema') order by 1`,
  );
  const contents: Record<string, string> = {};
  for (const { name } of tables)
    contents[name] = (await client.query(`select coalesce(json_agg(t), '[]')::text as rows from ${name} t`)).rows[0].rows;
  return contents;
}

describe('npm start with the database of a shop', () => {
  it('migrates it, says first that it does nothing else, and writes no demo order and no demo key', async () => {
    const before = await rowsOfShop();
    expect(before['pos.orders']).toContain('grand_total'); // the shop has orders, so that a tenant for a key would be found
    const stack = await startStackProcess({ POS_DATABASE_URL: shop.url, ERP_DATABASE_URL: shop.url });
    expect(await rowsOfShop()).toEqual(before);
    expect((await client.query('select name from gateway.clients')).rows).toEqual([]);
    expect((await client.query('select store_id from gateway.store_claims')).rows).toEqual([]);
    const { pathname } = new URL(shop.url);
    expect(stack.printed()).toMatch(
      new RegExp(
        `POS_DATABASE_URL: \\S+${pathname} was not created by npm start\\. It is migrated, and nothing else is written\n[\\s\\S]*databases `,
      ),
    );
    expect(stack.printed()).toContain('demo key   none');
    expect(stack.printed()).not.toContain('sk_test_pos_demo');
  });
});
