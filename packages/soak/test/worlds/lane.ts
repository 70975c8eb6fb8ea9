import { once } from 'node:events';
import { createApiMetrics } from '@gateway/api/src/http/api-metrics.ts';
import { createStoreRegistry, type StoreRegistry } from '@gateway/api/src/payments/store-registry.ts';
import { createHosts, type Host, type Hosts, loadHosts } from '@gateway/shared/host';
import { connectDatabase, type Database, type Queryable } from '@gateway/shared/postgres';
import type { ProviderAccount } from '@gateway/shared/provider';
import { connectRedis, connectSubscriber, orderChannel } from '@gateway/shared/queue';
import { createLogger, createMetrics, type Logger, systemClock } from '@gateway/shared/runtime';
import { type clients, due } from '@gateway/shared/store';
import { inventedKeys } from '@gateway/simulator';
import { hostsDir } from '@gateway/testing/checkout';
import { freshDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import { clientOf } from '@gateway/testing/pos/both-hosts';
import { createRelayMetrics, publish, type RelayMetrics } from '@gateway/testing/relay/relay-fixture';
import type { Deps } from '@gateway/worker/src/deps.ts';
import { createWorkerMetrics, type WorkerMetrics } from '@gateway/worker/src/metrics.ts';
import type { Redis } from 'ioredis';
import { GatedConnections } from './gated-database.ts';
import { LockRegistry } from './lock-registry.ts';
import { RelayRedis } from './relay-redis.ts';

/** What one world after the other uses: a real database and a real Redis, prepared once. */
export interface Lane {
  startMs: number;
  /** Of the gateway: its statements are gated. */
  db: Database;
  /** Of the POS: gated, too. */
  posDb: Database;
  /** For the checks and between worlds: real. */
  adminDb: Database;
  connections: { abandon(process: object | null): Promise<void>; takenCount(): number };
  hosts: Hosts;
  host: Host;
  client: clients.Client;
  stores: StoreRegistry;
  accounts: readonly ProviderAccount[];
  /** The name of the database in Redis keys. */
  key: string;
  /** Of this lane only, because its channel is one of all lanes. */
  storeId: string;
  redis: RelayRedis;
  /** Changes what the worker works with. */
  alter(deps: Deps): Deps;
  log: Logger;
  metrics: WorkerMetrics;
  relayMetrics: RelayMetrics;
  webhookCounter: ReturnType<typeof createApiMetrics>['webhookCounter'];
  /** Claims the due rows as the sweep does, in one round trip. @returns the rows, and when the next one is due */
  claimDue(now: Date): Promise<{ dueRows: due.Due[]; next: Date | null }>;
  /** When the first row is due; null: none is. */
  nextDeadline(): Promise<Date | null>;
  /** Ends what a world has left open. */
  cleanUp(): Promise<void>;
  close(): Promise<void>;
}

const unlimited = {
  connectionTimeoutMillis: 0,
  idleTimeoutMillis: 0,
  statement_timeout: 0,
  query_timeout: 0,
  lock_timeout: 0,
  idle_in_transaction_session_timeout: 0,
};
const gatedConnections = { gateway: 8, pos: 3 };

export async function openLane(alter: Lane['alter']): Promise<Lane> {
  const database = await freshDatabase();
  const connect = (url: string, max: number) => connectDatabase(url, { name: 'world', max, limits: unlimited });
  const real = connect(database.serveUrl, gatedConnections.gateway + 3);
  const adminDb = connect(database.url, gatedConnections.pos + 4);
  const registry = new LockRegistry(await adminDb.pool.connect());
  const taken = [...(await connections(real, gatedConnections.gateway)), ...(await connections(adminDb, gatedConnections.pos))];
  const claimer = await real.pool.connect();
  const ofGateway = new GatedConnections(taken.slice(0, gatedConnections.gateway), registry);
  const ofPos = new GatedConnections(taken.slice(gatedConnections.gateway), registry);
  const db = ofGateway.gate(real);
  const log = createLogger('test', 'silent');
  const { hosts: folders, invalid } = loadHosts(hostsDir);
  const hosts = await createHosts({
    hosts: folders.filter(({ id }) => id === 'pos'),
    invalid,
    urls: { POS_DATABASE_URL: database.serveUrl },
    connect: () => db,
    isUsedWhileFailing: true,
    recheckEveryMs: 2 ** 31 - 1,
    log,
  });
  const key = `WORLD_${new URL(database.url).pathname.slice(1)}`;
  const storeId = key.replaceAll('_', '-');
  await adminDb.pool.query({ text: `update pos.outlets set code = $1 where code = 'JKT-01'`, values: [storeId] });
  const { redis, close: closeRedis } = await openRedis(key, storeId);
  const client = clientOf('pos');
  const stores = createStoreRegistry(real, systemClock);
  const metrics = createMetrics('test');
  await stores.register({ host: hosts.byId('pos'), storeId, tenant: client.tenant });
  return {
    startMs: Math.ceil(Date.now() / 1_000) * 1_000,
    db,
    posDb: ofPos.gate(adminDb),
    adminDb,
    connections: {
      abandon: async (process) => {
        for (const connections of registry.all) await connections.abandon(process as never);
      },
      takenCount: () => registry.all.reduce((sum, { takenCount }) => sum + takenCount, 0),
    },
    hosts,
    host: hosts.byId('pos'),
    client,
    stores,
    accounts,
    key,
    storeId,
    redis,
    alter,
    log,
    metrics: createWorkerMetrics(metrics),
    relayMetrics: createRelayMetrics(metrics, systemClock)(key),
    webhookCounter: createApiMetrics(metrics).webhookCounter,
    claimDue: async (now) => {
      const [dueRows, next] = await Promise.all([due.claim(claimer, { now, limit: 100 }), nextDeadlineIn(claimer)]);
      return { dueRows, next };
    },
    nextDeadline: () => nextDeadlineIn(claimer),
    cleanUp: async () => {
      for (const connections of registry.all) await connections.abandon(null);
      await adminDb.pool.query(cancelDueWork);
    },
    close: async () => {
      closeRedis();
      for (const client of [...taken, claimer]) client.release();
      registry.close();
      await hosts.close();
      await adminDb.close();
      await database.drop();
    },
  };
}

const connections = (db: Database, count: number) => Promise.all(Array.from({ length: count }, () => db.pool.connect()));

async function openRedis(key: string, storeId: string): Promise<{ redis: RelayRedis; close(): void }> {
  const client = connectRedis(testRedisUrl(), { name: 'world' });
  const subscriber: Redis = connectSubscriber(testRedisUrl(), { name: 'world screen' });
  await subscriber.subscribe(orderChannel(storeId));
  if (client.status !== 'ready') await once(client, 'ready');
  await publish(client, key, []); // Redis then knows the relay's script, in each world alike
  const close = (): void => {
    client.disconnect();
    subscriber.disconnect();
  };
  return { redis: new RelayRedis(client, subscriber, key), close };
}

const { midtransServerKey, xenditSecretKey, xenditCallbackToken } = inventedKeys;
const common = { id: 'default', baseUrl: 'http://provider.test', mode: 'test' as const };
const accounts: readonly ProviderAccount[] = [
  { ...common, provider: 'midtrans', secretKey: midtransServerKey, webhookSecrets: [midtransServerKey], acquirer: 'gopay' },
  { ...common, provider: 'xendit', secretKey: xenditSecretKey, webhookSecrets: [xenditCallbackToken] },
];

const nextDeadline = {
  name: 'world-next-deadline',
  text: `select least(
  (select min(check_at) from gateway.payments where check_at is not null),
  (select min(resolve_at) from gateway.attempts where resolve_at is not null),
  (select min(next_try_at) from gateway.webhook_inbox where next_try_at is not null),
  (select min(next_try_at) from gateway.refunds where next_try_at is not null),
  (select min(next_try_at) from gateway.host_writes where next_try_at is not null)) as at`,
};

const nextDeadlineIn = async (db: Queryable): Promise<Date | null> =>
  (await db.query<{ at: Date | null }>(nextDeadline)).rows[0]?.at ?? null;

const cancelDueWork = `with p as (update gateway.payments set check_at = null where check_at is not null),
    a as (update gateway.attempts set resolve_at = null where resolve_at is not null),
    r as (update gateway.refunds set next_try_at = null where next_try_at is not null),
    w as (update gateway.host_writes set next_try_at = null where next_try_at is not null)
  update gateway.webhook_inbox set next_try_at = null where next_try_at is not null`;
