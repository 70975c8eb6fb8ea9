import { reasonOf } from '@gateway/operations';
import { formatProblem } from '@gateway/shared/host';
import { serverUrl } from '@gateway/shared/runtime';
import { migrate } from '@gateway/shared/store';
import type { Command } from '../cli.ts';
import { databasesByUrl, hostFolders, type OpsContext, readContext } from '../context.ts';

interface Result {
  databases: string[];
  ran?: string[];
  failed?: string;
  /** The user that serves is the one that migrates. */
  hasOneRole?: boolean;
}

export const migrateAll: Command = {
  words: '',
  usage: '',
  description:
    'Brings the schema gateway of every database up to date, and creates the roles gateway_migrate, gateway_serve and gateway_read. Forward only; safe while the services run, and when run twice at once.',
  positionals: 0,
  options: {},
  run: async (_args, env) => {
    const context = readContext(env);
    const { urls } = context;
    const databases = databasesByUrl(urls);
    databases.set(urls.control, [...(databases.get(urls.control) ?? []), 'CONTROL_DATABASE_URL']);
    const json: Result[] = [];
    // One database after the other, so that a faulty migration fails in one database before it runs in all.
    for (const [url, names] of databases) json.push(await migrateOne(url, names, context));
    const done = json.flatMap(({ databases: names, ran }) => (ran ? [`${names.join(', ')}: ${ran.join(', ') || 'nothing to do'}`] : []));
    const errors = json.flatMap(({ databases: names, failed }) => (failed ? [`${names.join(', ')}: ${failed}`] : []));
    const notes = json.flatMap(({ databases: names, hasOneRole }) => (hasOneRole ? [`${names.join(', ')}: ${oneRole}`] : []));
    return { json, text: done.join('\n'), errors, notes: [...notes, ...hostsLeftOut(context)] };
  },
};

const oneRole =
  'the user that serves also migrates, so it may change the audit log. Let the processes connect as gateway_serve, and set …_MIGRATE_URL: docs/deployment.md, Roles';

/** Says which folders are not used: a database whose URL is in a file of such a folder is not migrated. */
const hostsLeftOut = (context: OpsContext): string[] =>
  hostFolders(context).invalid.flatMap(({ id, errors }) => errors.map((problem) => `host ${id} is not used: ${formatProblem(problem)}`));

async function migrateOne(url: string, names: string[], context: OpsContext): Promise<Result> {
  const { migrateUrls } = context;
  const own = names.filter((name) => !sharedByDefault.has(name));
  const databases = own.length > 0 ? own : names.slice(0, 1);
  const migrateUrl = names.flatMap((name) => migrateUrls[variableOf(name)] ?? [])[0] ?? url;
  try {
    const ran = await migrate(migrateUrl, { serveUrl: url, isTillDatabase: isTillDatabase(url, context) });
    return { databases, ran, ...(userOf(migrateUrl) === userOf(url) ? { hasOneRole: true } : {}) };
  } catch (error) {
    return { databases, failed: reasonOf(error) };
  }
}

/** They name a database that another variable names already, unless they are set to one of their own. */
const sharedByDefault: ReadonlySet<string> = new Set(['CONTROL_DATABASE_URL', 'TILL_DATABASE_URL']);

const isTillDatabase = (url: string, context: OpsContext): boolean =>
  context.urls.hosts.TILL_DATABASE_URL === url && hostFolders(context).hosts.some(({ id }) => id === 'till');

/** A host whose URL is in a file, `warung/database.url`, is migrated with `WARUNG_MIGRATE_URL`. */
const variableOf = (name: string): string => name.replace(/^(\w+)\/.*$/, (_, id: string) => `${id.toUpperCase()}_DATABASE_URL`);

const userOf = (url: string): string => serverUrl(url).username;
