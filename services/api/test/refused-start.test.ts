import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { connectDatabase } from '@gateway/shared/postgres';
import { demoKeys } from '@gateway/shared/runtime';
import { clients } from '@gateway/shared/store';
import { compileCache } from '@gateway/testing/checkout';
import { freshDatabase, type TestDatabase, testRedisUrl } from '@gateway/testing/database/servers';

const root = path.resolve(import.meta.dirname, '../../..');
let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

describe('an api process outside a local stack', () => {
  it('does not start on a database that holds a public demo key, and names the key to revoke', async () => {
    const db = connectDatabase(database.url, { name: 'test' });
    const client = { name: 'demo pos', host: 'pos', tenant: 't', stores: null, scopes: [], secret: demoKeys.pos };
    const { id } = await clients.create(db.knex, client, new Date());
    await db.close();
    const { status, stderr } = spawnSync(process.execPath, ['--conditions=source', 'services/api/src/main.ts'], {
      cwd: root,
      env: {
        ...compileCache,
        POS_DATABASE_URL: database.serveUrl,
        REDIS_URL: testRedisUrl(),
        PUBLIC_URL: 'http://127.0.0.1:3999',
        LINK_SIGNING_KEY: 'a signing key of tests, long enough',
        API_PORT: '0',
        METRICS_PORT: '0',
      },
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([
      1,
      `invalid environment:\n  CONTROL_DATABASE_URL: holds the public key of client ${id} (demo pos): npm run keys -- revoke ${id}\n`,
    ]);
  });
});
