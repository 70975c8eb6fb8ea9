import { connectDatabase, createPoolMetrics, databaseCheck, reportSession } from '@gateway/shared/postgres';
import { connectRedis, connectSubscriber } from '@gateway/shared/queue';
import { systemClock as clock, createHealth, startService } from '@gateway/shared/runtime';
import { readConfig } from './config.ts';
import { createMaintenance, startMaintenance } from './maintenance.ts';
import { createRelay } from './relay.ts';
import { startRelayLoop } from './relay-loop.ts';
import { createRelayMetrics } from './relay-metrics.ts';
import { createWakeUp, onWakeUp } from './wake-up.ts';

await startService('notifier', readConfig, async ({ config, log, registry, onError }) => {
  const redis = connectRedis(config.REDIS_URL, { name: 'notifier', onError: onError('Redis connection error') });
  const subscriber = connectSubscriber(config.REDIS_URL, { name: 'notifier subscriber', onError: onError('Redis subscription error') });
  const databases = config.databases.map(({ url, names }) => ({
    db: connectDatabase(url, { name: 'notifier', max: 4, onError: onError('database connection error') }),
    key: names[0] ?? 'CONTROL_DATABASE_URL',
    names,
  }));
  for (const { url, names } of config.databases) void reportSession(url, names[0] ?? 'CONTROL_DATABASE_URL', log);
  createPoolMetrics(registry, () => databases.map(({ key, db }) => ({ database: key, db })));

  const maintenanceTimers = databases.map((database) =>
    startMaintenance(createMaintenance({ database, clock, log }), { database, clock, log }),
  );
  const hostDatabases = databases
    .filter(({ names }) => names.length > 0) // a database with control data only has no events
    .map((database) => ({ ...database, wakeUp: createWakeUp() }));
  const metricsOf = createRelayMetrics(registry, clock);
  const relayLoops = hostDatabases.map(({ key, db, wakeUp }) => {
    const relay = createRelay({ database: { key, db }, redis, clock, log, metrics: metricsOf(key) });
    return startRelayLoop(relay, { database: key, wakeUp, log });
  });
  const wakeUps = new Map(hostDatabases.flatMap(({ names, wakeUp }) => names.map((name) => [name, wakeUp] as const)));
  onWakeUp(subscriber, wakeUps, onError('Redis subscription error'));

  const health = createHealth({
    ...Object.fromEntries(databases.map(({ key, db }) => [key, () => databaseCheck(db, clock)])),
    redis: async () => void (await redis.ping()),
  });
  const shutdownSteps = [
    { name: 'relays', close: () => Promise.all(relayLoops.map((loop) => loop.close())) },
    { name: 'maintenance', close: () => Promise.all(maintenanceTimers.map((timer) => timer.close())) },
    { name: 'subscriber', close: () => subscriber.disconnect() },
    { name: 'redis', close: () => redis.disconnect() },
    { name: 'databases', close: () => Promise.all(databases.map(({ db }) => db.close())) },
  ];
  return { health, shutdownSteps };
});
