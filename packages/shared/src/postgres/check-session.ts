import type { Logger } from '../runtime/index.ts';
import { connectClient } from './database-client.ts';
import { serverOf } from './database-server.ts';
import { poolDeadlines } from './deadlines.ts';
import { missingSettings, SessionSettingsMissing } from './session-settings.ts';

/**
 * Connects as the pools do, and reads back in a transaction what they rely on. A pooler that silently drops the start-up parameters is
 * noticed here: from then on each transaction begins with the settings.
 * @throws SessionSettingsMissing with each setting that a transaction does not get; the connection error when there is no session at all
 */
export async function checkSession(url: string): Promise<void> {
  const server = serverOf(url);
  let missing = await missingInTransaction(url);
  if (missing.length > 0 && !server.isPooled) {
    server.isPooled = true;
    missing = await missingInTransaction(url);
    if (missing.length > 0) server.isPooled = false;
  }
  if (missing.length > 0) throw new SessionSettingsMissing(missing);
}

async function missingInTransaction(url: string): Promise<string[]> {
  const client = await connectClient(url, { application_name: 'gateway session check', ...poolDeadlines, connectionTimeoutMillis: 5_000 });
  try {
    await client.query('begin');
    return await missingSettings(client);
  } finally {
    await client.end().catch(() => {}); // rolls back
  }
}

/** Says in the log, at the start, what a session of this database lacks. Never throws: readiness reports an unavailable database. */
export async function reportSession(url: string, database: string, log: Logger): Promise<void> {
  await checkSession(url).catch((error: unknown) => {
    if (error instanceof SessionSettingsMissing) log.error({ host: database, reason: error.message }, 'database session not usable');
  });
}
