import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Logger } from '../runtime/index.ts';
import { connectClient } from './database-client.ts';
import { serverOf } from './database-server.ts';
import { poolDeadlines } from './deadlines.ts';
import { missingSettings, SessionSettingsMissing } from './session-settings.ts';

interface Session {
  /** The settings that a transaction does not get. */
  missing: readonly string[];
  keepsNames: boolean;
}

/**
 * Connects as the pools do, and reads back in a transaction what they rely on. A pooler that silently drops the start-up parameters is
 * noticed here: from then on each transaction begins with the settings. So is one that keeps named statements: from then on they have names.
 * @throws SessionSettingsMissing with each setting that a transaction does not get; the connection error when there is no session at all
 */
export async function checkSession(url: string): Promise<void> {
  const server = serverOf(url);
  let session = await readSession(url);
  if (session.missing.length > 0 && !server.isPooled) {
    server.isPooled = true;
    session = await readSession(url);
    if (session.missing.length > 0) server.isPooled = false;
  }
  if (session.missing.length > 0) throw new SessionSettingsMissing(session.missing);
  server.keepsNames = server.mayKeepNames && session.keepsNames;
}

async function readSession(url: string): Promise<Session> {
  const client = await connectClient(url, { application_name: 'gateway session check', ...poolDeadlines, connectionTimeoutMillis: 5_000 });
  try {
    await client.query('begin');
    return { missing: await missingSettings(client), keepsNames: await keepsNames(client) };
  } finally {
    await client.end().catch(() => {}); // rolls back, and a pooler closes the session in which it was
  }
}

/**
 * Whether a pooler is between that keeps named statements. It gives each of them a name of its own in the server, because two clients may use
 * one name for two texts. Where the server knows our name, no pooler is between, or one that leaves the statement in a session that another
 * client gets.
 */
async function keepsNames(client: pg.Client): Promise<boolean> {
  const name = `gateway session check ${randomUUID()}`;
  const text = 'select not exists (select from pg_prepared_statements where name = $1) as kept';
  const query = pg.Client.prototype.query.bind(client); // `DatabaseClient` would take the name away
  const { rows } = await query<{ kept: boolean }>({ name, text, values: [name] });
  return rows[0]?.kept === true;
}

/** Says in the log, at the start, what a session of this database lacks. Never throws: readiness reports an unavailable database. */
export async function reportSession(url: string, database: string, log: Logger): Promise<void> {
  await checkSession(url).catch((error: unknown) => {
    if (error instanceof SessionSettingsMissing) log.error({ host: database, reason: error.message }, 'database session not usable');
  });
}
