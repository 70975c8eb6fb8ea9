import type { Database } from '../postgres/index.ts';
import type { Logger } from '../runtime/index.ts';
import { checkHost } from './check-host.ts';
import { onOwnConnection } from './host-connection.ts';
import { HostUnavailable } from './host-error.ts';
import type { HostFolder, InvalidHost } from './host-folder.ts';
import { type HostOrders, hostOrders } from './host-orders.ts';
import { formatProblem, type HostProblem } from './host-problem.ts';

/** Where a host's rows, and ours about it, are. Also of a host that is out: what we are told about it can be kept. */
export interface HostLocation {
  readonly id: string;
  readonly db: Database;
  /** The environment variable that names the database. */
  readonly database: string;
}

/** A host that serves: its statements fit its tables. */
export interface Host extends HostLocation {
  readonly flavour: 'pos' | 'erp';
  readonly folder: HostFolder;
  readonly orders: HostOrders;
}

/** For readiness, and for people. */
export interface HostState {
  id: string;
  ready: boolean;
  /** Why it is out, in sentences; empty when it serves. */
  why: string[];
}

/** One host in this process: its folder, its database, and whether the two fit. */
export interface HostEntry {
  readonly id: string;
  /** Null while nobody knows where its database is. */
  readonly location: HostLocation | null;
  /** What is wrong with the host itself; a database that cannot be reached is not. */
  readonly problems: readonly HostProblem[];
  readonly host: Host | null;
  /** Also not serving when it was not reached at the last look, though who asks may be luckier. */
  state(): HostState;
  /** @throws HostOut */
  ready(): Host;
  /** Compares folder and database once more; of one that serves, only whether its database answers. Never throws. */
  check(): Promise<void>;
}

/** A host whose folder was read; out until it is checked. @param url null when its environment variable is not set */
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
  let connectionError: string | null = 'it was not checked yet';
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
        connectionError = `its database cannot be asked: ${code ?? message}`;
      }
    },
  };
}

/** A host whose folder cannot be read: out until the folders are read again. */
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
