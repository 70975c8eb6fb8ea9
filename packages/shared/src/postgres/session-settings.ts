import type pg from 'pg';
import { poolDeadlines } from './deadlines.ts';

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

/**
 * A plan is made for any values of the parameters, once for each connection. By default PostgreSQL plans a statement for the values of its
 * first five calls, which takes longer than the statements of a payment themselves. No statement of ours needs another plan for other
 * values: `npm run soak:plans` shows it. A host may set it differently for its own transactions.
 *
 * The plan is often made while a table is small. `random_page_cost` is 4 by default, for disks that turn; with it PostgreSQL reads a table of
 * a few pages from end to end, and goes on doing so while it grows, until the table is analyzed.
 */
const planSettings = { plan_cache_mode: 'force_generic_plan', random_page_cost: '1.1' };

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
 * The URL of a server with our settings as a start-up parameter. Options that the URL has already are kept; where both set the same, ours
 * win.
 */
export function withSessionSettings(url: URL): string {
  const connection = new URL(url);
  const own = connection.searchParams.get('options');
  connection.searchParams.set(
    'options',
    [own, ...Object.entries({ ...planSettings, ...sessionSettings }).map(asOption)].filter(Boolean).join(' '),
  );
  return connection.href;
}

/** The settings that PgBouncer keeps for each of its clients, as start-up parameters. */
export const poolerParameters: Readonly<Record<string, string>> = Object.fromEntries(
  ['DateStyle', 'TimeZone', 'standard_conforming_strings'].map((name) => [name, sessionSettings[name] as string]),
);

/** Sets all settings until the end of a transaction, for a session that was started without them. @param limits in milliseconds */
export function localSettings(limits: Readonly<Record<string, number | false | undefined>>): string {
  const settings = [
    ...Object.entries(sessionSettings).map(([name, value]) => `${name} to ${name === 'search_path' ? value : `'${value}'`}`),
    ...Object.entries(limits).flatMap(([name, ms]) => (ms === undefined || ms === false ? [] : [`${name} to ${ms}`])),
  ];
  return settings.map((setting) => `set local ${setting}`).join('; ');
}

/** A session does not have what it was started with, nor what its transaction began with, so the gateway must not use the database. */
export class SessionSettingsMissing extends Error {
  override readonly name = 'SessionSettingsMissing';

  constructor(missing: readonly string[]) {
    super(`the session lacks settings that the gateway relies on: ${missing.join(', ')}. A connection pooler is probably in between`);
  }
}

/** The settings of the running transaction that are not as the gateway relies on. */
export async function missingSettings(client: Pick<pg.Client, 'query'>): Promise<string[]> {
  const { rows } = await client.query<{ name: string; value: string }>(
    'select name, current_setting(name) as value from unnest($1::text[]) as name',
    [Object.keys(expectedSettings)],
  );
  return rows.filter(({ name, value }) => value !== expectedSettings[name]).map(({ name, value }) => `${name} is ${value || 'not set'}`);
}
