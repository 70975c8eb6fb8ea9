import { connectDatabase, type Database, reportSession } from '@gateway/shared/postgres';
import type { Clock, Logger } from '@gateway/shared/runtime';
import type { Redis } from 'ioredis';
import type { NamedDatabase } from './config.ts';
import { createMaintenance, startMaintenance } from './maintenance.ts';
import { createRelay } from './relay.ts';
import { startRelayLoop } from './relay-loop.ts';
import type { RelayMetrics } from './relay-metrics.ts';
import { createWakeUp, type WakeUps } from './wake-up.ts';
import { type DispatcherDeps, startDispatcher } from './webhooks/dispatcher.ts';
import type { DispatcherMetrics } from './webhooks/dispatcher-metrics.ts';

/** The databases of this process: each with a relay of its events, a dispatcher of its webhooks, and its maintenance. */
export interface ServedDatabases {
  list(): readonly Served[];
  /** Serves these databases: starts with the ones that are new, and ends with the ones that are not named any more. */
  serve(databases: readonly NamedDatabase[]): Promise<void>;
  close(): Promise<void>;
}

export interface ServedDatabasesDeps {
  redis: Redis;
  wakeUps: WakeUps;
  metricsOf: (key: string) => RelayMetrics;
  webhooks: WebhookDeps;
  clock: Clock;
  log: Logger;
  onDatabaseError: (error: Error) => void;
  /** The largest number of connections to each database. */
  connections: number;
  /** How long paid and void orders of tills are kept. */
  tillOrdersDays: number;
}

/** What the dispatchers of all databases share. */
export type WebhookDeps = Pick<DispatcherDeps, 'activeClients' | 'sender' | 'signer'> & { metricsOf: (key: string) => DispatcherMetrics };

interface Served {
  url: string;
  /** The first of its names, for metrics and in Redis. */
  key: string;
  db: Database;
  close(): Promise<void>;
}

export function createServedDatabases(deps: ServedDatabasesDeps): ServedDatabases {
  const servedByUrl = new Map<string, Served>();
  return {
    list: () => [...servedByUrl.values()],
    serve: async (databases) => {
      const urls = new Set(databases.map(({ url }) => url));
      for (const database of databases) if (!servedByUrl.has(database.url)) servedByUrl.set(database.url, startServing(deps, database));
      const ended = [...servedByUrl].filter(([url]) => !urls.has(url));
      for (const [url] of ended) servedByUrl.delete(url);
      await Promise.all(ended.map(([, served]) => served.close()));
    },
    close: async () => {
      await Promise.all([...servedByUrl.values()].map((served) => served.close()));
    },
  };
}

function startServing(deps: ServedDatabasesDeps, { url, names }: NamedDatabase): Served {
  const { redis, wakeUps, metricsOf, webhooks, clock, log, onDatabaseError, connections } = deps;
  const key = names[0] ?? 'CONTROL_DATABASE_URL';
  const db = connectDatabase(url, { name: 'notifier', max: connections, onError: onDatabaseError });
  void reportSession(url, key, log);
  const database = { key, db };
  const tillOrdersDays = names.includes('TILL_DATABASE_URL') ? deps.tillOrdersDays : null;
  const maintenance = startMaintenance(createMaintenance({ database, clock, log, tillOrdersDays }), { database, clock, log });
  const wakeUp = createWakeUp();
  for (const name of names) wakeUps.add(name, wakeUp);
  const events = names.length > 0 ? startEvents() : null; // a database with control data only has no events

  function startEvents(): { close(): Promise<unknown> } {
    // Connections of its own: many deliveries that end at once must not stand before the relay's statements.
    const webhookDb = connectDatabase(url, { name: 'notifier webhooks', max: 3, onError: onDatabaseError });
    const dispatcher = startDispatcher({ ...webhooks, database: { key, db: webhookDb }, clock, log, metrics: webhooks.metricsOf(key) });
    const onNumbered = dispatcher.numbered;
    const relay = createRelay({ database, redis, clock, log, metrics: metricsOf(key), onNumbered });
    const loop = startRelayLoop(relay, { database: key, wakeUp, log });
    return {
      close: async () => {
        await Promise.all([loop.close(), dispatcher.close()]);
        await webhookDb.close();
      },
    };
  }
  return {
    url,
    key,
    db,
    close: async () => {
      await Promise.all([events?.close(), maintenance.close()]);
      await db.close();
    },
  };
}
