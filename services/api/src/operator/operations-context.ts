import { type AccountEnvironment, type OperationsContext, reasonOf } from '@gateway/operations';
import type { Hosts } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import type { Clock } from '@gateway/shared/runtime';

interface OperationsContextDeps extends AccountEnvironment {
  hosts: Hosts;
  controlDb: Database;
  redisUrl: string;
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
    inEveryDatabase: async (query) => {
      const databases = hosts.databases();
      const results = await Promise.allSettled(databases.map(({ db, database }) => query(db, database)));
      return {
        rows: results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
        errors: results.flatMap((result, index) =>
          result.status === 'rejected' ? [`${databases[index]?.database} unavailable: ${reasonOf(result.reason)}`] : [],
        ),
        notes: [],
      };
    },
    hostIds: () => hosts.states().map(({ id }) => id),
    accounts: () => ({ providers, isLocalStack, publicUrl }),
    redisUrl: () => deps.redisUrl,
    simulatorUrl: () => deps.simulatorUrl,
    confirm: async () => false, // a page has a box to check
  };
}
