import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { compileCache } from '@gateway/testing/checkout';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { currentRun, redisCacheDir } from '@gateway/testing/database/test-run';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { type ComposeService, readComposeFile } from '@gateway/testing/stack/compose-file';
import type { ScreenEvent } from '@gateway/testing/stack/screen';
import { simulatorClientAt } from '@gateway/testing/stack/simulator-client';
import { tillAt } from '@gateway/testing/stack/till';
import { Redis } from 'ioredis';
import pg from 'pg';
import { freePort } from '../src/ports.ts';
import { launch, type RunningProcess, runToEnd } from '../src/processes/running-process.ts';
import { startWatchdog } from '../src/processes/start-watchdog.ts';
import { findRedis, redisEnvironment } from '../src/servers/find-redis.ts';

// Needs no container engine. The commands of docker-compose.yml run here with their own environment; only addresses are replaced.
const built = [
  'services/api',
  'packages/demo',
  'services/worker',
  'services/notifier',
  'packages/operations',
  'packages/ops',
  'packages/local-stack',
  'packages/simulator',
];

const services = ['simulator', 'notifier', 'worker', 'api'] as const;
const watchdog = startWatchdog();
const root = path.resolve(import.meta.dirname, '../../..');
const dockerfile = readFileSync(path.join(root, 'Dockerfile'), 'utf8');
const demo = readComposeFile('deploy/demo.env');
const containerOf = (name: string) => demo[name] as ComposeService;
const graceMsOf = (name: string) => Number.parseInt(containerOf(name).stop_grace_period ?? '', 10) * 1_000;

let database: TestDatabase;
let ports: Record<string, number>;
let redis: RunningProcess;
const running = new Map<string, RunningProcess>();

/** A text of the compose file with this machine's addresses. Port 9100 is another one for each container. */
function here(name: string, text: string): string {
  return text
    .replace('postgres://gateway:demo@postgres:5432/gateway', database.url)
    .replace('postgres://gateway_serve:demo@postgres:5432/gateway', database.serveUrl)
    .replace(/\b(?:(redis|api|simulator|127\.0\.0\.1):)?(6379|3000|3010|9100)\b/g, (_, host: string | undefined, port: string) => {
      const local = ports[port] ?? ports[`${name}:${port}`];
      return host ? `127.0.0.1:${local}` : `${local}`;
    })
    .replace(/^0\.0\.0\.0$/, '127.0.0.1');
}

const redisUrl = () => `redis://gateway:demo@127.0.0.1:${ports[6379]}`;

function environmentOf(name: string): NodeJS.ProcessEnv {
  const variables = Object.entries(containerOf(name).environment).map(([key, value]) => [key, here(name, value)]);
  return { NODE_ENV: /^ENV NODE_ENV=(\w+)$/m.exec(dockerfile)?.[1], ...Object.fromEntries(variables) };
}

/** The command of a container. It runs in the root of the checkout, which stands for /app of the image. */
function programOf(name: string): { args: string[]; options: { cwd: string; env: NodeJS.ProcessEnv; watchdog: typeof watchdog } } {
  const [program, ...args] = containerOf(name).command;
  expect(program).toBe('node');
  return { args, options: { cwd: root, env: { ...compileCache, ...environmentOf(name) }, watchdog } };
}

async function startRedis(): Promise<void> {
  const program = await findRedis({ cacheDir: redisCacheDir });
  const dir = path.join(currentRun().dir, 'containers-redis');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const args = containerOf('redis')
    .command.slice(1)
    .map((word) => word.replace('/etc/redis/users.acl', usersAcl));
  const local = ['--bind', '127.0.0.1', '--port', String(ports[6379]), '--dir', dir];
  redis = await launch(program.file, [...args, ...local], { env: redisEnvironment(program), watchdog, signal: 'SIGTERM' });
  await withRedis((client) => client.ping());
}

const usersAcl = path.join(currentRun().dir, 'containers-users.acl');
let screenUser: { user: string; password: string; channel: string; users_acl: string };

/** Writes the users' file as an operator does: the gateway's line, and below it a screen's. */
function writeUsersAcl(): void {
  const command = [path.join(root, 'packages/ops/dist/screens.js'), 'user', 'JKT-01', '--json'];
  screenUser = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }));
  writeFileSync(usersAcl, `${readFileSync(path.join(root, 'deploy/demo-users.acl'), 'utf8')}${screenUser.users_acl}\n`);
}

/** Runs what the demo mounts for the first start of PostgreSQL. */
async function initialise(url: string): Promise<void> {
  const [script = ''] =
    containerOf('postgres')
      .volumes?.find((mount) => mount.includes('initdb.d'))
      ?.split(':') ?? [];
  const client = new pg.Client(url);
  await client.connect();
  await client.query(readFileSync(path.join(root, script), 'utf8'));
  await client.end();
}

