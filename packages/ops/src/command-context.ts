import { createInterface } from 'node:readline/promises';
import type { AccountEnvironment, OperationsContext, RowsOfDatabases } from '@gateway/operations';
import { rowsOfDatabases, same } from '@gateway/operations';
import { createHosts, databaseUrlOf, type Hosts } from '@gateway/shared/host';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { providerEnvironment } from '@gateway/shared/provider';
import { systemClock as clock, createLogger, environment, readEnvironment, refundApprovalFrom } from '@gateway/shared/runtime';
import { z } from 'zod';
import type { Terminal } from './cli.ts';
import { databasesByUrl, hostFolders, type OpsContext, readContext, withDatabase } from './context.ts';

const schema = z.looseObject({
  ...providerEnvironment,
  LOCAL_STACK: environment.flag(),
  PUBLIC_URL: environment.url('http', 'https').optional(),
});

const approvalSchema = z.looseObject({ REFUND_APPROVAL_FROM: refundApprovalFrom() });

/** What the verbs work on, opened from the environment of a command when a verb asks for it. */
export function commandContext(env: NodeJS.ProcessEnv, terminal: Terminal): OperationsContext {
  return {
    clock,
    withControl: (work) => withDatabase(readContext(env).urls.control, work),
    inEveryDatabase: (query) => inEveryDatabase(readContext(env), query),
    inEveryDatabaseAndControl: (query) => inEveryDatabase(readContext(env), query, { withControl: true }),
    withHosts: (work) => withHosts(readContext(env), work),
    hostIds: () => {
      const { hosts, invalid } = hostFolders(readContext(env));
      return [...hosts, ...invalid].map(({ id }) => id);
    },
    accounts: () => accountEnvironment(readContext(env)),
    redisUrl: () => readContext(env).redisUrl,
    refundApprovalFrom: () => readEnvironment(approvalSchema, readContext(env).variables).REFUND_APPROVAL_FROM,
    simulatorUrl: () => readContext(env).simulatorUrl,
    confirm: (question) => confirmed(terminal, question),
  };
}

/**
 * Queries every database with hosts in it. `notes` say which databases were asked, with their hosts, and which hosts were not: an empty
 * list of one database says nothing about another.
 */
async function inEveryDatabase<T>(
  context: OpsContext,
  query: (db: Database, name: string) => Promise<readonly T[]>,
  { withControl = false } = {},
): Promise<RowsOfDatabases<T>> {
  const databases = [...databasesByUrl(context.urls)].map(([url, names]) => ({ url, name: names.join(', ') }));
  const { control } = context.urls;
  if (withControl && !databases.some(({ url }) => url === control)) databases.push({ url: control, name: 'CONTROL_DATABASE_URL' });
  const asked = databases.map(({ url, name }) => ({ name, query: () => withDatabase(url, (db) => query(db, name)) }));
  return rowsOfDatabases(asked, [same(coverageOf(context))]);
}

/** `asked: POS_DATABASE_URL (pos); not asked: erp (ERP_DATABASE_URL is not set)` */
function coverageOf({ urls, ...context }: OpsContext): string {
  const { hosts, invalid } = hostFolders(context);
  const asked = [...databasesByUrl(urls)].map(([url, names]) => {
    const ids = hosts.filter((folder) => databaseUrlOf(folder, urls.hosts) === url).map(({ id }) => id);
    return `${names.join(', ')}${ids.length > 0 ? ` (${ids.join(', ')})` : ''}`;
  });
  const notAsked = [
    ...hosts
      .filter((folder) => databaseUrlOf(folder, urls.hosts) === undefined)
      .map(({ id, database }) => `${id} (${database} is not set)`),
    ...invalid.map(({ id }) => `${id} (its folder cannot be read: npm run hosts -- check ${id})`),
  ];
  return `asked: ${asked.join('; ')}${notAsked.length > 0 ? `; not asked: ${notAsked.join('; ')}` : ''}`;
}

async function withHosts<T>({ urls, ...context }: OpsContext, work: (hosts: Hosts) => Promise<T>): Promise<T> {
  const connect = (url: string) => connectDatabase(url, { name: 'ops', max: 2 });
  const hosts = await createHosts({ ...hostFolders(context), urls: urls.hosts, connect, log: createLogger('ops', 'silent') });
  try {
    return await work(hosts);
  } finally {
    await hosts.close();
  }
}

/** @throws EnvironmentError */
function accountEnvironment({ variables }: OpsContext): AccountEnvironment {
  const config = readEnvironment(schema, variables);
  return { providers: config, isLocalStack: config.LOCAL_STACK, publicUrl: config.PUBLIC_URL?.replace(/\/{1,9}$/, '') ?? null };
}

async function confirmed(terminal: Terminal, question: string): Promise<boolean> {
  const prompt = createInterface({ input: terminal.in, output: terminal.err });
  try {
    const ended = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
    return (await Promise.race([prompt.question(question), ended])).trim().toLowerCase() === 'yes';
  } finally {
    prompt.close();
  }
}
