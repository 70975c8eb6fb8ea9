import type { AddressInfo } from 'node:net';
import { createApp } from '@gateway/api/src/app.ts';
import { LiveFeeds, type LiveFeedsOptions } from '@gateway/api/src/events/live-feeds.ts';
import { createStreamTokens } from '@gateway/api/src/events/stream-token.ts';
import { createApiMetrics } from '@gateway/api/src/http/api-metrics.ts';
import { type HttpServer, listen } from '@gateway/api/src/http/listen.ts';
import { createQrLinks } from '@gateway/api/src/payments/qr-link.ts';
import { listenForReplies } from '@gateway/api/src/payments/reply-channel.ts';
import { createRequestAndWait } from '@gateway/api/src/payments/request-and-wait.ts';
import { createStoreRegistry } from '@gateway/api/src/payments/store-registry.ts';
import { createHosts, loadHosts } from '@gateway/shared/host';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import type { ProviderAccount } from '@gateway/shared/provider';
import { connectRedis, connectSubscriber, openQueues } from '@gateway/shared/queue';
import { createHealth, createLogger, type ManualClock, manualClock, newUlid } from '@gateway/shared/runtime';
import { clients, settings } from '@gateway/shared/store';
import { Registry } from '@prometheus-io/client';
import { hostsDir } from '../checkout.ts';
import { freshDatabase, testRedisUrl } from '../database/servers.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';

/** The api without its process: the real app over HTTP, on a real database and Redis, under a clock that the test moves. */
export interface ApiHarness {
  url: string;
  port: number;
  clock: ManualClock;
  db: Database;
  redis: ReturnType<typeof connectRedis>;
  /** The first merchant of the pos host, and a stranger. */
  tenant: string;
  otherTenant: string;
  /** Of the first merchant: all stores, all scopes. */
  key: string;
  /** How often each named statement was sent. */
  statements: ReadonlyMap<string, number>;
  keyFor(client: Partial<clients.NewClient>): Promise<{ id: string; secret: string }>;
  /** Known at once, as within 2 s in a process. */
  revoke(clientId: string): Promise<void>;
  change(clientId: string, to: Partial<Pick<clients.NewClient, 'stores' | 'scopes'>>): Promise<void>;
  /** What the process that serves now says of itself. */
  metric(name: string): Promise<number>;
  /** Between the api and its database. */
  databaseProxy: TcpProxy;
  /** What happens to a process at a deploy: everything ends as it should, and is there again at the same address. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface ApiHarnessOptions {
  corsOrigins?: string[];
  clientRequestsPerSecond?: number;
  redisUrl?: string;
  /** Whose webhooks are taken. */
  accounts?: readonly ProviderAccount[];
  /** Of the streams: shorter than in a shop, so that nobody waits. */
  streams?: Pick<LiveFeedsOptions, 'pollIntervalMs' | 'readFailureLimitMs' | 'pace' | 'maxStreams'>;
}

const log = createLogger('test', 'silent');
const signingKey = 'a signing key of tests, long enough';

export async function startApiHarness({
  corsOrigins = [],
  clientRequestsPerSecond = 1_000,
  redisUrl = testRedisUrl(),
  accounts = [],
  streams = {},
}: ApiHarnessOptions = {}): Promise<ApiHarness> {
  const database = await freshDatabase();
  const databaseUrl = new URL(database.url);
  const databaseProxy = await startTcpProxy(Number(databaseUrl.port));
  databaseUrl.port = String(databaseProxy.port);
  const clock = manualClock();
  const statements = new Map<string, number>();
  const { hosts: folders, invalid } = loadHosts(hostsDir);
  const hosts = await createHosts({
    hosts: folders.filter(({ id }) => id === 'pos'),
    invalid,
    urls: { POS_DATABASE_URL: databaseUrl.href },
    connect: (url) => countingStatements(connectDatabase(url, { name: 'test' }), statements),
    log,
  });
  const { db } = hosts.byId('pos');
  const control = await settings.createControlCache(db.knex, { everyMs: 600_000 });
  const redis = connectRedis(redisUrl, { name: 'test' });
  const queues = openQueues(redisUrl);
  const replies = await listenForReplies(connectSubscriber(redisUrl, { name: 'test replies' }), newUlid(), log);
  const merchants = await db.pool.query<{ id: string }>('select distinct merchant_id::text as id from pos.outlets order by 1');
  const [tenant = '', otherTenant = ''] = merchants.rows.map(({ id }) => id);

  const keyFor = async (client: Partial<clients.NewClient>) => {
    const defaults = {
      name: 'test',
      host: 'pos',
      tenant,
      stores: null,
      scopes: ['payments' as const, 'refunds' as const, 'events' as const],
    };
    const created = await clients.create(db.knex, { ...defaults, ...client }, clock.now());
    await control.refresh();
    return created;
  };

  const registry = new Registry();
  async function serve(port: number): Promise<HttpServer> {
    registry.clear();
    const { streams: metrics, ...apiMetrics } = createApiMetrics(registry);
    const subscriber = connectSubscriber(redisUrl, { name: 'test screens' });
    const feeds = new LiveFeeds({ subscriber, control, metrics, log, pollIntervalMs: 50, ...streams });
    const app = createApp({
      hosts,
      control,
      controlDb: db,
      stores: createStoreRegistry(db, clock),
      accounts,
      enqueue: queues.enqueue,
      replies,
      requestAndWait: createRequestAndWait({ enqueue: queues.enqueue, replies, clock }),
      links: createQrLinks('http://gateway.test', signingKey),
      feeds,
      streamTokens: createStreamTokens(signingKey, clock),
      corsOrigins,
      clientRequestsPerSecond,
      operator: null,
      trustProxy: 0,
      health: createHealth({}),
      clock,
      log,
      publicUrl: 'http://gateway.test',
      ...apiMetrics,
    });
    const server = await listen(app, { port, address: '127.0.0.1', shared: false });
    return {
      ...server,
      stop: () => {
        feeds.close();
        return server.stop();
      },
    };
  }

  let server = await serve(0);
  const { port } = server.address() as AddressInfo;
  const { secret: key } = await keyFor({});
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    clock,
    db,
    redis,
    tenant,
    otherTenant,
    key,
    statements,
    databaseProxy,
    metric: async (name) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value ?? 0,
    keyFor,
    revoke: async (id) => {
      await clients.revoke(db.knex, id, clock.now());
      await control.refresh();
    },
    change: async (id, to) => {
      await db.knex('gateway.clients').where({ id }).update(to);
      await control.refresh();
    },
    restart: async () => {
      await server.stop();
      server = await serve(port);
    },
    close: async () => {
      await server.stop();
      control.stop();
      replies.close();
      await queues.close();
      redis.disconnect();
      await hosts.close();
      await databaseProxy.disconnect();
      await database.drop();
    },
  };
}

function countingStatements(db: Database, statements: Map<string, number>): Database {
  const { pool } = db;
  const query = pool.query.bind(pool) as (config: { name?: string }, values?: unknown[]) => unknown;
  pool.query = ((config: { name?: string }, values?: unknown[]) => {
    if (config.name) statements.set(config.name, (statements.get(config.name) ?? 0) + 1);
    return query(config, values);
  }) as typeof pool.query;
  return db;
}
