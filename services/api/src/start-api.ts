import type { AddressInfo } from 'node:net';
import { createHosts, loadHosts, readinessOf, reloadOnSighup, servingOf } from '@gateway/shared/host';
import { clockCheck, connectDatabase, createPoolMetrics, type Database, reportSession } from '@gateway/shared/postgres';
import { accountDirectoryOf } from '@gateway/shared/provider';
import { connectRedis, connectSubscriber, createPollSlots, openQueues } from '@gateway/shared/queue';
import {
  systemClock as clock,
  createHealth,
  createNetworkRule,
  EnvironmentError,
  type Health,
  newUlid,
  type ServiceTools,
  sampleLines,
  startService,
} from '@gateway/shared/runtime';
import { lateApprovals, migrate, payments, settings, waitingMoney } from '@gateway/shared/store';
import { createApp, type ExtraRoutes } from './app.ts';
import { readConfig } from './config.ts';
import { LiveFeeds } from './events/live-feeds.ts';
import { createStreamTokens } from './events/stream-token.ts';
import { createApiMetrics } from './http/api-metrics.ts';
import { createClientKeys } from './http/client-keys.ts';
import { listen } from './http/listen.ts';
import { requestSampling } from './http/request-log.ts';
import { createSecurityLog, openSecurityLog } from './http/security-log.ts';
import { createTenantShare } from './http/tenant-share.ts';
import { createConsole } from './operator/console.ts';
import { createOperationsContext } from './operator/operations-context.ts';
import { createAdmission } from './payments/admission.ts';
import { createQrLinks } from './payments/qr-link.ts';
import { listenForReplies } from './payments/reply-channel.ts';
import { createRequestAndWait } from './payments/request-and-wait.ts';
import { createStoreRegistry } from './payments/store-registry.ts';
import { createNoteRefused } from './webhooks/note-refused.ts';

type ApiTools = ServiceTools<ReturnType<typeof readConfig>>;

/** Starts one api process. @param extraRoutes the routes that the demo mounts beside the product's own; a shop has none */
export const startApi = ({ extraRoutes }: { extraRoutes?: ExtraRoutes } = {}): Promise<void> =>
  startService('api', readConfig, (tools) => wire(tools, extraRoutes));

async function wire(tools: ApiTools, extraRoutes: ExtraRoutes | undefined) {
  const { config, registry } = tools;
  const log = sampleLines(tools.log, requestSampling);
  const { streams, securityCounter, ...metrics } = createApiMetrics(registry);
  const security = createSecurityLog(openSecurityLog(config.SECURITY_LOG, config.LOG_LEVEL), securityCounter);
  const connections = await connect(tools);
  const { redis, queues, hosts, control, controlDb } = connections;
  createPoolMetrics(registry, () => [...hosts.databases(), { database: 'CONTROL_DATABASE_URL', db: controlDb }]);
  const keys = createClientKeys(control, { controlDb, clock, log });
  const feeds = new LiveFeeds({ subscriber: connections.screenSubscriber, control: keys, metrics: streams, log });
  const replies = await listenForReplies(connections.replySubscriber, newUlid(), log);
  const health = healthOf(connections);
  const { enqueue } = queues;
  const { PUBLIC_URL: publicUrl } = config;
  const stored = () => control.current?.accounts ?? null;
  const accounts = accountDirectoryOf(config, { isLocalStack: config.LOCAL_STACK, stored, clock, log });

  const consoleDb = consoleConnections(tools);
  const operators = createConsole({
    users: config.OPERATOR_USERS,
    usersFile: config.operatorUsersFile,
    oidc: config.oidc,
    hosts,
    operations: createOperationsContext({
      hosts,
      controlDb: consoleDb,
      refundApprovalFrom: config.REFUND_APPROVAL_FROM,
      isControlSeparate: !Object.values(config.databases.hosts).includes(config.databases.control),
      providers: config,
      isLocalStack: config.LOCAL_STACK,
      publicUrl,
      redisUrl: config.REDIS_URL,
      simulatorUrl: config.SIMULATOR_URL ?? null,
      clock,
    }),
    queues: queues.all,
    accounts,
    control,
    controlDb: consoleDb,
    redis,
    security,
    publicUrl,
    isSecure: config.hasSecureCookies,
    clock,
    log,
  });

  const app = createApp({
    hosts,
    control: keys,
    controlDb,
    replies,
    health,
    clock,
    log,
    security,
    accounts,
    refundApprovalFrom: config.REFUND_APPROVAL_FROM,
    enqueue,
    feeds,
    publicUrl,
    extraRoutes,
    networkRule: createNetworkRule({ allowedNetworks: config.WEBHOOK_ALLOWED_NETWORKS, isLocalStack: config.LOCAL_STACK }),
    masterKeys: config.MASTER_KEYS,
    stores: createStoreRegistry(controlDb, clock),
    noteRefused: createNoteRefused(redis, clock),
    refreshControl: control.refresh,
    tenantShare: createTenantShare(hosts),
    admission: createAdmission({ log }),
    pollSlots: createPollSlots(redis, clock),
    requestAndWait: createRequestAndWait({ enqueue, replies, clock }),
    links: createQrLinks(publicUrl, config.signingKeys),
    streamTokens: createStreamTokens(config.signingKeys, clock),
    operator: operators?.router ?? null,
    corsOrigins: config.CORS_ORIGINS,
    clientRequestsPerSecond: config.CLIENT_REQUESTS_PER_SECOND,
    trustProxy: config.TRUST_PROXY,
    ...metrics,
  });
  const server = await listen(app, { port: config.API_PORT, address: config.HOST, shared: config.SHARE_PORT });
  const shutdownSteps = [
    { name: 'streams', close: () => feeds.close() },
    { name: 'server', close: () => server.stop() },
    { name: 'queues', close: () => queues.close() },
    { name: 'redis', close: () => [replies.close(), redis.disconnect()] },
    { name: 'console', close: () => operators?.close() },
    { name: 'keys', close: () => keys.close() },
    { name: 'control', close: () => control.stop() },
    { name: 'databases', close: () => Promise.all([hosts.close(), controlDb.close(), consoleDb.close()]) },
    { name: 'logs', close: () => [log.flush(), security.flush()] },
  ];
  return { health, port: (server.address() as AddressInfo).port, drainMs: config.DRAIN_MS, shutdownSteps };
}

