import { createHosts, loadHosts, readinessOf, reloadOnSighup, servingOf } from '@gateway/shared/host';
import { clockCheck, connectDatabase, createPoolMetrics, reportSession } from '@gateway/shared/postgres';
import { accountDirectoryOf, createBreakers, createProviders } from '@gateway/shared/provider';
import { connectRedis, connectSubscriber, createPollSlots, createQueueMetrics, openQueues, startWork } from '@gateway/shared/queue';
import { systemClock as clock, createHealth, startService } from '@gateway/shared/runtime';
import { lateApprovals, migrate, payments, settings, storeMetrics, storeSettings, waitingMoney } from '@gateway/shared/store';
import { createAskProvider } from './charging/ask-provider.ts';
import { createHedging } from './charging/hedging.ts';
import { createChooseRoute } from './charging/routing.ts';
import { readConfig } from './config.ts';
import { startDailyAudit } from './daily-audit.ts';
import { createHandlers } from './handlers.ts';
import { lowerPriority } from './lower-priority.ts';
import { createWorkerMetrics } from './metrics.ts';
import { createAccounts } from './providers/accounts.ts';
import { syncBreakers } from './providers/breaker-sync.ts';
import { createCallRecorder } from './providers/call-recorder.ts';
import { createPaymentWriter } from './settling/payment-writer.ts';
import { createReply, createWakeRelay } from './signals.ts';
import { startAfter } from './start-after.ts';
import { startSweep } from './sweep/sweep.ts';

const firstPollDelayMs = 3_000; // from display to the first poll: a guest hardly pays faster
const queryTimeoutMs = 5_000; // for one call to a provider, except the creation of a charge

await startService('worker', readConfig, async ({ config, log, registry, onError }) => {
  lowerPriority(log);
  const redis = connectRedis(config.REDIS_URL, { name: 'worker', onError: onError('Redis connection error') });
  const subscriber = connectSubscriber(config.REDIS_URL, { name: 'worker subscriber', onError: onError('Redis connection error') });
  const queues = openQueues(config.REDIS_URL, { onError: onError('queue connection error') });
  const connect = (url: string) =>
    connectDatabase(url, { name: 'worker', max: config.DATABASE_CONNECTIONS, onError: onError('database connection error') });
  const ofStore = { readOwnRows: payments.proveReads, isUsedWhileFailing: true, migrate };
  const load = { needsTls: config.needsTls };
  const folders = loadHosts(config.HOSTS_DIR, load);
  const hosts = await createHosts({ ...folders, load, urls: config.databases.hosts, connect, ...ofStore, log });
  reloadOnSighup(hosts, config.HOSTS_DIR, log);
  const controlDb = connect(config.databases.control);
  void reportSession(config.databases.control, 'CONTROL_DATABASE_URL', log);
  const onControlError = onError('control data not refreshed, using the last copy');
  const control = await settings.createControlCache(controlDb.knex, { onError: onControlError });
  const controlData = (): settings.Control => {
    if (!control.current) throw new Error('control data not read yet'); // no job starts before the first copy
    return control.current;
  };
  const lateMoneyOf = (storeId: string) => (controlData().settings.get(storeId) ?? storeSettings.defaultSettings).lateMoney;

  const breakers = createBreakers({ log, clock, registry, resetTimeoutMs: config.BREAKER_REST_MS });
  const metrics = createWorkerMetrics(registry);
  const recorder = createCallRecorder({ hosts, metrics, clock, log });
  const providers = createProviders({ log, clock, record: recorder.record }, breakers.wrap);
  const stored = () => control.current?.accounts ?? null;
  const directory = accountDirectoryOf(config, { isLocalStack: config.LOCAL_STACK, stored, clock, log });
  const accounts = createAccounts(directory, providers, breakers.openBreaker);
  syncBreakers({ breakers, accounts: directory, redis, subscriber, clock, log });

  const hedging = createHedging(clock, config.HEDGE_AFTER_MS || null);
  const pollSlots = createPollSlots(redis, clock);
  const wakeRelay = createWakeRelay(redis, metrics.runningJobs);
  const reply = createReply(redis);
  const chooseRoute = createChooseRoute({ order: config.PROVIDERS, accounts, control: controlData, clock });
  const createLimitMs = config.CREATE_LIMIT_MS;
  const askProvider = createAskProvider({ hedging, metrics, pollSlots, wakeRelay, clock, log, createLimitMs, firstPollDelayMs });
  const writer = createPaymentWriter({ lateMoneyOf, wakeRelay, reply, hostBusyLimitMs: config.HOST_PATIENCE_MS, clock, log });
  const rules = { chooseRoute, askProvider, createLimitMs, hedging, pollSlots, writer, queryTimeoutMs };
  const handlers = metrics.withMetrics(createHandlers({ hosts, accounts, ...rules, metrics, wakeRelay, reply, clock, log }));
  const jobs = startAfter(control.firstCopy, () => {
    const work = startWork(config.REDIS_URL, handlers, log);
    const sweep = startSweep({ databases: () => hosts.databases(), enqueue: queues.enqueue, handlers, clock, log });
    const dailyAudit = startDailyAudit({ hosts, clock, log });
    return { close: () => Promise.all([dailyAudit.close(), sweep.stop()]).then(() => work.close()) };
  });

  createQueueMetrics(registry, queues.all, clock);
  storeMetrics.create(registry, () => hosts.databases(), clock);
  createPoolMetrics(registry, () => [...hosts.databases(), { database: 'CONTROL_DATABASE_URL', db: controlDb }]);

  const health = createHealth(
    {
      hosts: () => readinessOf(hosts.states()),
      clock: () => clockCheck(hosts.databases(), clock),
      redis: async () => void (await redis.ping()),
      control: () => (control.lastError ? { ok: false, why: control.lastError.message } : undefined),
    },
    {
      serving: () => (control.current ? servingOf(hosts) : { ok: false, why: 'control data not read yet' }),
      warnings: () => Promise.all([waitingMoney(hosts.databases()), lateApprovals(hosts.databases(), clock)]).then((lines) => lines.flat()),
    },
  );
  const shutdownSteps = [
    { name: 'jobs', close: () => jobs.close() },
    { name: 'queues', close: () => queues.close() },
    { name: 'breakers', close: () => breakers.stop() },
    { name: 'providers', close: () => providers.close() },
    { name: 'evidence', close: () => recorder.close() },
    { name: 'redis', close: () => [subscriber.disconnect(), redis.disconnect()] },
    { name: 'control', close: () => control.stop() },
    { name: 'databases', close: () => Promise.all([hosts.close(), controlDb.close()]) },
  ];
  return { health, shutdownSteps };
});
