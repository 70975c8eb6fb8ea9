import { createHosts, loadHosts, readinessOf, reloadOnHangUp } from '@gateway/shared/host';
import { createBreakers, createProviders } from '@gateway/shared/provider';
import { connectRedis, connectSubscriber, createQueueMetrics, openQueues, startWork } from '@gateway/shared/queue';
import {
  announceReady,
  systemClock as clock,
  createHealth,
  createLogger,
  createMetrics,
  createPoolMetrics,
  onShutdown,
  startMonitor,
  startProcess,
} from '@gateway/shared/runtime';
import { clockCheck, connectDatabase, createStoreMetrics, defaultSettings, keepControlCopy } from '@gateway/shared/store';
import { createAccounts } from './accounts.ts';
import { createWriter } from './apply-charge.ts';
import { createAskProvider } from './ask-provider.ts';
import { shareBreakerNews } from './breaker-news.ts';
import { readConfig } from './config.ts';
import { createHandlers } from './handlers.ts';
import { createHedge } from './hedge.ts';
import { createRoute } from './route.ts';
import { startSweep } from './sweep.ts';
import { createReply, createRing } from './tell.ts';
import { createTurns } from './turns.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

await startProcess(async () => {
  const config = readConfig(process.env);
  const log = createLogger('worker', config.LOG_LEVEL);
  const trouble = (what: string) => (error: Error) => log.warn({ err: error }, `${what} has trouble`);
  const connect = (url: string) => connectDatabase(url, { name: 'worker', max: 20, onError: trouble('a database connection') });

  const registry = createMetrics('worker');
  const metrics = createWorkerMetrics(registry);
  const redis = connectRedis(config.REDIS_URL, { name: 'worker', onError: trouble('Redis') });
  const subscriber = connectSubscriber(config.REDIS_URL, { name: 'worker news', onError: trouble('Redis') });
  const queues = openQueues(config.REDIS_URL, { onError: trouble('the queue') });
  const hosts = await createHosts({ ...loadHosts(config.HOSTS_DIR), urls: config.databases.hosts, connect, log });
  reloadOnHangUp(hosts, config.HOSTS_DIR, log);
  const controlDb = connect(config.databases.control);
  const control = await keepControlCopy(controlDb.knex, { onTrouble: trouble('the control database') });

  const breakers = createBreakers({ log, clock, registry, restMs: config.BREAKER_REST_MS });
  const providers = createProviders({ log, clock }, breakers.around);
  const accounts = createAccounts(config.accounts, providers, breakers.trouble);
  shareBreakerNews({ breakers, accounts: config.accounts, redis, subscriber, clock, log });
  const ring = createRing(redis);
  const turns = createTurns(redis, clock);
  const hedge = createHedge(clock, config.HEDGE_AFTER_MS || null);
  const handlers = metrics.measured(
    createHandlers({
      hosts,
      accounts,
      turns,
      hedge,
      metrics,
      ring,
      clock,
      log,
      route: createRoute({ order: config.PROVIDERS, accounts, control: () => control.current, clock }),
      askProvider: createAskProvider({
        hedge,
        metrics,
        clock,
        log,
        ring,
        createLimitMs: config.CREATE_LIMIT_MS,
        firstLookMs: 3_000,
        turns,
      }),
      writer: createWriter({
        clock,
        log,
        ring,
        hostPatienceMs: config.HOST_PATIENCE_MS,
        lateMoneyOf: (storeId) => (control.current?.settings.get(storeId) ?? defaultSettings).lateMoney,
      }),
      reply: createReply(redis),
      askLimitMs: 5_000,
    }),
  );
  const work = startWork(config.REDIS_URL, handlers, log);
  const sweep = startSweep({ databases: () => hosts.databases(), enqueue: queues.enqueue, handlers, clock, log });

  createQueueMetrics(registry, queues.all, clock);
  createStoreMetrics(registry, () => hosts.databases(), clock);
  createPoolMetrics(registry, () => [...hosts.databases(), { database: 'CONTROL_DATABASE_URL', db: controlDb }]);

  const health = createHealth({
    hosts: () => readinessOf(hosts.states()),
    clock: () => clockCheck(hosts.databases(), clock),
    redis: async () => void (await redis.ping()),
    control: () => (control.trouble ? { ok: false, why: control.trouble.message } : undefined),
  });
  const monitor = await startMonitor({ port: config.METRICS_PORT, address: config.HOST, health, metrics: registry });
  onShutdown(log, [
    { name: 'readiness', close: () => health.drain() },
    { name: 'sweep', close: () => sweep.stop() },
    { name: 'work', close: () => work.close() },
    { name: 'queues', close: () => queues.close() },
    { name: 'breakers', close: () => breakers.stop() },
    { name: 'providers', close: () => providers.close() },
    { name: 'redis', close: () => [subscriber.disconnect(), redis.disconnect()] },
    { name: 'control', close: () => control.stop() },
    { name: 'databases', close: () => Promise.all([hosts.close(), controlDb.close()]) },
    { name: 'monitor', close: () => monitor.close() },
  ]);
  announceReady({ metricsPort: monitor.port });
});
