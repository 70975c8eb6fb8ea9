import type { Database } from '../postgres/index.ts';
import type { Logger } from '../runtime/index.ts';
import { type Host, type HostEntry, type HostLocation, type HostState, hostEntry, invalidEntry } from './host-entry.ts';
import { HostUnavailable, UnknownHost } from './host-error.ts';
import { type HostFolder, type InvalidHost, loadHosts } from './host-folder.ts';
import type { HostProblem } from './host-problem.ts';

/** The switch: which host, which database, which pool. */
export interface Hosts {
  /** @throws UnknownHost, HostOut */
  byId(id: string): Host;
  /** The host of a caller's key. @throws UnknownHost, HostOut */
  of(client: { host: string }): Host;
  /**
   * Where the host lives that a reference of ours names before its first `-`; null: it is no reference of ours.
   * @throws HostOut when nobody knows where its database is
   */
  forReference(reference: string): HostLocation | null;
  ready(): Host[];
  /** Each database once, with the hosts in it, serving or not. */
  databases(): HostedDatabase[];
  states(): HostState[];
  /** Looks again at the hosts that are out, and whether the databases of the others answer. Happens by itself every few seconds. */
  recheck(): Promise<void>;
  /** Reads the folders again and takes all or none of them: then nothing changes, and the problems are returned. */
  reload(directory: string): Promise<HostProblem[]>;
  /** Lets go of every database. */
  close(): Promise<void>;
}

export interface HostedDatabase {
  db: Database;
  /** The environment variable that names it. */
  database: string;
  hosts: string[];
}

export interface HostsOptions {
  /** As `loadHosts` read them. */
  hosts: readonly HostFolder[];
  invalid: readonly InvalidHost[];
  /** The URL of each database, by the name of its environment variable. */
  urls: Readonly<Record<string, string | undefined>>;
  /** Makes the pool of a database, whether or not the server is there; hosts with the same URL share it. */
  connect: (url: string) => Database;
  log: Logger;
  recheckEveryMs?: number;
}

/**
 * Checks every host against its database and serves those that pass. A host that does not, or whose database is down, is out
 * until it does: the others serve, and nothing needs a restart.
 */
export async function createHosts(options: HostsOptions): Promise<Hosts> {
  const { urls, log, recheckEveryMs = 5_000 } = options;
  const openDatabases = new Map<string, Database>();
  const connect = (url: string): Database => {
    const db = openDatabases.get(url) ?? options.connect(url);
    openDatabases.set(url, db);
    return db;
  };

  /** All of them, each checked once. */
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

/** Says what became of a host, when it is something new. */
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
