import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Registry } from 'prom-client';
import { createHosts, loadHosts } from '../../../packages/shared/src/host/index.ts';
import type { ProviderAccount } from '../../../packages/shared/src/provider/index.ts';
import { connectRedis, connectSubscriber, openQueues } from '../../../packages/shared/src/queue/index.ts';
import { createHealth, createLogger, type ManualClock, manualClock, newUlid } from '../../../packages/shared/src/runtime/index.ts';
import {
  connectDatabase,
  createClient,
  type Database,
  keepControlCopy,
  type NewClient,
  revokeClient,
} from '../../../packages/shared/src/store/index.ts';
import { type Cable, layCable } from '../../../testing/cable.ts';
import { freshDatabase, testRedisUrl } from '../../../testing/servers.ts';
import { createApp } from '../src/app.ts';
import { createLiveFeeds, type LiveFeedsOptions } from '../src/events/live-feeds.ts';
import { createStreamTokens } from '../src/events/stream-token.ts';
import { createApiMetrics } from '../src/http/api-metrics.ts';
import { type HttpServer, listen } from '../src/http/listen.ts';
import { createAskNow } from '../src/payments/ask-now.ts';
import { listenForReplies } from '../src/payments/await-charge.ts';
import { createClaimedStores } from '../src/payments/claimed-stores.ts';
import { createQrLinks } from '../src/payments/qr-link.ts';

/** The api without its process: the real app over HTTP, on a real database and Redis, under a clock that the test moves. */
export interface FrontDesk {
  url: string;
  port: number;
  clock: ManualClock;
  db: Database;
  redis: ReturnType<typeof connectRedis>;
  /** The first merchant of the pos host, and a stranger. */
  tenant: string;
  stranger: string;
  /** Of the first merchant: all stores, all scopes. */
  key: string;
  /** How often each named statement was sent. */
  statements: ReadonlyMap<string, number>;
  keyFor(client: Partial<NewClient>): Promise<{ id: string; secret: string }>;
  /** Known at once, as within 2 s in a process. */
  revoke(clientId: string): Promise<void>;
  change(clientId: string, to: Partial<Pick<NewClient, 'stores' | 'scopes'>>): Promise<void>;
  /** What the process that serves now says of itself. */
  metric(name: string): Promise<number>;
  /** Between the api and its database. */
  databaseCable: Cable;
  /** What happens to a process at a deploy: everything ends as it should, and is there again at the same address. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface FrontDeskOptions {
  corsOrigins?: string[];
  clientRequestsPerSecond?: number;
  redisUrl?: string;
  /** Whose webhooks are taken. */
  accounts?: readonly ProviderAccount[];
  /** Of the streams: shorter than in a shop, so that nobody waits. */
  streams?: Pick<LiveFeedsOptions, 'lookMs' | 'blindMs' | 'pace' | 'mostStreams'>;
}

const log = createLogger('test', 'silent');
const signingKey = 'a signing key of tests, long enough';

export async function openFrontDesk({
  corsOrigins = [],
  clientRequestsPerSecond = 1_000,
  redisUrl = testRedisUrl(),
  accounts = [],
  streams = {},
}: FrontDeskOptions = {}): Promise<FrontDesk> {
  const database = await freshDatabase();
  const databaseUrl = new URL(database.url);
  const databaseCable = await layCable(Number(databaseUrl.port));
  databaseUrl.port = String(databaseCable.port);
  const clock = manualClock();
  const statements = new Map<string, number>();
  const { hosts: folders, broken } = loadHosts(path.resolve(import.meta.dirname, '../../../hosts'));
  const hosts = await createHosts({
    hosts: folders.filter(({ id }) => id === 'pos'),
    broken,
    urls: { POS_DATABASE_URL: databaseUrl.href },
    connect: (url) => counting(connectDatabase(url, { name: 'test' }), statements),
    log,
  });
  const { db } = hosts.byId('pos');
  const control = await keepControlCopy(db.knex, { everyMs: 600_000 });
  const redis = connectRedis(redisUrl, { name: 'test' });
  const queues = openQueues(redisUrl);
  const replies = await listenForReplies(connectSubscriber(redisUrl, { name: 'test replies' }), newUlid(), log);
  const merchants = await db.pool.query<{ id: string }>('select distinct merchant_id::text as id from pos.outlets order by 1');
  const [tenant = '', stranger = ''] = merchants.rows.map(({ id }) => id);

  const keyFor = async (client: Partial<NewClient>) => {
    const usual = { name: 'test', host: 'pos', tenant, stores: null, scopes: ['payments' as const, 'refunds' as const, 'events' as const] };
    const made = await createClient(db.knex, { ...usual, ...client }, clock.now());
    await control.refresh();
    return made;
  };

  const registry = new Registry();
  async function serve(port: number): Promise<HttpServer> {
    registry.clear();
    const { streams: metrics, ...apiMetrics } = createApiMetrics(registry);
    const subscriber = connectSubscriber(redisUrl, { name: 'test screens' });
    const feeds = createLiveFeeds({ subscriber, control, metrics, log, lookMs: 50, ...streams });
    const app = createApp({
      hosts,
      control,
      controlDb: db,
      stores: createClaimedStores(db, clock),
      accounts,
      enqueue: queues.enqueue,
      replies,
      askNow: createAskNow({ enqueue: queues.enqueue, replies, clock }),
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
      simulatorUrl: null,
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
    stranger,
    key,
    statements,
    databaseCable,
    metric: async (name) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value ?? 0,
    keyFor,
    revoke: async (id) => {
      await revokeClient(db.knex, id, clock.now());
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
      await databaseCable.pull();
      await database.drop();
    },
  };
}

function counting(db: Database, statements: Map<string, number>): Database {
  const { pool } = db;
  const query = pool.query.bind(pool) as (config: { name?: string }, values?: unknown[]) => unknown;
  pool.query = ((config: { name?: string }, values?: unknown[]) => {
    if (config.name) statements.set(config.name, (statements.get(config.name) ?? 0) + 1);
    return query(config, values);
  }) as typeof pool.query;
  return db;
}
