import type { Database } from '../postgres/index.ts';
import type { Logger } from '../runtime/index.ts';
import { checkHost } from './check-host.ts';
import { onOwnConnection } from './host-connection.ts';
import { HostUnavailable } from './host-error.ts';
import type { HostFolder, InvalidHost } from './host-folder.ts';
import { type HostOrders, hostOrders } from './host-orders.ts';
import { formatProblem, type HostProblem } from './host-problem.ts';

/** Where the rows of a host, and our rows about it, are stored. Known also while the host is unavailable, so webhooks can be stored. */
export interface HostLocation {
  readonly id: string;
  readonly db: Database;
  /** The environment variable that holds the URL of the database. */
  readonly database: string;
}

/** A host that is ready: its statements fit its tables. */
export interface Host extends HostLocation {
  readonly flavour: 'pos' | 'erp';
  readonly folder: HostFolder;
  readonly orders: HostOrders;
}

/** The state of a host, for the readiness check and for operators. */
export interface HostState {
  id: string;
  ready: boolean;
  /** Why the host is unavailable: one message per reason. Empty when it is ready. */
  why: string[];
}

/** One host in this process: its folder, its database, and the result of comparing the two. */
export interface HostEntry {
  readonly id: string;
  /** Null while the database of the host is unknown. */
  readonly location: HostLocation | null;
  /** The problems of the folder or the tables. A database that cannot be reached is not among them. */
  readonly problems: readonly HostProblem[];
  /** Null until a check has passed. */
  readonly host: Host | null;
  /** Not ready when the last check failed or could not reach the database. */
  state(): HostState;
  /** Also returns a valid host whose database was unreachable at the last check: it may be reachable again. @throws HostUnavailable */
  ready(): Host;
  /** Compares folder and database. For a ready host it only checks that the database answers. Never throws. */
  check(): Promise<void>;
}

/** An entry for a folder that was read. The host is unavailable until `check` passes. @param url undefined: its variable is not set */
export function hostEntry(
  folder: HostFolder,
  { url, connect, log }: { url: string | undefined; connect: (url: string) => Database; log: Logger },
): HostEntry {
  const { id, database, flavour } = folder;
  if (!url)
    return invalidEntry({
      id,
      errors: [{ file: `${id}/host.yaml`, line: null, column: null, message: `names ${database}, which is not set` }],
    });
  const location: HostLocation = { id, database, db: connect(url) };
  const readyHost: Host = { ...location, flavour, folder, orders: hostOrders(folder, { log }) };
  let problems: HostProblem[] = [];
  let isChecked = false;
  let connectionError: string | null = 'not checked yet';
  const isValid = () => isChecked && problems.length === 0;
  const why = () => (connectionError === null ? problems.map(formatProblem) : [connectionError]);
  return {
    id,
    location,
    get problems() {
      return problems;
    },
    get host() {
      return isValid() ? readyHost : null;
    },
    state: () => ({ id, ready: isValid() && connectionError === null, why: why() }),
    ready: () => {
      if (isValid()) return readyHost;
      throw new HostUnavailable(id, why().join('; '));
    },
    check: async () => {
      try {
        if (isValid() && connectionError === null) await onOwnConnection(url, (client) => client.query('select 1'));
        else problems = (await checkHost(folder, url)).verdicts.flatMap((verdict) => verdict.problems);
        isChecked = true;
        connectionError = null;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        connectionError = `database unavailable: ${code ?? message}`;
      }
    },
  };
}

/** An entry for a folder that could not be read. The host is unavailable until the folders are reloaded. */
export function invalidEntry({ id, errors }: InvalidHost): HostEntry {
  const why = errors.map(formatProblem);
  return {
    id,
    location: null,
    problems: errors,
    host: null,
    state: () => ({ id, ready: false, why }),
    ready: () => {
      throw new HostUnavailable(id, why.join('; '));
    },
    check: async () => {},
  };
}
