import pg from 'pg';
import globalSetup from '../../packages/testing/src/jest/global-setup.ts';

/**
 * Starts the servers of a test run once for many runs of Jest: starting them takes longer than most test files. A run that inherits the
 * environment variable `TEST_RUN` starts none of its own (global-setup.ts).
 */
export async function startTestServers() {
  await globalSetup({ maxWorkers: 1 });
  return { dropDatabases, stop: () => globalThis.stopTestServers?.() };
}

/** A run that ends at its first failed test leaves its databases behind. */
async function dropDatabases() {
  const { postgres } = JSON.parse(process.env.TEST_RUN);
  const admin = new pg.Client(`postgres://postgres:${postgres.password}@127.0.0.1:${postgres.port}/postgres`);
  await admin.connect();
  const { rows } = await admin.query(`select datname as name from pg_database where datname ~ '^t[0-9]+_'`);
  for (const { name } of rows) await admin.query(`drop database ${name} with (force)`);
  await admin.end();
}
