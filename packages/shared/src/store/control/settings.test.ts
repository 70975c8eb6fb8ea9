import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { connectDatabase, type Database } from '../../postgres/index.ts';
import * as clients from './clients.ts';
import * as holds from './holds.ts';
import * as providerAccounts from './provider-accounts.ts';
import { createControlCache } from './settings.ts';
import * as storeSettings from './store-settings.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.serveUrl, { name: 'test' });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const at = new Date();
const acted = { actor: 'cli budi', at };
const account = { provider: 'midtrans', account: 'jkt' };
const client = { name: 'till', host: 'pos', tenant: 't', stores: null, scopes: ['payments' as const] };
const hold = { provider: 'midtrans', account: '*', storeId: '*' };

describe('the control data', () => {
  it('is received again when a key, a store, a hold or an account changed, and only then', async () => {
    const control = await createControlCache(db.knex, { everyMs: 600_000 });
    const changes: Record<string, () => Promise<unknown>> = {
      'a new key': () => clients.create(db.knex, client, at),
      'a store': () => storeSettings.set(db.knex, 'JKT-01', { lateMoney: 'hold' }, acted),
      'the same store': () => storeSettings.set(db.knex, 'JKT-01', { lateMoney: 'refund' }, acted),
      'a hold': () => holds.place(db.knex, hold, acted),
      'a hold that is lifted': () => holds.lift(db.knex, hold, acted),
      'a new account': () =>
        providerAccounts.add(
          db.knex,
          { ...account, mode: 'test', acquirer: null, forUserId: null, sealed: 'v1.1.a.b', fingerprints: {} },
          acted,
        ),
      'an account that is disabled at the same moment': () => providerAccounts.setDisabled(db.knex, account, true, acted),
    };
    for (const [name, change] of Object.entries(changes)) {
      const before = control.current;
      await control.refresh();
      expect([name, control.current === before]).toEqual([name, true]);
      await change();
      await control.refresh();
      expect([name, control.current === before]).toEqual([name, false]);
    }
    control.stop();
  });
});
