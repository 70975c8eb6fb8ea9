import { connectClient } from '@gateway/shared/postgres';
import { type demoKeys, hostsOf, serverUrl } from '@gateway/shared/runtime';
import { migrate } from '@gateway/shared/store';
import type { Client } from 'pg';
import { databasesOfOthers, loadDemo } from './demo-orders.ts';
import { markAsCreatedHere } from './marker.ts';
import type { DataServers } from './servers/data-servers.ts';
import type { EmbeddedPostgres } from './servers/embedded-postgres.ts';
import { StartError } from './start-error.ts';

/**
 * Creates missing databases, migrates all, and loads the demo orders. Runs at each start; existing rows are kept. A database that no local
 * stack has created is a shop's: it is migrated and nothing else, and that is printed first. @returns the hosts whose demo key exists
 */
export async function prepareDatabases(
  { databases, serving, embeddedPostgres }: DataServers,
  print: (message: string) => void,
): Promise<(keyof typeof demoKeys)[]> {
  if (embeddedPostgres) await createMissing(embeddedPostgres, ['pos', 'erp']);
  const variables = new Map([
    [databases.till, 'TILL_DATABASE_URL'],
    [databases.control, 'CONTROL_DATABASE_URL'],
    [databases.erp, 'ERP_DATABASE_URL'],
    [databases.pos, 'POS_DATABASE_URL'], // last: its name wins when several variables have the same URL by default
  ]);
  for (const [url, variable] of variables) await withClient(url, variable, async () => {});
  const others = new Set((await databasesOfOthers(databases)).map((name) => databases[name]));
  for (const url of others)
    print(`${variables.get(url)}: ${describeDatabase(url)} was not created by npm start. It is migrated, and nothing else is written`);
  const servingUrls = new Map((['till', 'control', 'erp', 'pos'] as const).map((name) => [databases[name], serving[name]]));
  for (const [url, serveUrl] of servingUrls) await migrate(url, { serveUrl, isTillDatabase: url === databases.till });
  return loadDemo(databases);
}

const describeDatabase = (url: string): string => {
  return `${hostsOf(url)}${serverUrl(url).pathname}`;
};

async function createMissing({ url }: EmbeddedPostgres, names: readonly string[]): Promise<void> {
  const source = 'the embedded PostgreSQL';
  await withClient(url('postgres'), source, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>('select datname from pg_database');
    const existing = new Set(rows.map(({ datname }) => datname));
    for (const name of names) if (!existing.has(name)) await admin.query(`create database ${name}`);
  });
  for (const name of names) await withClient(url(name), source, markAsCreatedHere); // also those of an earlier version of this stack
}

async function withClient(url: string, source: string, work: (client: Client) => Promise<void>): Promise<void> {
  let client: Client | undefined;
  try {
    client = await connectClient(url, { connectionTimeoutMillis: 5_000, application_name: 'local-stack' });
    await work(client);
  } catch (cause) {
    throw new StartError(`${source}: ${hostsOf(url)} cannot be used: ${describeError(cause as Error & { code?: string })}`, { cause });
  } finally {
    await client?.end().catch(() => {});
  }
}

function describeError({ code, message }: Error & { code?: string }): string {
  if (code === '28P01') return `${message}. The password in secrets.json must be the one that the data folder was created with.`;
  return message || code || 'no answer';
}