/** The console's own connections to the control database. They are made when an operator comes. */
const consoleConnections = ({ config, onError }: ApiTools): Database =>
  connectDatabase(config.databases.control, {
    name: 'api console',
    max: 3,
    limits: { statement_timeout: 3_000, query_timeout: 4_000, idleTimeoutMillis: 30_000 },
    onError: onError('database connection error'),
  });

/** The connections of this process. Redis and the databases may be unavailable now: each connection is made as soon as it can be. */
async function connect({ config, log, onError }: ApiTools) {
  const onRedisError = onError('Redis connection error');
  const connectTo = (url: string) =>
    connectDatabase(url, { name: 'api', max: config.DATABASE_CONNECTIONS, onError: onError('database connection error') });
  const ofStore = { readOwnRows: payments.proveReads, migrate };
  const load = { needsTls: config.needsTls };
  const folders = loadHosts(config.HOSTS_DIR, load);
  const hosts = await createHosts({ ...folders, load, urls: config.databases.hosts, connect: connectTo, ...ofStore, log });
  reloadOnSighup(hosts, config.HOSTS_DIR, log);
  const controlDb = connectTo(config.databases.control);
  void reportSession(config.databases.control, 'CONTROL_DATABASE_URL', log);
  return {
    redis: connectRedis(config.REDIS_URL, { name: 'api', onError: onRedisError }),
    replySubscriber: connectSubscriber(config.REDIS_URL, { name: 'api replies', onError: onRedisError }),
    screenSubscriber: connectSubscriber(config.REDIS_URL, { name: 'api screens', onError: onRedisError }),
    queues: openQueues(config.REDIS_URL, { onError: onError('queue connection error') }),
    hosts,
    controlDb,
    control: await controlCache(controlDb, { config, onError }),
  };
}

/** @throws EnvironmentError when a demo key is stored. While the control database is unavailable, each request is refused instead. */
async function controlCache(
  controlDb: Database,
  { config, onError }: Pick<ApiTools, 'config' | 'onError'>,
): Promise<settings.ControlCache> {
  const control = await settings.createControlCache(controlDb.knex, {
    acceptsDemoKeys: config.LOCAL_STACK,
    onError: onError('control data not refreshed, using the last copy'),
  });
  const demoKeysFound = (control.current?.refusedClients ?? []).map(
    ({ id, name }) => `CONTROL_DATABASE_URL: holds the public key of client ${id} (${name}): npm run keys -- revoke ${id}`,
  );
  if (demoKeysFound.length > 0) throw new EnvironmentError(demoKeysFound);
  return control;
}

const healthOf = ({ hosts, redis, control }: Awaited<ReturnType<typeof connect>>): Health => {
  const firstCopy = () => (control.current ? undefined : ({ ok: false, why: 'client keys not loaded yet' } as const));
  return createHealth(
    {
      hosts: () => readinessOf(hosts.states()),
      clock: () => clockCheck(hosts.databases(), clock),
      redis: async () => void (await redis.ping()),
      control: () => (control.lastError ? { ok: false, why: control.lastError.message } : firstCopy()),
    },
    {
      serving: () => firstCopy() ?? servingOf(hosts),
      warnings: () => Promise.all([waitingMoney(hosts.databases()), lateApprovals(hosts.databases(), clock)]).then((lines) => lines.flat()),
    },
  );
};
