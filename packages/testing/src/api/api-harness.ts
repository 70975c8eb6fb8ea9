import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '@gateway/api/src/app.ts';
import { LiveFeeds, type LiveFeedsOptions } from '@gateway/api/src/events/live-feeds.ts';
import { createStreamTokens } from '@gateway/api/src/events/stream-token.ts';
import { createApiMetrics } from '@gateway/api/src/http/api-metrics.ts';
import { createClientKeys } from '@gateway/api/src/http/client-keys.ts';
import { type HttpServer, listen } from '@gateway/api/src/http/listen.ts';
import { createSecurityLog } from '@gateway/api/src/http/security-log.ts';
import { createTenantShare } from '@gateway/api/src/http/tenant-share.ts';
import type { ConsoleDeps } from '@gateway/api/src/operator/console.ts';
import { type Admission, createAdmission } from '@gateway/api/src/payments/admission.ts';
import { createQrLinks } from '@gateway/api/src/payments/qr-link.ts';
import { listenForReplies } from '@gateway/api/src/payments/reply-channel.ts';
import { createRequestAndWait } from '@gateway/api/src/payments/request-and-wait.ts';
import { createStoreRegistry } from '@gateway/api/src/payments/store-registry.ts';
import { createNoteRefused } from '@gateway/api/src/webhooks/note-refused.ts';
import { createHosts, loadHosts } from '@gateway/shared/host';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { type AccountDirectory, fixedAccounts, type ProviderAccount } from '@gateway/shared/provider';
import { connectRedis, connectSubscriber, createPollSlots, openQueues } from '@gateway/shared/queue';
import { createHealth, createLogger, createNetworkRule, type ManualClock, manualClock, newUlid } from '@gateway/shared/runtime';
import { clients, settings } from '@gateway/shared/store';
import { Registry } from '@prometheus-io/client';
import type { Redis } from 'ioredis';
import { hostsDir } from '../checkout.ts';
import { freshDatabase, type TestDatabase, testRedisUrl } from '../database/servers.ts';
import { aConsole } from '../operator/operator-console.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { testMasterKeys } from '../webhooks/test-secrets.ts';
import { createDocumentedAnswers, type DocumentedAnswers } from './documented-answers.ts';

/**
 * The api without a process of its own: the real app over HTTP, on a real database and Redis, with a clock that the test moves.
 * `close` fails when it gave an answer that the OpenAPI document does not have for the operation.
 */
export interface ApiHarness {
  url: string;
  port: number;
  clock: ManualClock;
  db: Database;
  /** The database itself, not by the proxy. */
  databaseUrl: string;
  redis: Redis;
  /** The first two merchants of the pos host. */
  tenant: string;
  otherTenant: string;
  /** A key of `tenant` for all stores, with all scopes. */
  key: string;
  /** How often each named statement was sent. */
  statements: ReadonlyMap<string, number>;
  /** Creates a key. Default: the same rights as `key`. */
  keyFor(client: Partial<clients.NewClient>): Promise<{ id: string; secret: string }>;
  /** Reads the keys again now. */
  refreshKeys(): Promise<void>;
  /** Writes the last use of each key now. */
  flushKeys(): Promise<void>;
  /** Takes effect at once. A real process reads the keys again within 2 s. */
  revoke(clientId: string): Promise<void>;
  change(clientId: string, to: Partial<Pick<clients.NewClient, 'stores' | 'scopes'>>): Promise<void>;
  /** The value of a metric since the last restart; 0 before it was first set. */
  metric(name: string): Promise<number>;
  /** The answers so far that the OpenAPI document does not have for their operation. */
  undocumentedAnswers: ReadonlySet<string>;
  /** Between the api and its database. */
  databaseProxy: TcpProxy;
  /** Stops the api as at a deployment, and starts it again on the same port. @param console other users or settings of the console */
  restart(console?: Partial<ConsoleDeps>): Promise<void>;
  /** Starts one more process. */
  startAnother(console?: Partial<ConsoleDeps>): Promise<{ url: string; stop(): Promise<void> }>;
  close(): Promise<void>;
}

