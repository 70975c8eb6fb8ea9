import {
  describeBehindPgBouncer,
  keepsStatementsByDefault,
  type PgBouncer,
  pgBouncerVersion,
  startPgBouncer,
} from '@gateway/testing/database/pgbouncer';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import pg from 'pg';
import { outageTimeoutMs, sellThroughOutages } from './server-failover/outage.ts';

describeBehindPgBouncer('behind PgBouncer in transaction mode, with its own defaults', () => {
  let database: TestDatabase;
  let serving: PgBouncer;
  let migrating: PgBouncer;
  let orders: pg.Pool;
  let stack: TestStack;
  beforeAll(async () => {
    database = await freshDatabase();
    serving = await startPgBouncer(database.serveUrl, { pool_mode: 'transaction' });
    migrating = await startPgBouncer(database.url, { pool_mode: 'transaction' });
    orders = new pg.Pool({ connectionString: database.url, max: 5 });
    const urls = { POS_DATABASE_URL: serving.url, POS_MIGRATE_URL: migrating.url };
    stack = await startTestStack({ environment: urls }); // it migrates through PgBouncer, too
  });
  afterAll(async () => {
    await stack?.stop();
    await orders?.end();
    await Promise.all([serving?.stop(), migrating?.stop()]);
    await database?.drop();
  });

  it(
    'every till gets its QR, also when PgBouncer is killed, and nothing is lost or doubled; statements have names where it keeps them',
    async () => {
      await sellThroughOutages({ name: `PgBouncer ${pgBouncerVersion}`, stack, orders, failOver: serving.restart });
      expect((await serving.keptStatements()) > 0).toBe(keepsStatementsByDefault);
    },
    outageTimeoutMs,
  );
});
