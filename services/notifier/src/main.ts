import { reloadOnSighup } from '@gateway/shared/host';
import { connectDatabase, createPoolMetrics, databaseCheck } from '@gateway/shared/postgres';
import { connectRedis, connectSubscriber } from '@gateway/shared/queue';
import { systemClock as clock, createHealth, createNetworkRule, startService } from '@gateway/shared/runtime';
import { migrate, settings } from '@gateway/shared/store';
import { readConfig } from './config.ts';
import { createDatabaseFiles } from './database-files.ts';
import { createRelayMetrics } from './relay-metrics.ts';
import { createServedDatabases } from './served-databases.ts';
import { createWakeUps } from './wake-up.ts';
import { createDispatcherMetrics } from './webhooks/dispatcher-metrics.ts';
import { createWebhookSender } from './webhooks/send-webhook.ts';
import { createWebhookSigner } from './webhooks/sign-webhook.ts';

await startService('notifier', readConfig, async ({ config, log, registry, onError }) => {
  const redis = connectRedis(config.REDIS_URL, { name: 'notifier', onError: onError('Redis connection error') });
  const subscriber = connectSubscriber(config.REDIS_URL, { name: 'notifier subscriber', onError: onError('Redis subscription error') });
  const wakeUps = createWakeUps(subscriber, onError('Redis subscription error'));
  const metricsOf = createRelayMetrics(registry, clock);
  const onDatabaseError = onError('database connection error');
  const controlDb = connectDatabase(config.controlDatabase, { name: 'notifier', max: 1, onError: onDatabaseError });
  const control = await settings.createControlCache(controlDb.knex, {
    acceptsDemoKeys: config.LOCAL_STACK,
    onError: onError('control data not refreshed, using the last copy'),
  });
  const rule = createNetworkRule({ allowedNetworks: config.WEBHOOK_ALLOWED_NETWORKS, isLocalStack: config.LOCAL_STACK });
  const webhooks = {
    activeClients: () => settings.activeClientIds(control),
    sender: createWebhookSender(rule, clock),
    signer: createWebhookSigner(config.MASTER_KEYS),
    metricsOf: createDispatcherMetrics(registry),
  };
  const { DATABASE_CONNECTIONS: connections, TILL_ORDERS_DAYS: tillOrdersDays } = config;
  const shared = { redis, wakeUps, metricsOf, webhooks, clock, log, onDatabaseError };
  const databases = createServedDatabases({ ...shared, connections, tillOrdersDays });
  createPoolMetrics(registry, () => databases.list().map(({ key, db }) => ({ database: key, db })));

  const files = createDatabaseFiles(config.HOSTS_DIR, config.databases, { needsTls: config.needsTls });
  await databases.serve(files.read().databases); // a folder that cannot be read is reported by the api
  const reload = async () => {
    const { databases: named, problems } = files.read();
    const served = new Set(databases.list().map(({ url }) => url));
    const isNew = named.filter(({ url }) => !served.has(url));
    await Promise.all(isNew.map(({ url }) => migrate(url).catch(onError('database of a new host not migrated'))));
    await databases.serve(named);
    return problems;
  };
  reloadOnSighup({ reload }, config.HOSTS_DIR, log);

  const health = createHealth(
    () => ({
      ...Object.fromEntries(databases.list().map(({ key, db }) => [key, () => databaseCheck(db, clock)])),
      redis: async () => void (await redis.ping()),
    }),
    { serving: async () => void (await Promise.any(databases.list().map(({ db }) => databaseCheck(db, clock)))) },
  );
  const shutdownSteps = [
    { name: 'databases', close: () => databases.close() },
    { name: 'webhooks', close: () => webhooks.sender.close() },
    { name: 'control', close: () => [control.stop(), controlDb.close()] },
    { name: 'subscriber', close: () => subscriber.disconnect() },
    { name: 'redis', close: () => redis.disconnect() },
  ];
  return { health, shutdownSteps };
});
