import { type ConnectionOptions, Queue } from 'bullmq';
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { serverUrls } from '../runtime/index.ts';
import { SafeSentinelConnector } from './sentinel-connector.ts';

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

/** What a client does while Redis is unavailable. */
interface Patience {
  ofServer: Options;
  /** Of the commands to all servers of a Cluster together. Each of its servers is used with `ofServer`. */
  ofCluster: ClusterOptions;
}

const reconnect = (times: number): number => Math.min(50 * 2 ** times, 1_000);

/**
 * A server that became a replica refuses writes and has carried out nothing. The client connects again, which finds the new master, and
 * sends the command there.
 */
const leaveReplica = (error: Error): 2 | false => (/^(READONLY|UNBLOCKED)/.test(error.message) ? 2 : false);

const failFast: Patience = {
  ofServer: {
    enableOfflineQueue: false,
    commandTimeout: 2_000,
    connectTimeout: 2_000,
    retryStrategy: reconnect,
    maxRetriesPerRequest: 1,
    reconnectOnError: leaveReplica,
  },
  // A command is tried again every 100 ms while the servers choose a new master: 16 times.
  ofCluster: { enableOfflineQueue: false, clusterRetryStrategy: reconnect, maxRedirections: 16, slotsRefreshTimeout: 2_000 },
};

const retryForever: Patience = {
  ofServer: { maxRetriesPerRequest: null, retryStrategy: reconnect, keepAlive: 10_000, reconnectOnError: leaveReplica },
  ofCluster: { clusterRetryStrategy: reconnect, slotsRefreshTimeout: 2_000 },
};

/** For publishing and small reads. Fails at once when Redis is unavailable, within 2 s when it hangs, and reconnects automatically. */
export const connectRedis = (url: string, options: RedisConnectionOptions): Redis => connect(url, failFast, options);

/** For subscribing. Waits for Redis without a limit, and subscribes again after each reconnection. */
export const connectSubscriber = (url: string, options: RedisConnectionOptions): Redis => connect(url, retryForever, options);

/**
 * Connects to the server, to the master that the sentinels name, or to the Cluster of the URL. A Cluster is typed as one server: it runs the
 * same commands, each at the server of its key, and `PUBLISH` reaches the subscribers of all servers.
 */
function connect(url: string, patience: Patience, { name, onError = () => {} }: RedisConnectionOptions): Redis {
  const client = isCluster(url)
    ? (connectCluster(url, patience, name) as unknown as Redis)
    : new Redis({ ...addressOf(url), ...patience.ofServer, connectionName: name });
  return withErrors(client, onError);
}

const isCluster = (url: string): boolean => /^rediss?\+cluster:/.test(url);

function connectCluster(url: string, { ofServer, ofCluster }: Patience, connectionName: string): Cluster {
  const urls = serverUrls(url);
  const { enableOfflineQueue: _, retryStrategy: __, ...redisOptions } = ofServer; // the Cluster has its own
  const { tls, ...credentials } = credentialsOf(urls[0] as URL);
  return new Cluster(
    urls.map(({ hostname, port }) => ({ host: withoutBrackets(hostname), port: Number(port || 6379) })),
    {
      ...ofCluster,
      redisOptions: { ...redisOptions, ...credentials, ...(tls ? { tls } : {}), connectionName } as object, // see `Options`
      ...(tls ? { dnsLookup: (address, found) => found(null, address) } : {}), // a certificate is for the name, not for its address
    },
  );
}

/** How BullMQ connects to the URL. `close` ends a client that BullMQ does not own. */
export interface QueueConnection {
  connection: ConnectionOptions;
  close(): void;
}

/** For the side of a queue that adds jobs. */
export const producerConnection = (url: string): QueueConnection => queueConnection(url, failFast, 'queue');

/** For the side of a queue that takes jobs. */
export const consumerConnection = (url: string): QueueConnection => queueConnection(url, retryForever, 'queue worker');

/** BullMQ creates a client of one server itself, and takes a Cluster only as a client. */
function queueConnection(url: string, patience: Patience, name: string): QueueConnection {
  if (!isCluster(url)) return { connection: { ...addressOf(url), ...patience.ofServer } as ConnectionOptions, close: () => {} };
  const cluster = connectCluster(url, patience, name);
  cluster.on('error', () => {}); // BullMQ reports it
  return { connection: cluster as unknown as ConnectionOptions, close: () => cluster.disconnect() };
}

export function openQueue(name: string, connection: ConnectionOptions, onError: (error: Error) => void): Queue {
  const queue = new Queue(name, {
    connection,
    prefix: queuePrefix,
    streams: { events: { maxLen: 1_000 } },
    defaultJobOptions: { attempts: 1 }, // stored with each job. What is kept of finished jobs is the worker's: work.ts
  });
  queue.on('error', onError);
  queue.setMaxListeners(0);
  return queue;
}

/** Publishes, and counts the subscribers that the message reaches. A server of a Cluster counts only its own. */
export async function publishCounted(redis: Redis, channel: string, message: string): Promise<number> {
  const received = await redis.publish(channel, message);
  const cluster = redis as unknown as Redis | Cluster;
  if (!(cluster instanceof Cluster)) return received;
  const counts = await Promise.all(cluster.nodes('all').map((node) => node.pubsub('NUMSUB', channel)));
  return counts.reduce<number>((sum, [, count]) => sum + Number(count), 0);
}

/** One server, or the master of this name among the servers that the sentinels watch. */
function addressOf(url: string): Options {
  const urls = serverUrls(url);
  const [first] = urls as [URL];
  const { tls, ...credentials } = credentialsOf(first);
  const path = decodeURIComponent(first.pathname.slice(1));
  if (!/^rediss?\+sentinel:/.test(first.protocol))
    return {
      host: withoutBrackets(first.hostname),
      port: Number(first.port || 6379),
      db: Number(path || 0),
      ...credentials,
      ...(tls ? { tls } : {}),
    };
  return {
    sentinels: urls.map(({ hostname, port }) => ({ host: withoutBrackets(hostname), port: Number(port || 26379) })),
    name: path,
    Connector: SafeSentinelConnector as unknown as NonNullable<Options['Connector']>,
    sentinelCommandTimeout: 1_000, // without it, a sentinel that hangs is waited for without end, and no other one is asked
    failoverDetector: true, // leaves a master that hangs as soon as the sentinels name another one
    sentinelReconnectStrategy: reconnect, // by default a sentinel that was restarted is not listened to any more
    ...credentials,
    // A sentinel has the same password or none. It does not know the users of the servers that it watches.
    ...(credentials.password ? { sentinelPassword: credentials.password } : {}),
    ...(tls ? { tls, sentinelTLS: tls, enableTLSForSentinelMode: true } : {}),
  };
}

function credentialsOf({ username, password, protocol }: URL): Pick<Options, 'username' | 'password' | 'tls'> {
  return {
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(protocol.startsWith('rediss') ? { tls: {} } : {}),
  };
}

const withoutBrackets = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

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
