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
  newUlid,
  onShutdown,
  startMonitor,
} from '@gateway/shared/runtime';
import { settings } from '@gateway/shared/store';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import type { ExtraRoutes } from './deps.ts';
import { createLiveFeeds } from './events/live-feeds.ts';
import { createStreamTokens } from './events/stream-token.ts';
import { createApiMetrics } from './http/api-metrics.ts';
import { listen } from './http/listen.ts';
import { operatorRoutes } from './operator/operator-routes.ts';
import { createQrLinks } from './payments/qr-link.ts';
import { listenForReplies } from './payments/reply-channel.ts';
import { createRequestAndWait } from './payments/request-and-wait.ts';
import { createStoreRegistry } from './payments/store-registry.ts';

/** Starts one api process. `extraRoutes`: what the demo mounts beside the product's own routes; a shop has none. */
export async function startApi({ extraRoutes }: { extraRoutes?: ExtraRoutes } = {}): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger('api', config.LOG_LEVEL);
  const onError = (subject: string) => (error: Error) => log.warn({ err: error }, `${subject} error`);
  const connect = (url: string) => connectDatabase(url, { name: 'api', max: 20, onError: onError('database connection') });

  const registry = createMetrics('api');
  const redis = connectRedis(config.REDIS_URL, { name: 'api', onError: onError('Redis connection') });
  const replySubscriber = connectSubscriber(config.REDIS_URL, { name: 'api replies', onError: onError('Redis connection') });
  const queues = openQueues(config.REDIS_URL, { onError: onError('queue connection') });
  const hosts = await createHosts({ ...loadHosts(config.HOSTS_DIR), urls: config.databases.hosts, connect, log });
  reloadOnSighup(hosts, config.HOSTS_DIR, log);
  const controlDb = connect(config.databases.control);
  const control = await settings.createControlCache(controlDb.knex, {
    onError: (error) => log.warn({ err: error }, 'control data not refreshed, using the last copy'),
  });
  const { streams, ...metrics } = createApiMetrics(registry);
  const streamSubscriber = connectSubscriber(config.REDIS_URL, { name: 'api screens', onError: onError('Redis connection') });
  const feeds = createLiveFeeds({ subscriber: streamSubscriber, control, metrics: streams, log });
  const replies = await listenForReplies(replySubscriber, newUlid(), log);

  createPoolMetrics(registry, () => [...hosts.databases(), { database: 'CONTROL_DATABASE_URL', db: controlDb }]);

  const health = createHealth({
    hosts: () => readinessOf(hosts.states()),
    clock: () => clockCheck(hosts.databases(), clock),
    redis: async () => void (await redis.ping()),
    control: () => (control.current ? undefined : { ok: false, why: 'client keys not loaded yet' }),
  });
  const app = createApp({
    hosts,
    control,
    controlDb,
    replies,
    health,
    clock,
    log,
    stores: createStoreRegistry(controlDb, clock),
    accounts: config.accounts,
    enqueue: queues.enqueue,
    requestAndWait: createRequestAndWait({ enqueue: queues.enqueue, replies, clock }),
    links: createQrLinks(config.PUBLIC_URL, config.LINK_SIGNING_KEY),
    feeds,
    streamTokens: createStreamTokens(config.LINK_SIGNING_KEY, clock),
    corsOrigins: config.CORS_ORIGINS,
    clientRequestsPerSecond: config.CLIENT_REQUESTS_PER_SECOND,
    publicUrl: config.PUBLIC_URL,
    operator: operatorRoutes({
      users: config.OPERATOR_USERS,
      queues: queues.all,
      accounts: config.accounts,
      control,
      controlDb,
      redis,
      publicUrl: config.PUBLIC_URL,
      clock,
      log,
    }),
    trustProxy: config.TRUST_PROXY,
    extraRoutes,
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
