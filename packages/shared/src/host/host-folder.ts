import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isEncrypted, readTextFile, serverUrls } from '../runtime/index.ts';
import { StatementError } from './host-error.ts';
import { type HostProblem, placeOf } from './host-problem.ts';
import { type HostStatement, readStatement } from './host-statement.ts';
import { type HostSettings, readHostYaml } from './host-yaml.ts';
import { requiredStatements, type StatementName, statementNames } from './statements/statement-parameters.ts';

/** A host as its folder describes it, before the comparison with its database. */
export interface HostFolder extends HostSettings {
  /** The path of the folder. */
  path: string;
  /** The URL of the database, where the folder has a file for it; null where the environment has it. A secret. */
  databaseUrl: string | null;
  statements: HostStatements;
}

export type HostStatements = Readonly<
  Record<(typeof requiredStatements)[number], HostStatement> & Partial<Record<StatementName, HostStatement>>
>;

/** A host whose folder could not be read. */
export interface InvalidHost {
  id: string;
  errors: HostProblem[];
}

export interface LoadOptions {
  /** Whether a database must be reached by TLS whose URL is in this file, such as `pos/database.url`. Default: none. */
  needsTls?: ((file: string) => boolean) | undefined;
}

/** Reads every host in `directory`, ordered by id. A host that cannot be read does not affect the others. */
export function loadHosts(directory: string, options: LoadOptions = {}): { hosts: HostFolder[]; invalid: InvalidHost[] } {
  const folders = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
    .map((entry) => readHostFolder(join(directory, entry.name), options))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    hosts: folders.filter((folder) => 'statements' in folder),
    invalid: folders.filter((folder) => 'errors' in folder),
  };
}

/** Reads one host folder. Reports all problems at once, so that the maintainer can correct them in one pass. Never throws. */
export function readHostFolder(path: string, options: LoadOptions = {}): HostFolder | InvalidHost {
  const id = basename(path);
  try {
    return readFolder(path, id, options);
  } catch (error) {
    // Such as a folder that this user may not list: it must not keep the other hosts from being served.
    return { id, errors: [{ file: id, line: null, column: null, message: `cannot be read: ${(error as Error).message}` }] };
  }
}

function readFolder(path: string, id: string, options: LoadOptions): HostFolder | InvalidHost {
  const yaml = readSettings(path, id);
  const statements = readStatements(path, id);
  const url = 'problems' in yaml ? { found: null, problems: yaml.problems } : readDatabaseUrl(path, yaml.settings, options);
  const errors = [...url.problems, ...statements.problems];
  if ('problems' in yaml || errors.length > 0) return { id, errors };
  return { ...yaml.settings, path, databaseUrl: url.found, statements: statements.found as HostStatements };
}

/** The URL of a host's database. Undefined: its variable is not set. @param urls the URLs of the environment, by their variable */
export function databaseUrlOf(
  { database, databaseUrl }: Pick<HostFolder, 'database' | 'databaseUrl'>,
  urls: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return databaseUrl ?? urls[database];
}

/** Reads the file beside host.yaml that holds the URL. The file is a secret, so no message shows what is in it. */
function readDatabaseUrl(
  path: string,
  { id, databaseUrlFile }: HostSettings,
  { needsTls = () => false }: LoadOptions,
): { found: string | null; problems: HostProblem[] } {
  if (databaseUrlFile === null) return { found: null, problems: [] };
  const file = `${id}/${databaseUrlFile}`;
  const refused = (message: string) => ({ found: null, problems: [{ file, line: null, column: null, message }] });
  if (!existsSync(join(path, databaseUrlFile))) return { found: null, problems: [missing(file, 'host.yaml says that it holds the URL')] };
  const text = textOf(join(path, databaseUrlFile), file);
  if (typeof text !== 'string') return { found: null, problems: [text] };
  const url = text.trim();
  if (!/^postgres(ql)?:$/.test(serverUrls(url)[0]?.protocol ?? '')) return refused('must hold one URL that starts with postgres://');
  if (needsTls(file) && !isEncrypted(url))
    return refused(`must hold a URL with sslmode=verify-full in live mode, or be named in ALLOW_PLAINTEXT: ${file}`);
  return { found: url, problems: [] };
}

function readSettings(path: string, id: string): ReturnType<typeof readHostYaml> {
  const file = `${id}/host.yaml`;
  if (!existsSync(join(path, 'host.yaml'))) return { problems: [missing(file, 'it describes the host')] };
  const text = textOf(join(path, 'host.yaml'), file);
  if (typeof text !== 'string') return { problems: [text] };
  const yaml = readHostYaml(file, text);
  if ('problems' in yaml || yaml.settings.id === id) return yaml;
  return {
    problems: [
      { file, line: null, column: null, message: `says id ${yaml.settings.id}, but the folder is called ${id}: they must be the same` },
    ],
  };
}

function readStatements(path: string, id: string) {
  const found: Partial<Record<StatementName, HostStatement>> = {};
  const problems: HostProblem[] = [];
  const files = existsSync(path) ? readdirSync(path) : [];
  for (const name of statementNames) {
    const file = `${name}.sql`;
    if (files.includes(file)) readInto(found, problems, name, `${id}/${file}`, textOf(join(path, file), `${id}/${file}`));
    else if ((requiredStatements as readonly string[]).includes(name)) problems.push(missing(`${id}/${file}`, 'every host needs it'));
  }
  const unknown = files.filter((file) => /\.sql$/i.test(file) && !statementNames.some((name) => file === `${name}.sql`));
  problems.push(...unknown.map((file) => unknownFile(`${id}/${file}`)));
  return { found, problems };
}

function readInto(
  found: Partial<Record<StatementName, HostStatement>>,
  problems: HostProblem[],
  name: StatementName,
  file: string,
  text: string | HostProblem,
): void {
  if (typeof text !== 'string') {
    problems.push(text);
    return;
  }
  try {
    found[name] = readStatement(name, file, text);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    const advice = error.advice === undefined ? {} : { advice: error.advice };
    problems.push({ file, ...placeOf(text, error.offset), message: error.message, ...advice });
  }
}

const missing = (file: string, why: string): HostProblem => ({ file, line: null, column: null, message: `is missing: ${why}` });

/** Without this problem, `refund.sql` in place of `refunded.sql` would show only when the first refund is not written. */
function unknownFile(file: string): HostProblem {
  const known = statementNames.map((name) => `${name}.sql`).join(', ');
  return { file, line: null, column: null, message: 'is not the name of a statement', advice: `The names are ${known}` };
}

/** The text without a byte order mark, which some editors write: PostgreSQL would read it as part of the first word. */
function textOf(path: string, file: string): string | HostProblem {
  try {
    return readTextFile(path).replace(/^\uFEFF/, '');
  } catch (error) {
    return { file, line: null, column: null, message: (error as Error).message };
  }
}
