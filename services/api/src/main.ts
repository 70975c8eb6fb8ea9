import type { AddressInfo } from 'node:net';
import { createHosts, loadHosts, readinessOf, reloadOnHangUp } from '@gateway/shared/host';
import { connectRedis, connectSubscriber, openQueues } from '@gateway/shared/queue';
import {
  announceReady,
  systemClock as clock,
  createHealth,
  createLogger,
  createMetrics,
  createPoolMetrics,
  newUlid,
  onShutdown,
  startMonitor,
  startProcess,
} from '@gateway/shared/runtime';
import { clockCheck, connectDatabase, keepControlCopy } from '@gateway/shared/store';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { createLiveFeeds } from './events/live-feeds.ts';
import { createStreamTokens } from './events/stream-token.ts';
import { createApiMetrics } from './http/api-metrics.ts';
import { listen } from './http/listen.ts';
import { operatorRoutes } from './operator/operator-routes.ts';
import { createAskNow } from './payments/ask-now.ts';
import { listenForReplies } from './payments/await-charge.ts';
import { createClaimedStores } from './payments/claimed-stores.ts';
import { createQrLinks } from './payments/qr-link.ts';

await startProcess(async () => {
  const config = readConfig(process.env);
  const log = createLogger('api', config.LOG_LEVEL);
  const trouble = (what: string) => (error: Error) => log.warn({ err: error }, `${what} has trouble`);
  const connect = (url: string) => connectDatabase(url, { name: 'api', max: 20, onError: trouble('a database connection') });

  const registry = createMetrics('api');
  const redis = connectRedis(config.REDIS_URL, { name: 'api', onError: trouble('Redis') });
  const subscriber = connectSubscriber(config.REDIS_URL, { name: 'api replies', onError: trouble('Redis') });
  const queues = openQueues(config.REDIS_URL, { onError: trouble('the queue') });
  const hosts = await createHosts({ ...loadHosts(config.HOSTS_DIR), urls: config.databases.hosts, connect, log });
  reloadOnHangUp(hosts, config.HOSTS_DIR, log);
  const controlDb = connect(config.databases.control);
  const control = await keepControlCopy(controlDb.knex, { onTrouble: trouble('the control database') });
  const { streams, ...metrics } = createApiMetrics(registry);
  const screens = connectSubscriber(config.REDIS_URL, { name: 'api screens', onError: trouble('Redis') });
  const feeds = createLiveFeeds({ subscriber: screens, control, metrics: streams, log });
  const replies = await listenForReplies(subscriber, newUlid(), log);

  createPoolMetrics(registry, () => [...hosts.databases(), { database: 'CONTROL_DATABASE_URL', db: controlDb }]);

  const health = createHealth({
    hosts: () => readinessOf(hosts.states()),
    clock: () => clockCheck(hosts.databases(), clock),
    redis: async () => void (await redis.ping()),
    control: () => (control.current ? undefined : { ok: false, why: 'the keys could not be read yet' }),
  });
  const app = createApp({
    hosts,
    control,
    controlDb,
    replies,
    health,
    clock,
    log,
    stores: createClaimedStores(controlDb, clock),
    accounts: config.accounts,
    enqueue: queues.enqueue,
    askNow: createAskNow({ enqueue: queues.enqueue, replies, clock }),
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
    simulatorUrl: config.LOCAL_STACK ? (config.SIMULATOR_URL ?? null) : null,
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
});
