import type { Knex } from 'knex';
import type { LateMoney } from '../../payment/index.ts';
import * as clients from './clients.ts';

export interface StoreSettings {
  lateMoney: LateMoney;
  /** Which providers, in which order; null: as the installation says. */
  providers: string[] | null;
  /** Provider → account; without an entry its `default` one. */
  accounts: Record<string, string>;
}

/** An operator says: ask this provider no more. `*` is all accounts, all stores. */
export interface Hold {
  provider: string;
  account: string;
  storeId: string;
  heldAt: Date;
}

/** What operators decide, as every process knows it. */
export interface Control {
  clients: ReadonlyMap<string, clients.Client>;
  settings: ReadonlyMap<string, StoreSettings>;
  holds: readonly Hold[];
}

export const defaultSettings: StoreSettings = { lateMoney: 'accept', providers: null, accounts: {} };

export async function loadControl(knex: Knex): Promise<Control> {
  const [clientsByHash, settings, holds] = await Promise.all([
    clients.active(knex),
    knex('gateway.store_settings').select('store_id', 'late_money', 'providers', 'accounts'),
    knex('gateway.holds').select('provider', 'account', 'store_id as storeId', 'held_at as heldAt'),
  ]);
  return {
    clients: clientsByHash,
    holds,
    settings: new Map(settings.map((s) => [s.store_id, { lateMoney: s.late_money, providers: s.providers, accounts: s.accounts }])),
  };
}

export interface ControlCache {
  /** The last good copy; null until one has been read. */
  readonly current: Control | null;
  /** When it was read; milliseconds since the epoch. */
  readonly readAt: number | null;
  /** Why the last look failed; null when it did not. */
  readonly lastError: Error | null;
  refresh(): Promise<void>;
  stop(): void;
}

/**
 * Every process works from memory, read anew every `everyMs`: control data costs no round trip, and a control database that is away
 * stops nobody. A revoked key or a hold is known everywhere within `everyMs` and one query: two seconds, as promised to operators.
 */
export async function createControlCache(
  knex: Knex,
  { everyMs = 1_500, onError = () => {} }: { everyMs?: number; onError?: (error: Error) => void } = {},
): Promise<ControlCache> {
  let current: Control | null = null;
  let readAt: number | null = null;
  let lastError: Error | null = null;
  const refresh = async (): Promise<void> => {
    try {
      current = await loadControl(knex);
      readAt = Date.now();
      lastError = null;
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
