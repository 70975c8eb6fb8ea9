import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { type PostgresPair, startPostgresPair } from '@gateway/testing/database/postgres-pair';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { outageTimeoutMs, sellThroughOutages } from './server-failover/outage.ts';

let postgres: PostgresPair;
let pos: Database;
let stack: TestStack;
beforeAll(async () => {
  postgres = await startPostgresPair();
  pos = connectDatabase(postgres.url, { name: 'pos software' });
  stack = await startTestStack({ environment: { POS_DATABASE_URL: postgres.serveUrl, POS_MIGRATE_URL: postgres.url } });
});
afterAll(async () => {
  await stack?.stop();
  await pos?.close();
  await postgres?.stop();
});

describe('with a primary and a synchronous standby', () => {
  it(
    'the primary is killed: every till gets its QR, nothing that was committed is lost or doubled, no screen misses an event',
    () => sellThroughOutages({ name: 'PostgreSQL', stack, orders: pos.pool, failOver: postgres.failOver }),
    outageTimeoutMs,
  );
});
