import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { connectRedis } from '@gateway/shared/queue';
import { clients } from '@gateway/shared/store';
import { compileCache } from '@gateway/testing/checkout';
import { freshDatabase, type TestDatabase, testRedisUrl } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { appendEvents, aStoreOf, runRelay } from '@gateway/testing/relay/event-fixtures';

/** `npm run soak:many-screens -- --screens …` */
const screens = Number(process.env.SOAK_SCREENS ?? 200);
const storeCount = Math.max(10, screens / 20); // a screen shares its store with nineteen others
const maxMegabytes = 300; // one api process with two thousand screens must stay below
jest.setTimeout(60_000 + screens * 60);

const root = path.resolve(import.meta.dirname, '../../..');
let database: TestDatabase;
let db: Database;
let redis: ReturnType<typeof connectRedis>;
let api: ChildProcess;
let port: number;
let storeIds: string[];
const sockets: net.Socket[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
  redis = connectRedis(testRedisUrl(), { name: 'test' });
  storeIds = await Promise.all(Array.from({ length: storeCount }, (_, n) => aStoreOf(db, 'bakmi', `MANY-${n}`)));
  api = fork(path.join(root, 'services/api/src/main.ts'), {
    cwd: root,
    execArgv: ['--conditions=source'],
    env: {
      ...compileCache,
      POS_DATABASE_URL: database.serveUrl,
      REDIS_URL: testRedisUrl(),
      PUBLIC_URL: 'http://gateway.test',
      LINK_SIGNING_KEY: 'a signing key of tests, long enough',
      API_PORT: '0',
      METRICS_PORT: '0',
      LOG_LEVEL: 'silent',
      ...providers,
    },
  });
  ({ port } = await new Promise<{ port: number }>((ready) => api.once('message', ready as () => void)));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  api?.kill('SIGKILL');
  redis?.disconnect();
  await db?.close();
  await database?.drop();
});

const providers = {
  MIDTRANS_MODE: 'test',
  XENDIT_MODE: 'test',
  MIDTRANS_BASE_URL: 'http://127.0.0.1:9',
  MIDTRANS_SERVER_KEY: 'unused',
  XENDIT_BASE_URL: 'http://127.0.0.1:9',
  XENDIT_SECRET_KEY: 'unused',
  XENDIT_CALLBACK_TOKEN: 'unused',
};

/** The resident memory of the api process. */
const megabytes = (): number => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(api.pid)], { encoding: 'utf8' })) / 1024;

interface ReceivedCounts {
  live: number;
  events: number;
  closed: number;
}

async function keyOf(name: string): Promise<{ id: string; secret: string }> {
  return clients.create(db.knex, { name, host: 'pos', tenant: 'bakmi', stores: null, scopes: ['events'] }, new Date());
}

/** Opens streams, a hundred at a time. Plain sockets cost this process little, so that it does not slow down the api. */
async function openStreams(
  count: number,
  key: string,
  storeOf: (n: number) => string,
): Promise<{ received: ReceivedCounts; opened: net.Socket[] }> {
  const received: ReceivedCounts = { live: 0, events: 0, closed: 0 };
  const opened: net.Socket[] = [];
  for (let n = 0; n < count; n++) {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request(storeOf(n), key)));
    socket.setEncoding('latin1').on('data', (text: string) => {
      received.live += text.split(': live\n').length - 1;
      received.events += text.split('\nid: ').length - 1;
    });
    socket.on('error', () => {}); // counted as closed below
    socket.once('close', () => {
      received.closed += 1;
    });
    opened.push(socket);
    if (n % 100 === 99) await eventually(() => received.live === n + 1);
  }
  sockets.push(...opened);
  await eventually(() => received.live === count);
  return { received, opened };
}

const request = (storeId: string, key: string): string =>
  `GET /stores/${storeId}/events HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${key}\r\n\r\n`;

async function publishEvents(storeId: string, count: number, data = {}): Promise<void> {
  await appendEvents(db, storeId, { count, data });
  await runRelay(db, redis);
}

describe('one api process', () => {
  it(`serves ${screens} screens within its memory limit, and each one receives the events of its store`, async () => {
    const { secret } = await keyOf('screens');
    await eventually(() => isKnown(secret));
    const before = megabytes();
    const startedAt = performance.now();
    const { received, opened } = await openStreams(screens, secret, (n) => storeIds[n % storeCount] as string);
    const openedMs = performance.now() - startedAt;
    const open = megabytes();
    for (const storeId of storeIds) await publishEvents(storeId, 10);
    await eventually(() => received.events === screens * 10, 60_000);
    const after = megabytes();
    expect(received.closed).toBe(0);
    report({ before, open, after, openedMs });
    expect(after).toBeLessThan(screens < 2_000 ? before + 60 : maxMegabytes); // with few screens, uncollected garbage outweighs what they need
    for (const socket of opened) socket.destroy();
  });

  it('buffers little for screens that do not read, however many events their store has', async () => {
    const { secret } = await keyOf('slow screens');
    await eventually(() => isKnown(secret));
    const [storeId = ''] = storeIds;
    const { opened } = await openStreams(40, secret, () => storeId);
    const before = megabytes();
    for (const socket of opened) socket.pause();
    for (let round = 0; round < 20; round++) await publishEvents(storeId, 20, { note: 'x'.repeat(50_000) }); // 800 MB for all of them, of which the kernel buffers a part
    const witness = await openStreams(1, secret, () => storeId);
    await eventually(() => witness.received.events >= 400);
    const after = megabytes();
    for (const socket of [...opened, ...witness.opened]) socket.destroy();
    print(`40 screens that do not read, 20 MB of events for each: ${mb(before)} before, ${mb(after)} after`);
    expect(after - before).toBeLessThan(200);
  });

  it('ends the streams of a revoked key within 20 s, and no other stream', async () => {
    const [stays, goes] = [await keyOf('stays'), await keyOf('goes')];
    await eventually(async () => (await isKnown(stays.secret)) && isKnown(goes.secret));
    const others = await openStreams(5, stays.secret, () => storeIds[1] as string);
    const revoked = await openStreams(5, goes.secret, () => storeIds[1] as string);
    await clients.revoke(db.knex, goes.id, new Date());
    const startedAt = performance.now();
    await eventually(() => revoked.received.closed === 5);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(others.received.closed).toBe(0);
  });
});

async function isKnown(secret: string): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/stores/${storeIds[0]}/snapshot`, { headers: { authorization: `Bearer ${secret}` } });
  await answer.arrayBuffer();
  return answer.status === 200;
}

function report({ before, open, after, openedMs }: Record<'before' | 'open' | 'after' | 'openedMs', number>): void {
  const each = ((after - before) * 1024) / screens;
  print(`${screens} screens in ${storeCount} stores: ${mb(before)} before, ${mb(open)} when open, after ${openedMs.toFixed(0)} ms`);
  print(`each received 10 events: ${mb(after)}, which is ${each.toFixed(0)} kB for each`);
}

const mb = (figure: number): string => `${figure.toFixed(0)} MB`;
const print = (sentence: string): void => void (process.env.SOAK_SCREENS && process.stderr.write(`${sentence}\n`));