/** The events that a screen receives as its own Redis user. */
async function listen(): Promise<{ received: ScreenEvent[]; close(): void }> {
  const { user: username, password, channel } = screenUser;
  const screen = new Redis({ port: ports[6379] ?? 0, username, password, enableReadyCheck: false });
  const received: ScreenEvent[] = [];
  screen.on('message', (_channel, text: string) => received.push(JSON.parse(text)));
  await screen.subscribe(channel);
  return { received, close: () => screen.disconnect() };
}

async function withRedis<T>(work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redisUrl(), { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => {}); // the server is still starting
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

/** Runs the container's own health check. */
async function isHealthy(name: string): Promise<boolean> {
  const [how, program, ...args] = containerOf(name).healthcheck?.test ?? [];
  expect([how, program]).toEqual(['CMD', 'node']);
  return promisify(execFile)(
    process.execPath,
    args.map((text) => here(name, text)),
  ).then(
    () => true,
    () => false,
  );
}

/** The cells of the table in a document whose head starts with `head`, row by row. */
function table(page: string, head: string): string[][] {
  const lines = readFileSync(path.join(root, page), 'utf8').split('\n');
  const rows = lines.slice(lines.findIndex((line) => line.startsWith(head)));
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

beforeAll(async () => {
  execFileSync(path.join(root, 'node_modules/.bin/tsc'), ['-b', ...built], { cwd: root, stdio: 'inherit' });
  const [redisPort = 0, api = 0, simulator = 0, ...metrics] = await Promise.all(Array.from({ length: 6 }, freePort));
  ports = { 6379: redisPort, 3000: api, 3010: simulator };
  for (const [n, name] of ['notifier', 'worker', 'api'].entries()) ports[`${name}:9100`] = metrics[n] ?? 0;
  database = await freshDatabase(null);
  await initialise(database.url);
  writeUsersAcl();
  await startRedis();
});

afterAll(async () => {
  await Promise.all([...running.values(), redis].map((each) => each?.stop('SIGKILL', 0)));
  await database?.drop();
});

describe('docker-compose.yml', () => {
  it('refuses to start without a required secret', () => {
    for (const name of ['POSTGRES_PASSWORD', 'SERVE_PASSWORD', 'REDIS_PASSWORD', 'REDIS_USERS', 'PUBLIC_URL', 'LINK_SIGNING_KEY'])
      expect(() => readComposeFile('deploy/demo.env', { [name]: '' })).toThrow(new RegExp(`^${name} is missing`));
  });

  it('runs the product alone for a shop, and the demo’s program for the demo', () => {
    const secrets = {
      POSTGRES_PASSWORD: 'x',
      SERVE_PASSWORD: 'x',
      REDIS_PASSWORD: 'x',
      PUBLIC_URL: 'https://pay.example.id',
      LINK_SIGNING_KEY: 'x',
    };
    const shop = readComposeFile('deploy/shop.env', secrets);
    const shopServices = Object.entries(shop).filter(([, { profiles }]) => !profiles);
    expect(shopServices.map(([name]) => name)).toEqual(['postgres', 'redis', 'migrate', 'api', 'worker', 'notifier']);
    for (const name of ['api', 'worker']) expect(shop[name]?.environment).toMatchObject({ LOCAL_STACK: '0' });
    expect(shop.api?.command).toEqual(['node', 'services/api/dist/main.js']);
    for (const [, { image, build }] of shopServices) if (build) expect([image, build.target]).toEqual(['qris-gateway:local', 'gateway']);
    expect(Object.entries(demo).flatMap(([name, { profiles }]) => (profiles ? [name] : []))).toEqual(['simulator', 'demo-data']);
    expect(demo.api).toMatchObject({
      image: 'qris-gateway-demo:local',
      build: { target: 'demo' },
      command: ['node', 'packages/demo/dist/main.js'],
      environment: { LOCAL_STACK: '1', SIMULATOR_URL: 'http://simulator:3010' },
    });
  });

  it('has a service wait for each container that exits, because `up --wait` reports every other exit as a failure', () => {
    const waitedFor = Object.values(demo).flatMap(({ depends_on = {} }) =>
      Object.entries(depends_on).flatMap(([name, { condition }]) => (condition === 'service_completed_successfully' ? [name] : [])),
    );
    const ending = Object.entries(demo).flatMap(([name, { restart }]) => (restart === 'unless-stopped' ? [] : [name]));
    expect(new Set(waitedFor)).toEqual(new Set(ending));
  });

  it.each(['api', 'worker', 'notifier', 'migrate'])('gives %s no variable that docs/deployment.md does not explain', (name) => {
    const [columns = [], ...rows] = table('docs/deployment.md', '| variable');
    const explained = rows.filter((cells) => cells[columns.indexOf(name)] === '×').map(([names = '']) => names);
    const unexplained = Object.keys(containerOf(name).environment).filter(
      (key) => !explained.some((names) => names.includes(`\`${key}\``)),
    );
    expect(unexplained).toEqual([]);
  });

  it.each(Object.keys(demo))('%s has no privilege, a read-only root, and limits', (name) => {
    const container = containerOf(name);
    expect(container).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(container).toMatchObject({ mem_limit: expect.any(String), cpus: expect.any(Number), pids_limit: expect.any(Number) });
    expect(container.restart).toMatch(/^(unless-stopped|on-failure:3)$/);
    if (container.restart === 'unless-stopped') expect(container).toMatchObject({ stop_grace_period: expect.any(String), healthcheck: {} });
    expect(container.build ? /^USER (\w+)$/m.exec(dockerfile)?.[1] : container.user).toMatch(/^(node|999:999)$/);
    for (const port of container.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});

describe('the programs of the containers', () => {
  it('Redis keeps every acknowledged write when it is killed', async () => {
    await withRedis((client) => client.multi().set('a', '1').set('b', '2').exec());
    process.kill(redis.pid, 'SIGKILL');
    await redis.exited;
    await startRedis();
    expect(await withRedis((client) => client.mget('a', 'b'))).toEqual(['1', '2']);
  });

  it('Redis refuses a client without a user, and dangerous commands', async () => {
    const anonymous = new Redis({ port: ports[6379] ?? 0, enableReadyCheck: false, retryStrategy: () => null });
    anonymous.on('error', () => {});
    await expect(anonymous.ping()).rejects.toThrow(/NOAUTH/);
    await expect(withRedis((client) => client.flushall())).rejects.toThrow(/NOPERM/);
    anonymous.disconnect();
  });

  it('demo-data writes nothing into a database that the demo has not created', async () => {
    const shop = await freshDatabase(null);
    const { args, options } = programOf('demo-data');
    const env = { ...options.env, POS_MIGRATE_URL: shop.url };
    await expect(runToEnd(process.execPath, args, { ...options, env, withinMs: 30_000 })).rejects.toThrow(
      /POS_DATABASE_URL: the demo's containers did not create/,
    );
    const client = new pg.Client(shop.url);
    await client.connect();
    const { rows } = await client.query(
      "select nspname from pg_namespace where nspname not like 'pg\\_%' and nspname not in ('public', 'information_schema')",
    );
    await client.end();
    await shop.drop();
    expect(rows).toEqual([]);
  });

  it('migrate, demo-data and the services run, and their health checks succeed', async () => {
    for (const name of ['migrate', 'demo-data']) {
      const { args, options } = programOf(name);
      await runToEnd(process.execPath, args, { ...options, withinMs: 30_000 });
    }
    for (const name of services) {
      const { args, options } = programOf(name);
      running.set(name, await launch(process.execPath, args, { ...options, signal: 'SIGTERM' }));
    }
    for (const name of services) await eventually(() => isHealthy(name));
  }, 120_000);

  it('the api serves the demo’s pages, its browser modules and its OpenAPI document', async () => {
    const api = `http://127.0.0.1:${ports[3000]}`;
    for (const page of ['/', '/cashier']) {
      const html = await (await fetch(`${api}${page}`)).text();
      const assets = [...html.matchAll(/(?:src|href)="(\/pages\/[^"]+)"/g)].map(([, asset]) => asset);
      expect(assets.length).toBeGreaterThan(2);
      for (const asset of assets) expect([asset, (await fetch(`${api}${asset}`)).status]).toEqual([asset, 200]);
    }
    const { paths } = (await (await fetch(`${api}/openapi.json`)).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/transaction/payments', '/demo/orders']));
  });

  it('a payment is made, and a screen receives it', async () => {
    const pos = new pg.Client(database.url);
    await pos.connect();
    const order = await anOrder(pos);
    await pos.end();
    const screen = await listen();
    const till = tillAt(`http://127.0.0.1:${ports[3000]}`, 'sk_test_pos_demo');
    const { status, body } = await till.create(order);
    expect([status, body.status]).toEqual([201, 'pending']);
    await simulatorClientAt(`http://127.0.0.1:${ports[3010]}`).pay(body.transaction_id);
    const paid = await eventually(() => screen.received.find(({ type }) => type === 'order.paid'));
    expect(paid).toMatchObject({ order_id: order, payment_id: body.payment_id, amount: 55_000 });
    screen.close();
  });

  it.each(services)('%s exits with 0 within its grace period', async (name) => {
    const exit = await running.get(name)?.stop('SIGTERM', graceMsOf(name));
    expect(exit).toEqual({ code: 0, signal: null });
  });
});
