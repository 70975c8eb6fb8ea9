import { type AccountEnvironment, type OperationsContext, type RowsOfDatabases, rowsOfDatabases } from '@gateway/operations';
import type { Hosts } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import type { Clock } from '@gateway/shared/runtime';

interface OperationsContextDeps extends AccountEnvironment {
  hosts: Hosts;
  controlDb: Database;
  /** The control database has no hosts in it. */
  isControlSeparate: boolean;
  redisUrl: string;
  refundApprovalFrom: number | null;
  /** The simulator of the local stack; null with real providers. */
  simulatorUrl: string | null;
  clock: Clock;
}

/** What the verbs of operators work on in an api process: what the process has open already. */
export function createOperationsContext(deps: OperationsContextDeps): OperationsContext {
  const { hosts, controlDb, clock, providers, isLocalStack, publicUrl } = deps;
  return {
    clock,
    withControl: (work) => work(controlDb),
    withHosts: (work) => work(hosts),
    inEveryDatabase: (query) => inEach(hosts.databases(), query),
    inEveryDatabaseAndControl: (query) => {
      const control = deps.isControlSeparate ? [{ db: controlDb, database: 'CONTROL_DATABASE_URL' }] : [];
      return inEach([...control, ...hosts.databases()], query);
    },
    hostIds: () => hosts.states().map(({ id }) => id),
    accounts: () => ({ providers, isLocalStack, publicUrl }),
    redisUrl: () => deps.redisUrl,
    refundApprovalFrom: () => deps.refundApprovalFrom,
    simulatorUrl: () => deps.simulatorUrl,
    confirm: async () => false, // a page has a box to check
  };
}

const inEach = <T>(
  databases: readonly { db: Database; database: string }[],
  query: (db: Database, name: string) => Promise<readonly T[]>,
): Promise<RowsOfDatabases<T>> =>
  rowsOfDatabases(
    databases.map(({ db, database }) => ({ name: database, query: () => query(db, database) })),
    [],
  );
