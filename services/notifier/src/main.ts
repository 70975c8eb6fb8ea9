import { connectRedis, connectSubscriber } from '@gateway/shared/queue';
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
import { connectDatabase, databaseCheck } from '@gateway/shared/store';
import { createBell, listenForRings } from './bell.ts';
import { readConfig } from './config.ts';
import { createRelay } from './relay.ts';
import { startRelayLoop } from './relay-loop.ts';
import { createRelayMetrics } from './relay-metrics.ts';
import { createUpkeep, startUpkeep } from './upkeep.ts';

await startProcess(async () => {
  const config = readConfig(process.env);
  const log = createLogger('notifier', config.LOG_LEVEL);
  const trouble = (what: string) => (error: Error) => log.warn({ err: error }, `${what} has trouble`);
  const metrics = createMetrics('notifier');
  const metricsOf = createRelayMetrics(metrics, clock);

  const redis = connectRedis(config.REDIS_URL, { name: 'notifier', onError: trouble('Redis') });
  const subscriber = connectSubscriber(config.REDIS_URL, { name: 'notifier bell', onError: trouble('the bell') });
  const databases = config.databases.map(({ url, names }) => ({
    db: connectDatabase(url, { name: 'notifier', max: 4, onError: trouble('a database connection') }),
    key: names[0] ?? 'CONTROL_DATABASE_URL',
    names,
  }));
  const upkeeps = databases.map((database) => startUpkeep(createUpkeep({ database, clock, log }), { database, clock, log }));

  createPoolMetrics(metrics, () => databases.map(({ key, db }) => ({ database: key, db })));

  const bells = new Map<string, ReturnType<typeof createBell>>();
  const loops = databases
    .filter(({ names }) => names.length > 0) // the world hears of hosts only
    .map((database) => {
      const bell = createBell();
      for (const name of database.names) bells.set(name, bell);
      const relay = createRelay({ database, redis, clock, log, metrics: metricsOf(database.key) });
      return startRelayLoop(relay, { database: database.key, bell, log });
    });
  listenForRings(subscriber, bells, trouble('the bell'));

  const health = createHealth({
    ...Object.fromEntries(databases.map(({ key, db }) => [key, () => databaseCheck(db, clock)])),
    redis: async () => void (await redis.ping()),
  });
  const monitor = await startMonitor({ port: config.METRICS_PORT, address: config.HOST, health, metrics });
  onShutdown(log, [
    { name: 'readiness', close: () => health.drain() },
    { name: 'relays', close: () => Promise.all(loops.map((loop) => loop.close())) },
    { name: 'upkeep', close: () => Promise.all(upkeeps.map((upkeep) => upkeep.close())) },
    { name: 'bell', close: () => subscriber.disconnect() },
    { name: 'redis', close: () => redis.disconnect() },
    { name: 'databases', close: () => Promise.all(databases.map(({ db }) => db.close())) },
    { name: 'monitor', close: () => monitor.close() },
  ]);
  announceReady({ metricsPort: monitor.port });
});