export interface ApiHarnessOptions {
  corsOrigins?: string[];
  clientRequestsPerSecond?: number;
  /** Which creates are refused in an overload. Default: as in a shop. */
  admission?: Admission;
  redisUrl?: string;
  /** Default: a copy of the template. */
  database?: TestDatabase;
  /** 1: `X-Forwarded-For` names the caller's address. */
  trustProxy?: number;
  /** Receives the lines of the security log. */
  securityLines?: Record<string, unknown>[];
  /** When the refunds of a payment reach that many rupiah together, a refund waits for a second person. Default: none does. */
  refundApprovalFrom?: number;
  /** The provider accounts whose webhooks are received. */
  accounts?: readonly ProviderAccount[];
  /** In place of `accounts`: accounts that may change. */
  accountDirectory?: AccountDirectory;
  /** Called when a newer copy of the control data is needed. */
  refreshControl?: () => Promise<void>;
  /** Serves the operators' console; what differs from that of `aConsole`. Default: no console. */
  console?: Partial<ConsoleDeps>;
  /** Limits of the event streams, shorter than in a shop. */
  streams?: Pick<LiveFeedsOptions, 'pollIntervalMs' | 'readFailureLimitMs' | 'pace' | 'quotas'>;
}

const log = createLogger('test', 'silent');
const signingKeys = ['a signing key of tests, long enough'] as const;
const publicUrl = 'http://gateway.test';

export async function startApiHarness(options: ApiHarnessOptions = {}): Promise<ApiHarness> {
  const connections = await connect(options.redisUrl ?? testRedisUrl(), options.database ?? (await freshDatabase()));
  const { testDb: db, control, redis, databaseProxy, statements } = connections;
  const clock = manualClock();
  const registry = new Registry();
  const answers = createDocumentedAnswers(publicUrl);
  const start = (port: number, console = options.console) =>
    startServer({ connections, options: console ? { ...options, console } : options, clock, registry, answers, port });

  const { rows } = await db.pool.query<{ id: string }>('select distinct merchant_id::text as id from pos.outlets order by 1');
  const [tenant = '', otherTenant = ''] = rows.map(({ id }) => id);
  const keyFor = async (client: Partial<clients.NewClient>) => {
    const scopes = [...clients.scopes];
    const created = await clients.create(db.knex, { name: 'test', host: 'pos', tenant, stores: null, scopes, ...client }, clock.now());
    await control.refresh();
    return created;
  };

  let server = await start(0);
  const { port } = server.address() as AddressInfo;
  const { secret: key } = await keyFor({});
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    clock,
    db,
    databaseUrl: connections.databaseUrl,
    redis,
    tenant,
    otherTenant,
    key,
    statements,
    undocumentedAnswers: answers.missing,
    databaseProxy,
    keyFor,
    metric: async (name) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value ?? 0,
    refreshKeys: () => control.refresh(),
    flushKeys: () => server.flushKeys(),
    revoke: async (id) => {
      await clients.revoke(db.knex, id, clock.now());
      await control.refresh();
    },
    change: async (id, to) => {
      await db.knex('gateway.clients').where({ id }).update(to);
      await control.refresh();
    },
    restart: async (console) => {
      await server.stop();
      server = await start(port, console);
    },
    startAnother: async (console) => {
      const another = await start(0, console);
      return { url: `http://127.0.0.1:${(another.address() as AddressInfo).port}`, stop: () => another.stop() };
    },
    close: async () => {
      await server.stop();
      await connections.close();
      if (answers.missing.size > 0) throw new Error(`not in the OpenAPI document:\n${[...answers.missing].join('\n')}`);
    },
  };
}

type Connections = Awaited<ReturnType<typeof connect>>;

/** Everything that the app is connected to. It stays connected while the api restarts. */
async function connect(redisUrl: string, database: TestDatabase) {
  const databaseUrl = new URL(database.serveUrl);
  const databaseProxy = await startTcpProxy(Number(databaseUrl.port));
  databaseUrl.port = String(databaseProxy.port);
  const statements = new Map<string, number>();
  const folders = loadHosts(hostsDir);
  const hosts = await createHosts({
    hosts: folders.hosts.filter(({ id }) => id === 'pos' || id === 'till'),
    invalid: folders.invalid,
    urls: { POS_DATABASE_URL: databaseUrl.href, TILL_DATABASE_URL: databaseUrl.href },
    connect: (url) => countingStatements(connectDatabase(url, { name: 'test' }), statements),
    log,
  });
  const { db } = hosts.byId('pos');
  const testDb = connectDatabase(database.url, { name: 'test' }); // for the test, which acts as the POS and looks into every table
  const control = await settings.createControlCache(db.knex, { everyMs: 600_000 });
  const redis = connectRedis(redisUrl, { name: 'test' });
  const queues = openQueues(redisUrl);
  const replies = await listenForReplies(connectSubscriber(redisUrl, { name: 'test replies' }), newUlid(), log);
  return {
    redisUrl,
    databaseUrl: database.url,
    databaseProxy,
    statements,
    hosts,
    db,
    testDb,
    control,
    redis,
    queues,
    replies,
    close: async () => {
      control.stop();
      replies.close();
      await queues.close();
      redis.disconnect();
      await hosts.close();
      await testDb.close();
      await databaseProxy.disconnect();
      await database.drop();
    },
  };
}

