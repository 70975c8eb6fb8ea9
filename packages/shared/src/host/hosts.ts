import type { Database } from '../postgres/index.ts';
import type { Logger } from '../runtime/index.ts';
import { type Host, type HostEntry, type HostLocation, type HostState, hostEntry, invalidEntry } from './host-entry.ts';
import { HostUnavailable, UnknownHost } from './host-error.ts';
import { type HostFolder, type InvalidHost, loadHosts } from './host-folder.ts';
import type { HostProblem } from './host-problem.ts';

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
  /** Reads the folders again and installs all of them, or none: when one has a problem, nothing changes. Returns the problems. */
  reload(directory: string): Promise<HostProblem[]>;
  /** Closes every database. */
  close(): Promise<void>;
}

/** A database and the ids of the hosts in it. */
export interface HostedDatabase {
  db: Database;
  /** The environment variable that holds its URL. */
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
}

/**
 * Checks every host against its database. A host that fails, or whose database is down, is unavailable until a later check passes;
 * the others are ready, and no restart is needed.
 */
export async function createHosts(options: HostsOptions): Promise<Hosts> {
  const { urls, log, recheckEveryMs = 5_000 } = options;
  const openDatabases = new Map<string, Database>();
  const connect = (url: string): Database => {
    const db = openDatabases.get(url) ?? options.connect(url);
    openDatabases.set(url, db);
    return db;
  };

  /** Creates the entries and checks each of them once. */
  async function checkAll(folders: readonly HostFolder[]): Promise<HostEntry[]> {
    const entries = folders.map((folder) => hostEntry(folder, { url: urls[folder.database], connect, log }));
    await Promise.all(entries.map((entry) => entry.check()));
    return entries;
  }

  let entries = new Map<string, HostEntry>();
  const install = (checked: readonly HostEntry[]): void => {
    entries = new Map(checked.map((entry) => [entry.id, entry]));
    for (const entry of checked) logState(log, entry.state());
  };
  install([...(await checkAll(options.hosts)), ...options.invalid.map(invalidEntry)]);

  const byId = (id: string): Host => {
    const entry = entries.get(id);
    if (!entry) throw new UnknownHost(id);
    return entry.ready();
  };

  let recheckRunning: Promise<void> | null = null;
  const recheck = (): Promise<void> => {
    recheckRunning ??= recheckAll([...entries.values()], log).finally(() => {
      recheckRunning = null;
    });
    return recheckRunning;
  };
  const timer = setInterval(recheck, recheckEveryMs);
  timer.unref();

  return {
    byId,
    of: ({ host }) => byId(host),
    forReference: (reference) => locationOf(entries.get(reference.split('-', 1)[0] ?? '')),
    ready: () => [...entries.values()].flatMap(({ host }) => host ?? []),
    databases: () => byDatabase([...entries.values()].flatMap(({ location }) => location ?? [])),
    states: () => [...entries.values()].map((entry) => entry.state()),
    recheck,
    reload: async (directory) => {
      const { hosts, invalid } = loadHosts(directory);
      const unreadable = invalid.flatMap(({ errors }) => errors);
      if (unreadable.length > 0) return unreadable;
      const checked = await checkAll(hosts);
      const problems = checked.flatMap((entry) => entry.problems);
      if (problems.length === 0) install(checked);
      return problems;
    },
    close: async () => {
      clearInterval(timer);
      await recheckRunning;
      await Promise.all([...openDatabases.values()].map((db) => db.close()));
    },
  };
}

/** Checks every entry, and logs the state of a host when it has changed. */
async function recheckAll(entries: readonly HostEntry[], log: Logger): Promise<void> {
  await Promise.all(
    entries.map(async (entry) => {
      const before = entry.state().why.join();
      await entry.check();
      if (entry.state().why.join() !== before) logState(log, entry.state());
    }),
  );
}

function logState(log: Logger, { id, ready, why }: HostState): void {
  if (ready) log.info({ host: id }, 'host ready');
  else log.error({ host: id, reason: why.join('; ') }, 'host unavailable');
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
