import type { Logger } from '../runtime/index.ts';
import { brokenEntry, type Host, type HostDatabase, type HostEntry, type HostPlace, type HostState, hostEntry } from './host-entry.ts';
import { HostOut, UnknownHost } from './host-error.ts';
import { type BrokenHost, type HostFolder, loadHosts } from './host-folder.ts';
import type { HostProblem } from './host-problem.ts';

/** The switch: which host, which database, which pool. */
export interface Hosts<Database extends HostDatabase = HostDatabase> {
  /** @throws UnknownHost, HostOut */
  byId(id: string): Host<Database>;
  /** The host of a caller's key. @throws UnknownHost, HostOut */
  of(client: { host: string }): Host<Database>;
  /**
   * Where the host lives that a reference of ours names before its first `-`; null: it is no reference of ours.
   * @throws HostOut when nobody knows where its database is
   */
  forReference(reference: string): HostPlace<Database> | null;
  serving(): Host<Database>[];
  /** Each database once, with the hosts in it, serving or not. */
  databases(): HostedDatabase<Database>[];
  states(): HostState[];
  /** Looks again at the hosts that are out, and whether the databases of the others answer. Happens by itself every few seconds. */
  recheck(): Promise<void>;
  /** Reads the folders again and takes all or none of them: then nothing changes, and the problems are returned. */
  reload(directory: string): Promise<HostProblem[]>;
  /** Lets go of every database. */
  close(): Promise<void>;
}

export interface HostedDatabase<Database extends HostDatabase = HostDatabase> {
  db: Database;
  /** The environment variable that names it. */
  database: string;
  hosts: string[];
}

export interface HostsOptions<Database extends HostDatabase> {
  /** As `loadHosts` read them. */
  hosts: readonly HostFolder[];
  broken: readonly BrokenHost[];
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
export async function createHosts<Database extends HostDatabase>(options: HostsOptions<Database>): Promise<Hosts<Database>> {
  const { urls, log, recheckEveryMs = 5_000 } = options;
  const pools = new Map<string, Database>();
  const connect = (url: string): Database => {
    const pool = pools.get(url) ?? options.connect(url);
    pools.set(url, pool);
    return pool;
  };

  /** All of them, each checked once. */
  async function enter(folders: readonly HostFolder[]): Promise<HostEntry<Database>[]> {
    const entries = folders.map((folder) => hostEntry(folder, { url: urls[folder.database], connect, log }));
    await Promise.all(entries.map((entry) => entry.check()));
    return entries;
  }

  let entries = new Map<string, HostEntry<Database>>();
  const take = (all: readonly HostEntry<Database>[]): void => {
    entries = new Map(all.map((entry) => [entry.id, entry]));
    for (const entry of all) tell(log, entry.state());
  };
  take([...(await enter(options.hosts)), ...options.broken.map((broken) => brokenEntry<Database>(broken))]);

  const byId = (id: string): Host<Database> => {
    const entry = entries.get(id);
    if (!entry) throw new UnknownHost(id);
    return entry.serving();
  };

  let looking: Promise<void> | null = null;
  const recheck = (): Promise<void> => {
    looking ??= recheckAll([...entries.values()], log).finally(() => {
      looking = null;
    });
    return looking;
  };
  const timer = setInterval(recheck, recheckEveryMs);
  timer.unref();

  return {
    byId,
    of: ({ host }) => byId(host),
    forReference: (reference) => placeOf(entries.get(reference.split('-', 1)[0] ?? '')),
    serving: () => [...entries.values()].flatMap(({ host }) => host ?? []),
    databases: () => byDatabase([...entries.values()].flatMap(({ place }) => place ?? [])),
    states: () => [...entries.values()].map((entry) => entry.state()),
    recheck,
    reload: async (directory) => {
      const { hosts, broken } = loadHosts(directory);
      const read = broken.flatMap(({ errors }) => errors);
      if (read.length > 0) return read;
      const all = await enter(hosts);
      const problems = all.flatMap((entry) => entry.problems);
      if (problems.length === 0) take(all);
      return problems;
    },
    close: async () => {
      clearInterval(timer);
      await looking;
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

/** Says what became of a host, when it is something new. */
async function recheckAll(entries: readonly HostEntry<HostDatabase>[], log: Logger): Promise<void> {
  await Promise.all(
    entries.map(async (entry) => {
      const before = entry.state().why.join();
      await entry.check();
      if (entry.state().why.join() !== before) tell(log, entry.state());
    }),
  );
}

function tell(log: Logger, { id, serving, why }: HostState): void {
  if (serving) log.info({ host: id }, 'the host serves');
  else log.error({ host: id, reason: why.join('; ') }, 'the host is out');
}

function placeOf<Database extends HostDatabase>(entry: HostEntry<Database> | undefined): HostPlace<Database> | null {
  if (entry && !entry.place) throw new HostOut(entry.id, entry.state().why.join('; '));
  return entry?.place ?? null;
}

function byDatabase<Database extends HostDatabase>(places: readonly HostPlace<Database>[]): HostedDatabase<Database>[] {
  const found = new Map<Database, HostedDatabase<Database>>();
  for (const { id, db, database } of places) {
    const here = found.get(db) ?? { db, database, hosts: [] };
    here.hosts.push(id);
    found.set(db, here);
  }
  return [...found.values()];
}
