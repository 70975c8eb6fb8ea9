import type { Database, Queryable } from '../postgres/index.ts';
import type { Logger } from '../runtime/index.ts';
import { type Host, type HostEntry, type HostLocation, type HostState, hostEntry, invalidEntry } from './host-entry.ts';
import { HostUnavailable, UnknownHost } from './host-error.ts';
import { databaseUrlOf, type HostFolder, type InvalidHost, type LoadOptions, loadHosts } from './host-folder.ts';
import { formatProblem, type HostProblem } from './host-problem.ts';

/** All hosts of this process. */
export interface Hosts {
  /** @throws UnknownHost, HostUnavailable */
  byId(id: string): Host;
  /** The host of a client key. @throws UnknownHost, HostUnavailable */
  of(client: { host: string }): Host;
  /**
   * The location of the host that a reference names before its first `-`. Null: the reference is not ours.
   * @throws HostUnavailable when the database of the host is unknown
   */
  forReference(reference: string): HostLocation | null;
  ready(): Host[];
  /** Each database once, with its hosts, ready or not. */
  databases(): HostedDatabase[];
  states(): HostState[];
  /** Checks unavailable hosts again, and whether the databases of the others answer. Also runs on a timer. */
  recheck(): Promise<void>;
  /** A request for this host failed as it does when the host has changed: the host is compared with its folder at once. */
  suspect(id: string, error: Error): void;
  /**
   * Reads the folders again, migrates each database that is new, and installs each host that fits. A folder with a problem holds back no
   * other: its host stays as it was, or is unavailable when it is new. Returns the problems.
   */
  reload(directory: string): Promise<HostProblem[]>;
  /** Closes every database. */
  close(): Promise<void>;
}

/** A database and the ids of the hosts in it. */
export interface HostedDatabase {
  db: Database;
  /** The environment variable or the file that holds its URL. */
  database: string;
  hosts: string[];
}

export interface HostsOptions {
  /** The result of `loadHosts`. */
  hosts: readonly HostFolder[];
  invalid: readonly InvalidHost[];
  /** The URL of each database, by the name of its environment variable. */
  urls: Readonly<Record<string, string | undefined>>;
  /** Creates the pool of a database; the server may be down. Hosts with the same URL share one pool. */
  connect: (url: string) => Database;
  log: Logger;
  recheckEveryMs?: number;
  /** A read of our own rows, as the creation of a payment does it: readiness then reads a row as a till's request does. */
  readOwnRows?: (connection: Queryable, hostId: string) => Promise<unknown>;
  /** For the worker: a host can be used while it fails, also from the start, so that money is recorded without it. Default: false. */
  isUsedWhileFailing?: boolean;
  /** With what a reload reads the folders. Default: as `loadHosts` does. */
  load?: LoadOptions;
  /** Migrates a database that a reload brings. May run in several processes at once. */
  migrate?: (url: string) => Promise<unknown>;
}

const unreachedEveryMs = 1_000; // a process that was started while a database failed over serves its tills as soon as it is back

/** No check of this host has reached its database in this process. */
const isUnreached = ({ host, location, problems }: HostEntry): boolean => host === null && location !== null && problems.length === 0;

/**
 * Checks every host against its database. A host that fails, or whose database is down, is unavailable until a later check passes;
 * the others are ready, and no restart is needed.
 */
export async function createHosts(options: HostsOptions): Promise<Hosts> {
  const { urls, log, recheckEveryMs = 5_000, isUsedWhileFailing = false, readOwnRows = async () => {}, migrate = async () => {} } = options;
  const openDatabases = new Map<string, Database>();
  const connect = (url: string): Database => {
    const db = openDatabases.get(url) ?? options.connect(url);
    openDatabases.set(url, db);
    return db;
  };

  /** Creates the entries and checks each of them once. */
  async function checkAll(folders: readonly HostFolder[]): Promise<HostEntry[]> {
    const checked = folders.map((folder) =>
      hostEntry(folder, { url: databaseUrlOf(folder, urls), connect, readOwnRows, isUsedWhileFailing, log }),
    );
    await Promise.all(checked.map((entry) => entry.check()));
    return checked;
  }

  /** Two hosts may share a database, so each database is migrated once. A host whose database could not be migrated fails its check. */
  async function migrateNew(folders: readonly HostFolder[]): Promise<void> {
    const found = new Set(folders.map((folder) => databaseUrlOf(folder, urls)));
    const isNew = (url: string | undefined): url is string => url !== undefined && !openDatabases.has(url);
    const onError = (error: Error) => log.error({ err: error }, 'database of a new host not migrated');
    await Promise.all([...found].filter(isNew).map((url) => migrate(url).catch(onError)));
  }

  let entries = new Map<string, HostEntry>();
  const install = (checked: readonly HostEntry[]): void => {
    entries = new Map(checked.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((entry) => [entry.id, entry]));
  };
  install([...(await checkAll(options.hosts)), ...options.invalid.map(invalidEntry)]);
  for (const { id, errors } of options.invalid) log.error({ host: id, reason: errors.map(formatProblem).join('; ') }, 'host unavailable');

  const byId = (id: string): Host => {
    const entry = entries.get(id);
    if (!entry) throw new UnknownHost(id);
    return entry.ready();
  };

  const checking = new Map<HostEntry, Promise<void>>();
  /** One check of a host at a time. A database that does not answer holds up the check of its own hosts only. */
  const checkOnce = (entry: HostEntry): Promise<void> => {
    const running = checking.get(entry) ?? entry.check().finally(() => checking.delete(entry));
    checking.set(entry, running);
    return running;
  };
  const recheck = async (isDue: (entry: HostEntry) => boolean = () => true): Promise<void> => {
    await Promise.all([...entries.values()].filter(isDue).map(checkOnce));
  };
  const timers = [
    setInterval(() => void recheck(), recheckEveryMs),
    setInterval(() => void recheck(isUnreached), Math.min(recheckEveryMs, unreachedEveryMs)),
  ];
  for (const timer of timers) timer.unref();

  return {
    byId,
    of: ({ host }) => byId(host),
    forReference: (reference) => locationOf(entries.get(reference.split('-', 1)[0] ?? '')),
    ready: () => [...entries.values()].flatMap(({ host }) => host ?? []),
    databases: () => byDatabase([...entries.values()].flatMap(({ location }) => location ?? [])),
    states: () => [...entries.values()].map((entry) => entry.state()),
    recheck: () => recheck(),
    suspect: (id, error) => void entries.get(id)?.suspect(error),
    reload: async (directory) => {
      const { hosts, invalid } = loadHosts(directory, options.load);
      await migrateNew(hosts);
      const found = [...(await checkAll(hosts)), ...invalid.map(invalidEntry)];
      install(found.map((entry) => (entry.problems.length > 0 ? (entries.get(entry.id) ?? entry) : entry)));
      return found.flatMap((entry) => entry.problems);
    },
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(checking.values());
      await Promise.all([...openDatabases.values()].map((db) => db.close()));
    },
  };
}

function locationOf(entry: HostEntry | undefined): HostLocation | null {
  if (entry && !entry.location) throw new HostUnavailable(entry.id, entry.state().why.join('; '));
  return entry?.location ?? null;
}

function byDatabase(locations: readonly HostLocation[]): HostedDatabase[] {
  const found = new Map<Database, HostedDatabase>();
  for (const { id, db, database } of locations) {
    const hosted = found.get(db) ?? { db, database, hosts: [] };
    hosted.hosts.push(id);
    found.set(db, hosted);
  }
  return [...found.values()];
}
