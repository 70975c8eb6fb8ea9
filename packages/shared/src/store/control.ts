import type { Knex } from 'knex';
import type { LateMoney } from '../payment/index.ts';
import { activeClients, type Client } from './clients.ts';

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
  clients: ReadonlyMap<string, Client>;
  settings: ReadonlyMap<string, StoreSettings>;
  holds: readonly Hold[];
}

export const defaultSettings: StoreSettings = { lateMoney: 'accept', providers: null, accounts: {} };

export async function readControl(knex: Knex): Promise<Control> {
  const [clients, settings, holds] = await Promise.all([
    activeClients(knex),
    knex('gateway.store_settings').select('store_id', 'late_money', 'providers', 'accounts'),
    knex('gateway.holds').select('provider', 'account', 'store_id as storeId', 'held_at as heldAt'),
  ]);
  return {
    clients,
    holds,
    settings: new Map(settings.map((s) => [s.store_id, { lateMoney: s.late_money, providers: s.providers, accounts: s.accounts }])),
  };
}

export interface ControlCopy {
  /** The last good copy; null until one has been read. */
  readonly current: Control | null;
  /** When it was read; milliseconds since the epoch. */
  readonly readAt: number | null;
  /** Why the last look failed; null when it did not. */
  readonly trouble: Error | null;
  refresh(): Promise<void>;
  stop(): void;
}

/**
 * Every process works from memory, read anew every `everyMs`: control data costs no round trip, and a control database that is away
 * stops nobody. A revoked key or a hold is known everywhere within `everyMs` and one query: two seconds, as promised to operators.
 */
export async function keepControlCopy(
  knex: Knex,
  { everyMs = 1_500, onTrouble = () => {} }: { everyMs?: number; onTrouble?: (error: Error) => void } = {},
): Promise<ControlCopy> {
  let current: Control | null = null;
  let readAt: number | null = null;
  let trouble: Error | null = null;
  const refresh = async (): Promise<void> => {
    try {
      current = await readControl(knex);
      readAt = Date.now();
      trouble = null;
    } catch (error) {
      if (!trouble) onTrouble(error as Error);
      trouble = error as Error;
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
    get trouble() {
      return trouble;
    },
    refresh,
    stop: () => clearInterval(timer),
  };
}
