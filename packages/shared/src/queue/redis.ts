import { type ConnectionOptions, Queue } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';

/** Braces keep all keys of one queue in one slot of a Redis Cluster. */
export const queuePrefix = '{gateway}';

/** ioredis 6 declares `replyMapping` twice, with different types. We do not use it. */
type Options = Omit<RedisOptions, 'replyMapping'>;

export interface RedisConnectionOptions {
  /** Shown in `CLIENT LIST`. */
  name: string;
  /** Called once when the connection is lost, not at each attempt to connect again. */
  onError?: (error: Error) => void;
}

const reconnect = (times: number): number => Math.min(50 * 2 ** times, 1_000);

/** For publishing and small reads. Fails at once when Redis is unavailable, within 2 s when it hangs, and reconnects automatically. */
export function connectRedis(url: string, { name, onError = () => {} }: RedisConnectionOptions): Redis {
  return withErrors(new Redis({ ...fromUrl(url), ...failFast, connectionName: name }), onError);
}

/** For subscribing. Waits for Redis without a limit, and subscribes again after each reconnection. */
export function connectSubscriber(url: string, { name, onError = () => {} }: RedisConnectionOptions): Redis {
  return withErrors(new Redis({ ...fromUrl(url), ...retryForever, connectionName: name }), onError);
}

const failFast: Options = {
  enableOfflineQueue: false,
  commandTimeout: 2_000,
  connectTimeout: 2_000,
  retryStrategy: reconnect,
  maxRetriesPerRequest: 1,
};

const retryForever: Options = { maxRetriesPerRequest: null, retryStrategy: reconnect, keepAlive: 10_000 };

/** For the side of a queue that adds jobs. */
export const producerConnection = (url: string): ConnectionOptions => ({ ...fromUrl(url), ...failFast }) as ConnectionOptions;

/** For the side of a queue that takes jobs. */
export const consumerConnection = (url: string): ConnectionOptions => ({ ...fromUrl(url), ...retryForever }) as ConnectionOptions;

export function openQueue(name: string, url: string, onError: (error: Error) => void): Queue {
  const queue = new Queue(name, {
    connection: producerConnection(url),
    prefix: queuePrefix,
    streams: { events: { maxLen: 1_000 } },
    defaultJobOptions: { attempts: 1, removeOnComplete: { age: 3_600, count: 1_000 }, removeOnFail: { age: 7 * 86_400, count: 5_000 } },
  });
  queue.on('error', onError);
  queue.setMaxListeners(0);
  return queue;
}

function fromUrl(url: string): Options {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 6379),
    db: Number(pathname.slice(1) || 0),
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function withErrors(redis: Redis, onError: (error: Error) => void): Redis {
  let isReported = false;
  redis.on('ready', () => {
    isReported = false;
  });
  // Without a listener, a lost connection would end the process.
  redis.on('error', (error: Error) => {
    if (!isReported) onError(error);
    isReported = true;
  });
  return redis;
}
