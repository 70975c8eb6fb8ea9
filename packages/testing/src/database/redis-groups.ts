import { findValkey, type RedisProgram } from '@gateway/local-stack/embedded-redis';
import { Redis } from 'ioredis';
import { eventually } from '../eventually.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { type OwnRedis, ownRedis } from './servers.ts';

/** Which server a group is made of. Undefined: the Redis of all tests. */
type Program = RedisProgram | undefined;

/**
 * Like `describe`, with the Redis of all tests and again with Valkey. Without Valkey on the PATH its tests count as skipped, and a line on
 * standard error says so. `npm run soak:redis-cluster -- --server=Valkey` runs one of the two.
 */
export function describeWithRedisAndValkey(name: string, tests: (program: Program) => void): void {
  const { SOAK_SERVER: only } = process.env;
  const valkey = findValkey();
  if (!valkey) process.stderr.write(`SKIPPED, no valkey-server on the PATH: ${name}, Valkey. Run \`apt-get install valkey-server\`.\n`);
  (only === 'Valkey' ? describe.skip : describe)(`${name}, Redis`, () => tests(undefined));
  (only === 'Redis' || !valkey ? describe.skip : describe)(`${name}, Valkey`, () => tests(valkey));
}

/** Redis servers of which one takes over when another dies. */
export interface RedisGroup {
  /** `Redis 7.0.15` or `Valkey 8.0.1`. */
  server: string;
  /** What REDIS_URL holds. */
  url: string;
  /** Kills the server to which writes go now, with SIGKILL, and waits until another one has taken over. The killed server starts again. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

interface Member {
  server: OwnRedis;
  port: number;
  client: Redis;
}

const password = 'test';

async function aMember(options: Parameters<typeof ownRedis>[0]): Promise<Member> {
  const server = await ownRedis(options);
  const client = new Redis(server.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => {}); // the test kills this server
  return { server, port: Number(new URL(server.url).port), client };
}

async function stopAll(members: readonly Member[]): Promise<void> {
  for (const { client } of members) client.disconnect();
  await Promise.all(members.map(({ server }) => server.stop()));
}

/** Valkey says a version of Redis, too: the one that it is compatible with. */
async function serverOf({ client }: Member): Promise<string> {
  const fields = await client.info('server');
  const [, valkey] = /valkey_version:(\S+)/.exec(fields) ?? [];
  return valkey ? `Valkey ${valkey}` : `Redis ${/redis_version:(\S+)/.exec(fields)?.[1]}`;
}

const hostsOf = (members: readonly Member[]): string => members.map(({ port }) => `127.0.0.1:${port}`).join(',');

/** A Redis Cluster of which a test can also move one slot. */
export interface RedisCluster extends RedisGroup {
  /** Moves the slot of a key to another master, in two steps: while it moves, requests for missing keys are answered ASK, afterwards MOVED. */
  moveSlotOf(key: string): Promise<{ finish(): Promise<void> }>;
}

/** Three masters with a replica each: a real Redis Cluster. */
export async function startRedisCluster(program?: Program): Promise<RedisCluster> {
  const settings = [
    'cluster-enabled yes',
    'cluster-node-timeout 1000',
    'cluster-replica-validity-factor 0',
    'repl-diskless-sync-delay 0',
    `masterauth ${password}`,
  ];
  const members = await Promise.all(Array.from({ length: 6 }, () => aMember({ settings, durable: true, program })));
  const masters = members.slice(0, 3);
  const [first] = members as [Member];
  for (const { port } of members) await first.client.call('CLUSTER', 'MEET', '127.0.0.1', port);
  const slots = 16_384;
  for (const [n, { client }] of masters.entries())
    await client.call('CLUSTER', 'ADDSLOTSRANGE', Math.floor((n * slots) / 3), Math.floor(((n + 1) * slots) / 3) - 1);
  const knowsAll = async ({ client }: Member) => (await client.cluster('INFO')).includes(`cluster_known_nodes:${members.length}`);
  await eventually(async () => (await Promise.all(members.map(knowsAll))).every(Boolean));
  for (const [n, { client }] of members.slice(3).entries()) {
    const master = await masters[n]?.client.cluster('MYID');
    await client.call('CLUSTER', 'REPLICATE', String(master));
  }
  await eventually(() => isWhole(members));
  return {
    server: await serverOf(first),
    url: `redis+cluster://:${password}@${hostsOf(members.slice(0, 2))}`, // the others are found by the client
    failOver: async () => {
      const master = await masterOf(members, slotOfQueues);
      await master.server.kill();
      await eventually(async () => (await masterOf(members, slotOfQueues)) !== master);
      await master.server.start();
      await eventually(() => isWhole(members));
    },
    moveSlotOf: async (key) => {
      const from = await masterOf(members, key);
      const to = masters.find((each) => each !== from) as Member;
      const slot = Number(await from.client.cluster('KEYSLOT', key));
      const ids = { from: await from.client.cluster('MYID'), to: await to.client.cluster('MYID') };
      await to.client.cluster('SETSLOT', slot, 'IMPORTING', String(ids.from));
      await from.client.cluster('SETSLOT', slot, 'MIGRATING', String(ids.to));
      return {
        finish: async () => {
          const keys = await from.client.cluster('GETKEYSINSLOT', slot, 1_000);
          for (const each of keys) await from.client.call('MIGRATE', '127.0.0.1', to.port, each, 0, 5_000, 'AUTH', password);
          for (const { client } of [to, from]) await client.cluster('SETSLOT', slot, 'NODE', String(ids.to));
        },
      };
    },
    stop: () => stopAll(members),
  };
}

const slotOfQueues = '{gateway}'; // the master of the jobs: its death is the one that matters most

/** Whether every slot has a master, and every replica a connection to its master. */
async function isWhole(members: readonly Member[]): Promise<boolean> {
  const states = await Promise.all(
    members.map(async ({ client }) => {
      const [cluster, replication] = await Promise.all([client.cluster('INFO'), client.info('replication')]);
      return cluster.includes('cluster_state:ok') && (replication.includes('role:master') || replication.includes('master_link_status:up'));
    }),
  );
  return states.every(Boolean);
}

/** @throws while no member that lives knows a master of this key */
async function masterOf(members: readonly Member[], key: string): Promise<Member> {
  const alive = members.filter(({ client }) => client.status === 'ready');
  const slot = Number(await alive[0]?.client.cluster('KEYSLOT', key));
  for (const member of alive) {
    const ranges = await member.client.cluster('SLOTS');
    const range = ranges.find(([from, to]) => slot >= from && slot <= to);
    const master = alive.find(({ port }) => port === range?.[2]?.[1]);
    if (master && (await master.client.info('replication')).includes('role:master')) return master;
  }
  throw new Error('no master of the key is known');
}

const masterName = 'orders';

/** One of the two servers that sentinels watch. */
export interface WatchedRedis extends Member {
  /** Whatever reaches this server comes through it: clients, the sentinels and the other server. */
  proxy: TcpProxy;
  /** Where it keeps its append-only file. Undefined: it keeps none. */
  dir: string | undefined;
}

/** A master with a replica, and what a test may do to them. */
export interface RedisSentinel extends RedisGroup {
  /** The server to which writes go now, by what the sentinels say. */
  master(): Promise<WatchedRedis>;
  /** Waits until the sentinels agree on a master that lives, and the replica follows it. */
  recovered(): Promise<unknown>;
}

/** @param dir where the server keeps its append-only file; default: it keeps none */
async function aWatchedRedis(settings: readonly string[], dir: string | undefined, program: Program): Promise<WatchedRedis> {
  let server: OwnRedis | undefined;
  const proxy = await startTcpProxy(() => Number(new URL(server?.url ?? '').port));
  const announced = ['replica-announce-ip 127.0.0.1', `replica-announce-port ${proxy.port}`];
  const member = await aMember({ settings: [...settings, ...announced], program, ...(dir ? { dir, durable: true } : {}) });
  server = member.server;
  return { ...member, port: proxy.port, proxy, dir };
}

/**
 * A master with a replica, watched by three sentinels. Each failover kills the master; every second one kills a sentinel, too.
 * @param dirs where the two servers keep their append-only files; default: they keep none
 */
export async function startRedisSentinel({
  dirs = [],
  program,
}: {
  dirs?: readonly string[];
  program?: Program;
} = {}): Promise<RedisSentinel> {
  const common = [`masterauth ${password}`, 'repl-diskless-sync-delay 0'];
  const first = await aWatchedRedis(common, dirs[0], program);
  const second = await aWatchedRedis([...common, `replicaof 127.0.0.1 ${first.port}`], dirs[1], program);
  const servers = [first, second];
  const watched = [
    `sentinel monitor ${masterName} 127.0.0.1 ${first.port} 2`,
    `sentinel auth-pass ${masterName} ${password}`,
    `sentinel down-after-milliseconds ${masterName} 1000`,
    `sentinel failover-timeout ${masterName} 4000`,
  ];
  const sentinels = await Promise.all(Array.from({ length: 3 }, () => aMember({ settings: watched, isSentinel: true, program })));
  const fieldsOf = async ({ client }: Member) => fieldsIn(await client.call('SENTINEL', 'MASTER', masterName));
  const isReady = async (member: Member) => {
    const { 'num-slaves': replicas, 'num-other-sentinels': others, flags } = await fieldsOf(member);
    return replicas === '1' && others === '2' && flags === 'master';
  };
  const isWhole = async () =>
    (await Promise.all(sentinels.map(isReady))).every(Boolean) &&
    (await Promise.all(servers.map(({ client }) => client.info('replication')))).some((text) => text.includes('master_link_status:up'));
  const recovered = () => eventually(isWhole, 180_000);
  await recovered();
  const masterBy = async (sentinel: Member) => {
    const { port } = await fieldsOf(sentinel);
    return servers.find((each) => each.port === Number(port)) as WatchedRedis;
  };
  let failovers = 0;
  return {
    server: await serverOf(first),
    url: `redis+sentinel://:${password}@${hostsOf(sentinels)}/${masterName}`,
    master: () => masterBy(sentinels[0] as Member),
    recovered,
    failOver: async () => {
      const sentinel = sentinels[failovers++ % sentinels.length] as Member;
      const other = sentinels.find((each) => each !== sentinel) as Member;
      const master = await masterBy(other);
      const killsSentinel = failovers % 2 === 0; // two of three are enough to elect
      await Promise.all([master.server.kill(), ...(killsSentinel ? [sentinel.server.kill()] : [])]);
      await eventually(async () => (await masterBy(other)) !== master, 60_000);
      await Promise.all([master.server.start(), ...(killsSentinel ? [sentinel.server.start()] : [])]);
      await recovered();
    },
    stop: async () => {
      await stopAll([...sentinels, ...servers]);
      await Promise.all(servers.map(({ proxy }) => proxy.disconnect()));
    },
  };
}

/** Redis answers a map as a list: name, value, name, value. */
const fieldsIn = (list: unknown): Record<string, string | undefined> =>
  Object.fromEntries((list as string[]).flatMap((name, n, all) => (n % 2 === 0 ? [[name, all[n + 1]]] : [])));
