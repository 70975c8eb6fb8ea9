import { type Database, isNewConnectionDelayed, isPostgresError, isUnusable, messageOf, type Queryable } from '../postgres/index.ts';
import type { Logger } from '../runtime/index.ts';
import { checkHost } from './check-host.ts';
import { inRolledBackTransaction, onOwnConnection } from './host-connection.ts';
import { HostUnavailable } from './host-error.ts';
import type { HostFolder, InvalidHost } from './host-folder.ts';
import { type HostOrders, hostOrders } from './host-orders.ts';
import { formatProblem, type HostProblem } from './host-problem.ts';

/** Where the rows of a host, and our rows about it, are stored. Known also while the host is unavailable, so webhooks can be stored. */
export interface HostLocation {
  readonly id: string;
  readonly db: Database;
  /** The environment variable or the file that holds the URL of the database. */
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
  /** Not ready when the last check failed or could not reach the database, or a statement has failed since. */
  state(): HostState;
  /** Also returns a valid host whose database was unreachable at the last check: it may be reachable again. @throws HostUnavailable */
  ready(): Host;
  /** Compares folder and database. For a ready host it only reads, as the creation of a payment does. Never throws. */
  check(): Promise<void>;
  /** A request failed as it does when the host has changed: compares folder and database at once. Never throws. */
  suspect(error: Error): Promise<void>;
}

export interface HostEntryOptions {
  /** Undefined: the variable of the URL is not set. */
  url: string | undefined;
  connect: (url: string) => Database;
  /** A read of our own rows, as the creation of a payment needs it. */
  readOwnRows: (connection: Queryable, hostId: string) => Promise<unknown>;
  /** Its host can be used although it does not fit, also one that never did in this process: money that was paid must be recorded. */
  isUsedWhileFailing: boolean;
  log: Logger;
}

const suspectEveryMs = 1_000; // many tills notice the same fault

/** An entry for a folder that was read. The host is unavailable until `check` passes. */
export function hostEntry(folder: HostFolder, { url, connect, readOwnRows, isUsedWhileFailing, log }: HostEntryOptions): HostEntry {
  const { id, database, flavour } = folder;
  if (!url)
    return invalidEntry({
      id,
      errors: [{ file: `${id}/host.yaml`, line: null, column: null, message: `names ${database}, which is not set` }],
    });
  let problems: readonly HostProblem[] = [];
  let isChecked = false;
  let connectionError: string | null = 'not checked yet';
  let failure: Error | null = null; // of a request, although the comparison found nothing
  let suspectedAt = Number.NEGATIVE_INFINITY;
  const location: HostLocation = { id, database, db: connect(url) };
  const orders = hostOrders(folder, { log, onUnusable: (error) => void suspect(error) });
  const readyHost: Host = { ...location, flavour, folder, orders };
  const isValid = () => isChecked && problems.length === 0;
  const isUsable = () => isValid() || isUsedWhileFailing;
  const why = () => {
    if (connectionError !== null) return [connectionError];
    return problems.length > 0 ? problems.map(formatProblem) : failure ? [failure.message] : [];
  };
  const state = (): HostState => ({ id, ready: why().length === 0, why: why() });

  /** @throws when the database cannot be reached */
  async function findProblems({ isFull }: { isFull: boolean }): Promise<readonly HostProblem[]> {
    const found = isFull ? (await checkHost(folder, url as string)).verdicts.flatMap((verdict) => verdict.problems) : [];
    return found.length > 0 ? found : proveReads(folder, url as string, { orders, readOwnRows });
  }

  /**
   * The comparison has a connection of its own, which may take too long on a machine with too much work. Tills are served by the pool: as long
   * as that is answered, the host stays as it was.
   */
  async function compare({ isFull }: { isFull: boolean }): Promise<void> {
    const before = why().join();
    const startedAt = performance.now();
    if (isChecked) location.db.pool.query('select').catch(() => {}); // an answer is wanted when no till asks
    try {
      problems = await findProblems({ isFull });
      if (!isFull && problems.length > 0) problems = await findProblems({ isFull: true }); // with the line of the file
      isChecked = true;
      connectionError = null;
    } catch (error) {
      const isServing = isChecked && isNewConnectionDelayed(error) && location.db.hasAnsweredSince(startedAt);
      connectionError = isServing ? null : `database unavailable: ${reasonOf(error)}`;
    }
    if (why().join() !== before) logState(log, state());
  }

  async function suspect(error: Error): Promise<void> {
    if (performance.now() - suspectedAt < suspectEveryMs) return;
    suspectedAt = performance.now();
    failure = error;
    await compare({ isFull: true });
  }

  return {
    id,
    location,
    get problems() {
      return problems;
    },
    get host() {
      return isUsable() ? readyHost : null;
    },
    state,
    ready: () => {
      if (isUsable()) return readyHost;
      throw new HostUnavailable(id, why().join('; '));
    },
    check: () => {
      const isFull = !isValid() || connectionError !== null || failure !== null;
      failure = null;
      return compare({ isFull });
    },
    suspect,
  };
}

/** Reads our rows and the host's as the creation of a payment does, on a connection of its own. @throws when there is no connection */
function proveReads(
  folder: HostFolder,
  url: string,
  { orders, readOwnRows }: Pick<HostEntryOptions, 'readOwnRows'> & Pick<Host, 'orders'>,
): Promise<HostProblem[]> {
  const problemOf = (file: string, message: string, error: unknown): HostProblem[] => {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    if (!isUnusable(cause) || !isPostgresError(cause)) throw error;
    return [{ file: `${folder.id}/${file}`, line: null, column: null, message, postgres: messageOf(cause) }];
  };
  return onOwnConnection(url, (client) =>
    inRolledBackTransaction(client, async () => {
      try {
        await readOwnRows(client, folder.id);
      } catch (error) {
        return problemOf('host.yaml', 'names a database whose schema gateway cannot be used (npm run migrate makes it)', error);
      }
      try {
        await client.query(orders.sessionStatement(''));
        await orders.proveReads(client);
      } catch (error) {
        return problemOf('order.sql', 'cannot be read', error);
      }
      return [];
    }),
  );
}

/** PostgreSQL's own words, which name the user or the database; of a network error only its code. */
function reasonOf(error: unknown): string {
  if (isPostgresError(error)) return `${error.message} (${error.code})`;
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

function logState(log: Logger, { id, ready, why }: HostState): void {
  if (ready) log.info({ host: id }, 'host ready');
  else log.error({ host: id, reason: why.join('; ') }, 'host unavailable');
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
    suspect: async () => {},
  };
}
