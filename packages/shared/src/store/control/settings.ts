import type { Knex } from 'knex';
import * as clients from './clients.ts';
import * as providerAccounts from './provider-accounts.ts';
import type { StoreSettings } from './store-settings.ts';

/** An operator's instruction to create no new charges at a provider. `*` stands for all accounts or all stores. */
export interface Hold {
  provider: string;
  account: string;
  storeId: string;
  heldAt: Date;
}

/** The control data that every process keeps in memory. */
export interface Control {
  /** By the hash of their secret in hexadecimal. */
  clients: ReadonlyMap<string, clients.ActiveClient>;
  /** Clients with a public demo key, which only a local stack accepts. Empty on a local stack. */
  refusedClients: readonly clients.Client[];
  /** By store id. A store without an entry has `storeSettings.defaultSettings`. */
  settings: ReadonlyMap<string, StoreSettings>;
  /** By store id: the time zones of the stores that have one of their own. */
  timezones: ReadonlyMap<string, string>;
  holds: readonly Hold[];
  /** Their secrets are sealed. */
  accounts: readonly providerAccounts.AccountRow[];
}

async function loadControl(knex: Knex, acceptsDemoKeys: boolean): Promise<Control> {
  const [active, settings, holds, accounts] = await Promise.all([
    clients.active(knex),
    knex('gateway.store_settings').select('store_id', 'late_money', 'providers', 'accounts', 'timezone'),
    knex('gateway.holds').select('provider', 'account', 'store_id as storeId', 'held_at as heldAt'),
    providerAccounts.list(knex),
  ]);
  const isAccepted = (hash: string): boolean => acceptsDemoKeys || !clients.isDemoHash(hash);
  return {
    clients: new Map([...active].filter(([hash]) => isAccepted(hash))),
    refusedClients: [...active].flatMap(([hash, client]) => (isAccepted(hash) ? [] : [client])),
    holds,
    accounts,
    timezones: new Map(settings.flatMap((s) => (s.timezone ? [[s.store_id, s.timezone]] : []))),
    settings: new Map(settings.map((s) => [s.store_id, { lateMoney: s.late_money, providers: s.providers, accounts: s.accounts }])),
  };
}

const tables = ['clients', 'store_settings', 'holds', 'provider_accounts'];
const hashOf = (table: string): string =>
  `(select count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0) from gateway.${table} t) as ${table}`;
const readHashes = `select ${tables.map(hashOf).join(', ')}`;

/**
 * Changes whenever the control data does. PostgreSQL computes it from all rows, so that a process receives them only when they differ from
 * its copy: with 400 accounts, receiving them took 10 ms of each process every 1.5 s.
 */
async function versionOf(knex: Knex): Promise<string> {
  const { rows } = await knex.raw<{ rows: Record<string, string>[] }>(readHashes);
  return Object.values(rows[0] ?? {}).join(' ');
}

export interface ControlCache {
  /** The last copy that was read; null before the first. The same object as before means that nothing changed. */
  readonly current: Control | null;
  /** Resolves when the first copy has been read. Never rejects. */
  readonly firstCopy: Promise<void>;
  /** When it was last read or found unchanged; milliseconds since the epoch. */
  readonly readAt: number | null;
  /** Why the last refresh failed; null when it succeeded. */
  readonly lastError: Error | null;
  /** Reads the control data now. Never throws. */
  refresh(): Promise<void>;
  stop(): void;
}

/** The ids of the clients whose key is valid; null before the first copy. */
export const activeClientIds = ({ current }: Pick<ControlCache, 'current'>): ReadonlySet<string> | null =>
  current && new Set([...current.clients.values()].map(({ id }) => id));

/** How long a change of the control data is unknown to a process, without the time of the query. */
export const controlRefreshMs = 1_500;

/**
 * Keeps a copy of the control data in memory, and every `everyMs` reads it again if it changed. Requests then need no round trip, and go on with the
 * last copy while the control database is unavailable. With 1.5 s and the time of one query, a new hold is known to every process within
 * the 2 s that operators are promised, and a revoked key within the 5 s that SECURITY.md promises.
 * @param options.acceptsDemoKeys true on a local stack only: every reader of the repository knows the demo keys
 * @param options.onError called with the first error of an outage, not with the following ones
 */
export async function createControlCache(
  knex: Knex,
  {
    acceptsDemoKeys = false,
    everyMs = controlRefreshMs,
    onError = () => {},
  }: { acceptsDemoKeys?: boolean; everyMs?: number; onError?: (error: Error) => void } = {},
): Promise<ControlCache> {
  let current: Control | null = null;
  let currentVersion: string | null = null;
  let readAt: number | null = null;
  let lastError: Error | null = null;
  const { promise: firstCopy, resolve: resolveFirstCopy } = Promise.withResolvers<void>();
  const refresh = async (): Promise<void> => {
    try {
      const version = await versionOf(knex); // before the rows: a change in between is then found by the next refresh
      if (version !== currentVersion) {
        current = await loadControl(knex, acceptsDemoKeys);
        currentVersion = version;
      }
      readAt = Date.now();
      lastError = null;
      resolveFirstCopy();
    } catch (error) {
      if (!lastError) onError(error as Error);
      lastError = error as Error;
    }
  };
  await refresh();
  const timer = setInterval(() => void refresh(), everyMs);
  timer.unref();
  return {
    get current() {
      return current;
    },
    firstCopy,
    get readAt() {
      return readAt;
    },
    get lastError() {
      return lastError;
    },
    refresh,
    stop: () => clearInterval(timer),
  };
}