interface ServerOptions {
  connections: Connections;
  options: ApiHarnessOptions;
  clock: ManualClock;
  registry: Registry;
  answers: DocumentedAnswers;
  port: number;
}

/** Builds the app anew, as a new process does, and serves it. */
async function startServer({
  connections,
  options,
  clock,
  registry,
  answers,
  port,
}: ServerOptions): Promise<HttpServer & { flushKeys(): Promise<void> }> {
  const { hosts, db, control, replies, redisUrl } = connections;
  const { corsOrigins = [], clientRequestsPerSecond = 1_000, accounts = [], streams = {} } = options;
  const { enqueue } = connections.queues;
  registry.clear();
  const { streams: metrics, securityCounter, ...apiMetrics } = createApiMetrics(registry);
  const subscriber = connectSubscriber(redisUrl, { name: 'test screens' });
  const keys = createClientKeys(control, { controlDb: db, clock, log });
  const feeds = new LiveFeeds({ subscriber, control: keys, metrics, log, pollIntervalMs: 50, ...streams });
  const accountDirectory = options.accountDirectory ?? fixedAccounts(accounts);
  const security = createSecurityLog(securityLogger(options.securityLines), securityCounter);
  const operators = options.console && aConsole({ ...connections, accounts: accountDirectory, security, clock }, options.console);
  const app = createApp({
    hosts,
    control: keys,
    controlDb: db,
    networkRule: createNetworkRule({ allowedNetworks: [], isLocalStack: false, resolve: async () => ['93.184.216.34'] }),
    masterKeys: testMasterKeys,
    stores: createStoreRegistry(db, clock),
    accounts: accountDirectory,
    refundApprovalFrom: options.refundApprovalFrom ?? null,
    enqueue,
    replies,
    noteRefused: createNoteRefused(connections.redis, clock),
    refreshControl: options.refreshControl ?? control.refresh,
    tenantShare: createTenantShare(hosts),
    admission: options.admission ?? createAdmission({ log }),
    pollSlots: createPollSlots(connections.redis, clock),
    requestAndWait: createRequestAndWait({ enqueue, replies, clock }),
    links: createQrLinks(publicUrl, signingKeys),
    feeds,
    streamTokens: createStreamTokens(signingKeys, clock),
    corsOrigins,
    clientRequestsPerSecond,
    operator: operators?.console?.router ?? null,
    trustProxy: options.trustProxy ?? 0,
    health: createHealth({}, { warnings: async () => [`pos: an order of ${publicUrl} waits`] }),
    clock,
    log,
    security,
    publicUrl,
    ...apiMetrics,
  });
  const watched: RequestListener = (request, answer) => {
    answers.watch(request, answer);
    app(request, answer);
  };
  const server = await listen(watched, { port, address: '127.0.0.1', shared: false });
  return {
    address: () => server.address(),
    flushKeys: () => keys.flush(),
    stop: async () => {
      feeds.close();
      await keys.close();
      await server.stop();
      await operators?.close();
    },
  };
}

const securityLogger = (lines: Record<string, unknown>[] = []) =>
  createLogger('api', 'info', { write: (line) => void lines.push(JSON.parse(line)) });

function countingStatements(db: Database, statements: Map<string, number>): Database {
  const { pool } = db;
  const query = pool.query.bind(pool) as (config: { name?: string }, values?: unknown[]) => unknown;
  pool.query = ((config: { name?: string }, values?: unknown[]) => {
    if (config.name) statements.set(config.name, (statements.get(config.name) ?? 0) + 1);
    return query(config, values);
  }) as typeof pool.query;
  return db;
}
