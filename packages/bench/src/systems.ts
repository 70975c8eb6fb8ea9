import path from 'node:path';
import pg from 'pg';
import { type Prepared, placeOrders, prepareDatabase } from './databases.ts';
import type { Target } from './load.ts';
import { type Build, type Program, type RunningProgram, startProgram } from './program.ts';

export const systemNames = ['product', 'equal', 'bare'] as const;
export type SystemName = (typeof systemNames)[number];

/** The product or a floor, running and ready to be measured. */
export interface System {
  name: SystemName;
  target: Target;
  /** The same, with a key of the host `till`; null for a floor. */
  tillTarget: Target | null;
  programs: readonly RunningProgram[];
  placeOrders(count: number): Promise<string[]>;
  stop(): Promise<void>;
}

/** The servers that a system uses. */
export interface BenchServers {
  /** Each system has its own database on the same server. */
  databaseUrl: string;
  redisUrl: string;
  /** The stub of the provider. */
  providerUrl: string;
  logDir: string;
  build: Build;
  /** Another URL of the same database for some programs: through a counting proxy. */
  databaseUrlOf?: (file: Program['file']) => string;
  /** OPERATOR_USERS of the product. Absent: it has no console. */
  operatorUsers?: string;
  /** Additional arguments of Node by program, for CPU profiles. */
  nodeOptions?: (program: string) => readonly string[];
}

const serverKey = 'SB-Mid-server-bench';

/** Creates the tables of a system, and starts its processes. Takes some seconds. */
export async function startSystem(name: SystemName, servers: BenchServers): Promise<System> {
  const prepared = await prepareDatabase(servers.databaseUrl, name === 'product' ? 'product' : 'floor');
  const start = (file: Program['file'], environment: NodeJS.ProcessEnv) => {
    const program = file.split('/').slice(1).join('-');
    const logFile = path.join(servers.logDir, `${program}.log`);
    return startProgram({ file, environment, logFile, build: servers.build, nodeOptions: servers.nodeOptions?.(program) ?? [] });
  };
  const environmentOf = (file: Program['file']) => {
    const ownServers = { ...servers, databaseUrl: servers.databaseUrlOf?.(file) ?? servers.databaseUrl };
    return name === 'product' ? productEnvironment(ownServers) : floorEnvironment(name, ownServers, prepared);
  };
  const files: Program['file'][] =
    name === 'product'
      ? ['services/api/main', 'services/worker/main', 'services/notifier/main']
      : [`packages/bench/floors/${name}-api`, `packages/bench/floors/${name}-worker`];
  const programs = await Promise.all(files.map((file) => start(file, environmentOf(file))));
  const db = new pg.Pool({ connectionString: servers.databaseUrl, max: 2 });
  const target = { url: `http://127.0.0.1:${programs[0]?.port}`, apiKey: prepared.apiKey, serverKey };
  return {
    name,
    target,
    tillTarget: prepared.tillKey === null ? null : { ...target, apiKey: prepared.tillKey },
    programs,
    placeOrders: (count) => placeOrders(db, count),
    stop: async () => {
      await Promise.all(programs.map((program) => program.stop()));
      await db.end();
    },
  };
}

/** The environment of a small shop. Both hosts share one database. */
function productEnvironment({ databaseUrl, redisUrl, providerUrl, operatorUsers }: BenchServers): NodeJS.ProcessEnv {
  return {
    POS_DATABASE_URL: databaseUrl,
    ERP_DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    MIDTRANS_BASE_URL: providerUrl,
    MIDTRANS_SERVER_KEY: serverKey,
    MIDTRANS_MODE: 'test', // live mode refuses a provider without HTTPS
    XENDIT_MODE: 'test',
    PUBLIC_URL: 'http://127.0.0.1',
    LINK_SIGNING_KEY: 'a key that signs links to pictures only',
    MASTER_KEYS: `bench:${Buffer.alloc(32).toString('base64')}`,
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
    ...(operatorUsers ? { OPERATOR_USERS: operatorUsers, TRUST_PROXY: '1' } : {}),
    API_PORT: '0',
    METRICS_PORT: '0',
  };
}

function floorEnvironment(name: SystemName, { databaseUrl, redisUrl, providerUrl }: BenchServers, { tenant, apiKey }: Prepared) {
  return {
    FLOOR: name,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    MIDTRANS_BASE_URL: providerUrl,
    MIDTRANS_SERVER_KEY: serverKey,
    TENANT: tenant,
    API_KEY: apiKey,
  };
}
