import { type ConnectionOptions, Queue } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';

/** Braces keep all keys of one queue in one slot of a Redis Cluster. */
export const queuePrefix = '{gateway}';

/** ioredis 6 types this one option twice, in two ways; we use neither. */
type Options = Omit<RedisOptions, 'replyMapping'>;

export interface RedisConnectionOptions {
  /** Shown in `CLIENT LIST`. */
  name: string;
  /** Called once when Redis goes away, not at every try to reach it again. */
  onError?: (error: Error) => void;
}

const reconnect = (times: number): number => Math.min(50 * 2 ** times, 1_000);

/** For publishing and small reads: fails at once when Redis is away, within 2 s when it is frozen, and comes back by itself. */
export function connectRedis(url: string, { name, onError = () => {} }: RedisConnectionOptions): Redis {
  return withErrors(new Redis({ ...fromUrl(url), ...failFast, connectionName: name }), onError);
}

/** For subscribing: waits for Redis as long as it takes, and subscribes again by itself. */
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

/** A queue's side that adds. */
export const producerConnection = (url: string): ConnectionOptions => ({ ...fromUrl(url), ...failFast }) as ConnectionOptions;

/** A queue's side that waits for work. */
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
  // Without a listener a lost Redis would end the process.
  redis.on('error', (error: Error) => {
    if (!isReported) onError(error);
    isReported = true;
  });
  return redis;
}
