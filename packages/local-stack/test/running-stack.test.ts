import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '@gateway/testing/eventually';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { StackFile } from '../src/stack-file.ts';
import {
  allGone,
  commandOf,
  freshFolder,
  kill,
  runStackProcess,
  type StackProcess,
  startStackProcess,
  stopEverything,
  until,
} from './stack-process.ts';

let stack: StackProcess;
beforeAll(async () => {
  stack = await startStackProcess({ API_PROCESSES: '2', LOG_LEVEL: 'warn', UNRELATED_TOKEN: 'not for the services' });
});
afterAll(stopEverything);

describe('npm start', () => {
  it('prints the addresses and the demo key, and `ready` last', () => {
    const { api, simulator, operator, metrics } = stack.file();
    for (const text of [api, simulator, operator.url, operator.password, ...metrics.api, 'sk_test_pos_demo'])
      expect(stack.printed()).toContain(text);
    expect(stack.printed().trimEnd()).toMatch(/\nready: http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('protects stack.json and secrets.json, which contain passwords, from other users', () => {
    const mode = (file: string) => statSync(file).mode & 0o777;
    expect(mode(stack.dataDir)).toBe(0o700);
    expect(mode(path.join(stack.dataDir, 'stack.json'))).toBe(0o600);
    expect(mode(path.join(stack.dataDir, 'secrets.json'))).toBe(0o600);
  });

  it('writes all addresses and process ids to stack.json', () => {
    const { pids, metrics } = stack.file();
    const counts = Object.fromEntries(Object.entries(pids).map(([kind, each]) => [kind, each.length]));
    expect(counts).toEqual({ api: 2, worker: 1, notifier: 1, simulator: 1, redis: 1, postgres: 1 });
    expect(Object.values(pids).flat().sort()).toEqual(
      expect.arrayContaining(
        stack
          .family()
          .filter((pid) => Object.values(pids).flat().includes(pid))
          .sort(),
      ),
    );
    expect(new Set(Object.values(metrics).flat()).size).toBe(4);
  });

  it('starts every service, all of them connected', async () => {
    const { api, simulator } = stack.file();
    expect((await fetch(api)).status).toBe(200);
    expect((await fetch(simulator)).status).toBe(200);
    await everyServiceHealthy();
  });

  const served = (url: string) => expect.stringMatching(`^postgres://gateway_serve:[^@]+${url.slice(url.indexOf('@'))}$`);

  it('gives the services the variables they need, and no others of its environment', async () => {
    const { metrics, databases, control, redis, simulator } = stack.file();
    const environment = await (await fetch(`${metrics.worker[0]}/environment`)).json();
    expect(environment).toMatchObject({
      LOCAL_STACK: '1',
      LOG_LEVEL: 'warn',
      POS_DATABASE_URL: served(databases.pos),
      ERP_DATABASE_URL: served(databases.erp),
      CONTROL_DATABASE_URL: served(control),
      REDIS_URL: redis,
    });
    expect(environment).toMatchObject({
      MIDTRANS_BASE_URL: `${simulator}/midtrans`,
      MIDTRANS_MODE: 'test',
      XENDIT_BASE_URL: `${simulator}/xendit`,
      XENDIT_MODE: 'test',
    });
    expect(environment).not.toHaveProperty('UNRELATED_TOKEN');
  });

  it('runs a durable PostgreSQL that requires a password', async () => {
    const settings = ['fsync', 'synchronous_commit', 'full_page_writes'];
    const rows = await stack.query(`select name, setting from pg_settings where name in ('${settings.join("','")}')`);
    expect(rows).toEqual(expect.arrayContaining(settings.map((name) => ({ name, setting: 'on' }))));
    const guess = new URL(stack.file().databases.pos);
    guess.password = 'postgres';
    await expect(new Client(guess.href).connect()).rejects.toThrow('password authentication failed');
  });

  it('runs a Redis that stores every write, evicts nothing, and requires a password', async () => {
    const config = await withRedis(async (redis) => [
      await redis.config('GET', 'appendonly'),
      await redis.config('GET', 'maxmemory-policy'),
      await redis.config('GET', 'bind'),
    ]);
    expect(config).toEqual([
      ['appendonly', 'yes'],
      ['maxmemory-policy', 'noeviction'],
      ['bind', '127.0.0.1'],
    ]);
    const anonymous = new Redis({ port: Number(new URL(stack.file().redis).port), lazyConnect: true, enableReadyCheck: false });
    anonymous.on('error', () => {});
    await expect(anonymous.ping()).rejects.toThrow('NOAUTH');
    anonymous.disconnect();
  });

  it('shows no password in a process list', () => {
    const { redis, databases, operator } = stack.file();
    const secrets = [new URL(redis).password, new URL(databases.pos).password, operator.password];
    for (const command of stack.family().map(commandOf)) for (const secret of secrets) expect(command).not.toContain(secret);
  });

  it('writes the logs of each service to a file, not to the terminal', () => {
    expect(readFileSync(path.join(stack.dataDir, 'logs/api-2.log'), 'utf8')).toContain('"event":"serving"');
    expect(stack.printed()).not.toContain('"event"');
  });
});

describe('a service that dies', () => {
  it('is restarted, and that is printed', async () => {
    const before = stack.file();
    const printedBefore = stack.printed().length;
    kill(before.pids.notifier[0]);
    await stack.waitForOutput(/notifier exited \(SIGKILL\), restarting in \d+ ms/, printedBefore);
    await stack.waitForOutput(/notifier restarted \(process \d+\)/, printedBefore);
    expect(stack.file().pids.notifier).toHaveLength(1);
    expect(stack.file().pids.notifier).not.toEqual(before.pids.notifier);
    expect(stack.file().metrics).toEqual(before.metrics);
    await everyServiceHealthy();
  });

  it('has its reason printed', async () => {
    const printedBefore = stack.printed().length;
    await fetch(`${stack.file().metrics.worker[0]}/crash`).catch(() => {});
    await stack.waitForOutput(/\[worker\] .*a bug in this service/, printedBefore);
    await stack.waitForOutput(/worker exited \(code 1\), restarting in \d+ ms/, printedBefore);
    await stack.waitForOutput(/worker restarted/, printedBefore);
  });
});

describe('a server that is killed', () => {
  it('Redis is restarted on the same port with every acknowledged write, and every service reconnects', async () => {
    await withRedis((redis) => redis.set('kept', 'yes'));
    const before = stack.file();
    kill(before.pids.redis[0]);
    await until(
      () => stack.file().pids.redis[0] !== undefined && stack.file().pids.redis[0] !== before.pids.redis[0],
      () => 'another Redis',
    );
    expect(await withRedis((redis) => redis.get('kept'))).toBe('yes');
    expect(stack.file().redis).toBe(before.redis);
    await everyServiceHealthy();
  });

  it('PostgreSQL is restarted with every committed row, and every service reconnects', async () => {
    await stack.query('create table if not exists kept (id int)');
    await stack.query('insert into kept values (42)');
    const before = stack.file();
    kill(before.pids.postgres[0]);
    await until(
      () => stack.file().pids.postgres[0] !== undefined && stack.file().pids.postgres[0] !== before.pids.postgres[0],
      () => 'another PostgreSQL',
    );
    expect(await eventually(() => stack.query('select id from kept'))).toEqual([{ id: 42 }]); // stack.json has the new pid before the server listens
    await everyServiceHealthy();
  });
});

describe('beside a running stack', () => {
  it('a second one on the same folder is refused, with the process id of the first', async () => {
    const second = runStackProcess({ DATA_DIR: stack.dataDir });
    expect(await second.ended).toBe(1);
    expect(second.printed()).toContain(`DATA_DIR ${stack.dataDir} is in use by another npm start (process ${stack.pid})`);
  });

  it('one whose ports are taken names each of them and starts nothing', async () => {
    const { api, simulator } = stack.file();
    const second = runStackProcess({ API_PORT: new URL(api).port, SIMULATOR_PORT: new URL(simulator).port });
    expect(await second.ended).toBe(1);
    expect(second.printed().split('\n').filter(Boolean)).toEqual([
      expect.stringMatching(`^API_PORT: port ${new URL(api).port} is taken`),
      expect.stringMatching(`^SIMULATOR_PORT: port ${new URL(simulator).port} is taken`),
    ]);
  });

  it('another one runs with its own folder and ports', async () => {
    const other = await startStackProcess({ DATA_DIR: path.join(freshFolder(), 'with a blank, and "quotes"') });
    const addresses = ({ api, simulator, redis, databases }: StackFile) =>
      [api, simulator, redis, databases.pos].map((url) => new URL(url).port);
    expect(new Set([...addresses(stack.file()), ...addresses(other.file())]).size).toBe(8);
    other.signal('SIGINT');
    expect(await other.ended).toBe(0);
    await everyServiceHealthy();
  });
});

describe('SIGTERM', () => {
  it('stops api, worker, notifier and simulator in this order, then the servers, and leaves no process', async () => {
    const family = stack.family();
    stack.signal('SIGTERM');
    stack.signal('SIGTERM'); // the terminal and npm both send it
    expect(await stack.ended).toBe(0);
    await allGone(family, 100);
    const stopped = ['api-1', 'worker', 'notifier', 'simulator'].map(stoppingAt);
    expect(stopped).toEqual([...stopped].sort());
    expect(() => stack.file()).toThrow('ENOENT');
    expect(readFileSync(path.join(stack.dataDir, 'logs/postgres.log'), 'utf8')).toMatch(/database system is shut down\n$/);
  });
});

async function everyServiceHealthy(): Promise<void> {
  const urls = Object.values(stack.file().metrics).flat();
  const healthy = async (url: string) => (await fetch(url).catch(() => null))?.status === 200;
  await until(
    async () => (await Promise.all(urls.map(healthy))).every(Boolean),
    () => 'every service to be connected',
  );
}

async function withRedis<Result>(work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(stack.file().redis);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

function stoppingAt(name: string): number {
  const lines = readFileSync(path.join(stack.dataDir, `logs/${name}.log`), 'utf8')
    .trim()
    .split('\n');
  const events = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)); // skips the stack of an earlier crash
  return events.findLast(({ event }) => event === 'stopping').at;
}
