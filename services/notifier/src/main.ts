import { connectRedis } from '@gateway/shared/queue';
import { announceReady, createHealth, createLogger, createMetrics, onShutdown, startMonitor, startProcess } from '@gateway/shared/runtime';
import { connectDatabase } from '@gateway/shared/store';
import { readConfig } from './config.ts';

await startProcess(async () => {
  const config = readConfig(process.env);
  const log = createLogger('notifier', config.LOG_LEVEL);
  const db = connectDatabase(config.POS_DATABASE_URL, {
    name: 'notifier',
    onError: (error) => log.warn({ err: error }, 'a database connection broke'),
  });
  const redis = connectRedis(config.REDIS_URL, { name: 'notifier', onError: (error) => log.warn({ err: error }, 'Redis is away') });
  const health = createHealth({
    database: async () => void (await db.pool.query('select 1')),
    redis: async () => void (await redis.ping()),
  });
  const monitor = await startMonitor({ port: config.METRICS_PORT, address: config.HOST, health, metrics: createMetrics('notifier') });
  onShutdown(log, [
    { name: 'readiness', close: () => health.drain() },
    { name: 'redis', close: () => redis.disconnect() },
    { name: 'database', close: () => db.close() },
    { name: 'monitor', close: () => monitor.close() },
  ]);
  announceReady({ metricsPort: monitor.port });
});
