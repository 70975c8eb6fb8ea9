import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import * as stores from './stores.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const register = (storeId: string, host: string, tenant: string) =>
  stores.register(db.pool, db.pool, storeId, { host, tenant }, new Date());

describe('a store', () => {
  it('belongs to the tenant that registers it first, however often that one does', async () => {
    await register('JKT-01', 'pos', 'one');
    await register('JKT-01', 'pos', 'one');
    expect(await stores.exists(db.pool, 'JKT-01')).toBe(true);
    expect(await stores.exists(db.pool, 'JKT-02')).toBe(false);
  });

  it.each([
    ['another tenant of the same host', 'pos', 'two'],
    ['a tenant of the same name of another host', 'erp', 'one'],
  ])('is refused to %s', async (_, host, tenant) => {
    await register('SBY-01', 'pos', 'one');
    await expect(register('SBY-01', host, tenant)).rejects.toThrow(stores.StoreConflict);
  });
});
