import type pg from 'pg';
import {
  checkSession,
  isPostgresError,
  isTransient,
  messageOf,
  type PostgresError,
  SessionSettingsMissing,
  sqlState,
} from '../postgres/index.ts';
import { checkColumns } from './check-columns.ts';
import { inRolledBackTransaction, onOwnConnection } from './host-connection.ts';
import type { HostFolder } from './host-folder.ts';
import type { HostProblem } from './host-problem.ts';
import { sessionOf } from './host-session.ts';
import type { HostStatement } from './host-statement.ts';
import { describeStatement } from './statements/describe-statement.ts';
import { planNodesOf } from './statements/plan-statement.ts';
import { withoutLock } from './statements/without-lock.ts';

/** The result of the start-up check: one verdict per file. */
export interface HostCheck {
  host: string;
  ok: boolean;
  verdicts: FileVerdict[];
}

export interface FileVerdict {
  file: string;
  problems: HostProblem[];
  /** False when the statement was not planned, because planning needs a real tenant: see `checkHost`. */
  planned: boolean;
}

/**
 * Compares a host's statements with its database before the host is ready. Each statement is parsed, described, compared with the
 * columns that it must return, and planned; no statement runs. When `set` in host.yaml uses `:tenant`, row policies may cast the
 * tenant, so the statements are planned only if `tenant` is given.
 * @throws when the database cannot be reached, or the connection breaks
 */
export async function checkHost(folder: HostFolder, url: string, { tenant }: { tenant?: string } = {}): Promise<HostCheck> {
  const missing = await checkSession(url).catch(settingsProblem(folder));
  if (missing) return { host: folder.id, ok: false, verdicts: [missing] };
  return onOwnConnection(url, async (client) => {
    const verdicts = [await checkSettings(folder, client, tenant)];
    const plan = tenant !== undefined || !Object.values(folder.set).includes(':tenant');
    if (verdicts[0]?.problems.length === 0) {
      for (const statement of Object.values(folder.statements))
        verdicts.push(await checkStatement(folder, client, statement, { tenant, plan }));
    }
    return { host: folder.id, ok: verdicts.every(({ problems }) => problems.length === 0), verdicts };
  });
}

const yamlProblem = ({ id }: HostFolder, fields: Pick<HostProblem, 'message' | 'postgres'>): FileVerdict => {
  const file = `${id}/host.yaml`;
  return { file, problems: [{ file, line: null, column: null, ...fields }], planned: true };
};

const settingsProblem =
  (folder: HostFolder) =>
  (error: unknown): FileVerdict => {
    if (error instanceof SessionSettingsMissing) return yamlProblem(folder, { message: error.message });
    throw error;
  };

async function checkSettings(folder: HostFolder, client: pg.Client, tenant: string | undefined): Promise<FileVerdict> {
  try {
    await inSession(folder, client, tenant, async () => {});
    return { file: `${folder.id}/host.yaml`, problems: [], planned: true };
  } catch (error) {
    return yamlProblem(folder, { message: 'the session settings are refused', postgres: messageOf(postgresErrorOrThrow(error)) });
  }
}

async function checkStatement(
  folder: HostFolder,
  client: pg.Client,
  statement: HostStatement,
  { tenant, plan }: { tenant: string | undefined; plan: boolean },
): Promise<FileVerdict> {
  const { file } = statement;
  try {
    const problems = await inSession(folder, client, tenant, async () => {
      const columns = checkColumns(statement, await describeStatement(client, statement.text));
      return plan && columns.length === 0 ? checkPlan(client, statement) : columns;
    });
    return { file, problems, planned: plan };
  } catch (error) {
    return { file, problems: [problemOf(statement, postgresErrorOrThrow(error))], planned: plan };
  }
}

/** The reads must not write. order.sql must lock the order, and its lock must be removable for reads without a lock. */
async function checkPlan(client: pg.Client, statement: HostStatement): Promise<HostProblem[]> {
  const nodes = await planNodesOf(client, statement);
  const problem = (message: string, advice: string): HostProblem => ({ file: statement.file, line: null, column: null, message, advice });
  if (!['order', 'items', 'charges'].includes(statement.name)) return [];
  if (nodes.some(({ type }) => type === 'ModifyTable'))
    return [problem('writes, but it runs several times per payment', 'Only read here; write in created.sql or paid.sql')];
  if (statement.name !== 'order') return [];
  if (!nodes.some(({ type }) => type === 'LockRows'))
    return [problem('does not lock the order', 'End it with `for update of` and the name of the order in `from`')];
  const unlocked = await planNodesOf(client, withoutLock(statement));
  return unlocked.some(({ type }) => type === 'LockRows')
    ? [problem('locks in a way that cannot be removed for a read without a lock', 'Use one plain `for update of …` at its end')]
    : [];
}

async function inSession<T>(folder: HostFolder, client: pg.Client, tenant: string | undefined, work: () => Promise<T>): Promise<T> {
  const session = sessionOf(folder).settings(tenant ?? '');
  return inRolledBackTransaction(client, async () => {
    await client.query(session.text, session.values);
    return work();
  });
}

/** An error that PostgreSQL reports about the statement belongs in the verdict. Any other error says nothing about the host. */
function postgresErrorOrThrow(error: unknown): PostgresError {
  if (isPostgresError(error) && !isTransient(error)) return error;
  throw error;
}

function problemOf(statement: HostStatement, error: PostgresError): HostProblem {
  const place = error.position ? statement.placeAt(Number(error.position)) : { line: null, column: null };
  const advice = adviceOf(statement, error);
  return {
    file: statement.file,
    ...place,
    message: 'does not fit the database',
    postgres: messageOf(error),
    ...(advice ? { advice } : {}),
  };
}

function adviceOf({ file }: HostStatement, { code, hint }: PostgresError): string | undefined {
  const host = file.split('/')[0];
  switch (code) {
    case sqlState.insufficientPrivilege:
      return `npm run hosts -- grants ${host} prints what the role of the gateway needs`;
    case sqlState.undefinedFunction: // also for operators: usually a comparison of uuid with text
      return `Parameters come with their own type: cast a key to its column's, like :order_key::uuid`;
    case sqlState.undefinedTable:
    case sqlState.undefinedColumn:
      return "Compare the name with the host's tables: it may have been renamed";
    default:
      return hint;
  }
}
