import type { AddressInfo } from 'node:net';
import { createHosts, loadHosts, readinessOf, reloadOnSighup } from '@gateway/shared/host';
import { clockCheck, connectDatabase, createPoolMetrics } from '@gateway/shared/postgres';
import { connectRedis, connectSubscriber, openQueues } from '@gateway/shared/queue';
import {
  announceReady,
  systemClock as clock,
  createHealth,
  createLogger,
  createMetrics,
  type Health,
  type Logger,
  newUlid,
  onShutdown,
  startMonitor,
} from '@gateway/shared/runtime';
import { settings } from '@gateway/shared/store';
import { createApp, type ExtraRoutes } from './app.ts';
import { readConfig } from './config.ts';
import { LiveFeeds } from './events/live-feeds.ts';
import { createStreamTokens } from './events/stream-token.ts';
import { createApiMetrics } from './http/api-metrics.ts';
import { listen } from './http/listen.ts';
import { operatorRoutes } from './operator/operator-routes.ts';
import { createQrLinks } from './payments/qr-link.ts';
import { listenForReplies } from './payments/reply-channel.ts';
import { createRequestAndWait } from './payments/request-and-wait.ts';
import { createStoreRegistry } from './payments/store-registry.ts';

/** Starts one api process. @param extraRoutes the routes that the demo mounts beside the product's own; a shop has none */
export async function startApi({ extraRoutes }: { extraRoutes?: ExtraRoutes } = {}): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger('api', config.LOG_LEVEL);
  const registry = createMetrics('api');
  const { streams, ...metrics } = createApiMetrics(registry);
  const connections = await connect(config, log);
  const { redis, queues, hosts, control, controlDb } = connections;
  createPoolMetrics(registry, () => [...hosts.databases(), { database: 'CONTROL_DATABASE_URL', db: controlDb }]);
  const feeds = new LiveFeeds({ subscriber: connections.screenSubscriber, control, metrics: streams, log });
  const replies = await listenForReplies(connections.replySubscriber, newUlid(), log);
  const health = healthOf(connections);
  const { enqueue } = queues;
  const { accounts, PUBLIC_URL: publicUrl } = config;

  const app = createApp({
    hosts,
    control,
    controlDb,
    replies,
    health,
    clock,
    log,
    accounts,
    enqueue,
    feeds,
    publicUrl,
    extraRoutes,
    stores: createStoreRegistry(controlDb, clock),
    requestAndWait: createRequestAndWait({ enqueue, replies, clock }),
    links: createQrLinks(publicUrl, config.LINK_SIGNING_KEY),
    streamTokens: createStreamTokens(config.LINK_SIGNING_KEY, clock),
    operator: operatorRoutes({
      users: config.OPERATOR_USERS,
      queues: queues.all,
      accounts,
      control,
      controlDb,
      redis,
      publicUrl,
      clock,
      log,
    }),
    corsOrigins: config.CORS_ORIGINS,
    clientRequestsPerSecond: config.CLIENT_REQUESTS_PER_SECOND,
    trustProxy: config.TRUST_PROXY,
    ...metrics,
  });
  const monitor = await startMonitor({ port: config.METRICS_PORT, address: config.HOST, health, metrics: registry });
  const server = await listen(app, { port: config.API_PORT, address: config.HOST, shared: config.SHARE_PORT });
  onShutdown(log, [
    { name: 'readiness', close: () => health.drain() },
    { name: 'streams', close: () => feeds.close() },
    { name: 'server', close: () => server.stop() },
    { name: 'queues', close: () => queues.close() },
    { name: 'redis', close: () => [replies.close(), redis.disconnect()] },
    { name: 'control', close: () => control.stop() },
    { name: 'databases', close: () => Promise.all([hosts.close(), controlDb.close()]) },
    { name: 'monitor', close: () => monitor.close() },
  ]);
  announceReady({ metricsPort: monitor.port, port: (server.address() as AddressInfo).port });
}

/** The connections of this process. Redis and the databases may be unavailable now: each connection is made as soon as it can be. */
async function connect(config: ReturnType<typeof readConfig>, log: Logger) {
  const onError = (subject: string) => (error: Error) => log.warn({ err: error }, `${subject} error`);
  const onRedisError = onError('Redis connection');
  const connectTo = (url: string) => connectDatabase(url, { name: 'api', max: 20, onError: onError('database connection') });
  const hosts = await createHosts({ ...loadHosts(config.HOSTS_DIR), urls: config.databases.hosts, connect: connectTo, log });
  reloadOnSighup(hosts, config.HOSTS_DIR, log);
  const controlDb = connectTo(config.databases.control);
  return {
    redis: connectRedis(config.REDIS_URL, { name: 'api', onError: onRedisError }),
    replySubscriber: connectSubscriber(config.REDIS_URL, { name: 'api replies', onError: onRedisError }),
    screenSubscriber: connectSubscriber(config.REDIS_URL, { name: 'api screens', onError: onRedisError }),
    queues: openQueues(config.REDIS_URL, { onError: onError('queue connection') }),
    hosts,
    controlDb,
    control: await settings.createControlCache(controlDb.knex, {
      onError: (error) => log.warn({ err: error }, 'control data not refreshed, using the last copy'),
    }),
  };
}

const healthOf = ({ hosts, redis, control }: Awaited<ReturnType<typeof connect>>): Health =>
  createHealth({
    hosts: () => readinessOf(hosts.states()),
    clock: () => clockCheck(hosts.databases(), clock),
    redis: async () => void (await redis.ping()),
    control: () => (control.current ? undefined : { ok: false, why: 'client keys not loaded yet' }),
  });
