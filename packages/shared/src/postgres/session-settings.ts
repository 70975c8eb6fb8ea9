import pg from 'pg';
import type { Logger } from '../runtime/index.ts';
import { poolDeadlines } from './deadlines.ts';
import { isPostgresError } from './errors.ts';

/**
 * The settings that every session of ours relies on, whatever `alter database … set` and `alter role … set` say. A German `DateStyle`
 * makes each timestamp unreadable, and a host's `search_path` decides which table an unqualified name means.
 */
const sessionSettings: Readonly<Record<string, string>> = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
  bytea_output: 'hex',
  search_path: '"$user", public',
};

/** The same, with those that pg sends automatically. Behind a connection pooler, each of them may be missing. */
const expectedSettings: Readonly<Record<string, string>> = {
  ...sessionSettings,
  client_encoding: 'UTF8',
  statement_timeout: `${poolDeadlines.statement_timeout / 1_000}s`,
  lock_timeout: `${poolDeadlines.lock_timeout / 1_000}s`,
  idle_in_transaction_session_timeout: `${poolDeadlines.idle_in_transaction_session_timeout / 1_000}s`,
};

const lowerCaseNames = new Set(Object.keys(expectedSettings).map((name) => name.toLowerCase()));

/** Whether the gateway relies on this setting, so that nothing else may set it. Names of settings have no case. */
export const isSessionSetting = (name: string): boolean => lowerCaseNames.has(name.toLowerCase());

const asOption = ([name, value]: [string, string]): string => `-c ${name}=${value.replaceAll(/[\\ ]/g, (c) => `\\${c}`)}`;

/**
 * The URL of a database with our settings as a start-up parameter: no further round trip, and `reset all` cannot remove them. Options
 * that the URL has already are kept; where both set the same, ours win.
 */
export function withSessionSettings(url: string): string {
  const connection = new URL(url);
  const own = connection.searchParams.get('options');
  connection.searchParams.set('options', [own, ...Object.entries(sessionSettings).map(asOption)].filter(Boolean).join(' '));
  return connection.href;
}

/** Sets the same in a session that was started without them. Migrations do so, because they also run through a connection pooler. */
export const setSessionSettings = `select ${Object.entries(sessionSettings)
  .map(([name, value]) => `set_config('${name}', '${value}', false)`)
  .join(', ')}`;

/** A connection pooler refuses or drops what a session of ours is started with, so the gateway must not use the database. */
export class SessionSettingsMissing extends Error {
  override readonly name = 'SessionSettingsMissing';

  constructor(missing: readonly string[]) {
    super(
      `the session lacks settings that the gateway relies on: ${missing.join(', ')}. A connection pooler such as PgBouncer is probably in between: connect to PostgreSQL itself`,
    );
  }
}

/**
 * Connects as the pools do, and reads back what they rely on.
 * @throws SessionSettingsMissing with each setting that a session does not get; the connection error when there is no session at all
 */
export async function checkSession(url: string): Promise<void> {
  const missing = (await missingSettings(withSessionSettings(url), poolDeadlines)) ??
    (await missingSettings(url, {})) ?? ['every start-up parameter'];
  if (missing.length > 0) throw new SessionSettingsMissing(missing);
}

/** Says in the log, at the start, what a session of this database lacks. Never throws: readiness reports an unavailable database. */
export async function reportSession(url: string, database: string, log: Logger): Promise<void> {
  await checkSession(url).catch((error: unknown) => {
    if (error instanceof SessionSettingsMissing) log.error({ host: database, reason: error.message }, 'database session not usable');
  });
}

/** The expected settings that differ. Null: a pooler refuses a start-up parameter. */
async function missingSettings(connectionString: string, limits: Partial<typeof poolDeadlines>): Promise<string[] | null> {
  const client = new pg.Client({ connectionString, application_name: 'gateway session check', connectionTimeoutMillis: 5_000, ...limits });
  client.on('error', () => {}); // the running query rejects with the same error
  try {
    await client.connect();
    const names = Object.keys(expectedSettings);
    const { rows } = await client.query<{ name: string; value: string }>(
      'select name, current_setting(name) as value from unnest($1::text[]) as name',
      [names],
    );
    return rows.filter(({ name, value }) => value !== expectedSettings[name]).map(({ name, value }) => `${name} is ${value || 'not set'}`);
  } catch (error) {
    if (isStartUpParameterRefused(error)) return null;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** PgBouncer names one parameter at a time: `unsupported startup parameter: statement_timeout`. */
const isStartUpParameterRefused = (error: unknown): boolean => isPostgresError(error) && /startup parameter/.test(error.message);
