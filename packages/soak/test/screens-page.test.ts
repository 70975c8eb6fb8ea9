import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { checkoutDir } from '@gateway/testing/checkout';
import { testRedisUrl } from '@gateway/testing/database/servers';
import { currentRun } from '@gateway/testing/database/test-run';
import { eventually } from '@gateway/testing/eventually';
import { appendEvents, aStoreOf, runRelay } from '@gateway/testing/relay/event-fixtures';

// Developers copy the programs in docs/screens.md, so this test runs them exactly as the page shows them.
const page = readFileSync(path.join(checkoutDir, 'docs/screens.md'), 'utf8');
const [subscriberCode = '', browserCode = ''] = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
const [setUser = ''] = /^ACL SETUSER .*$/m.exec(page) ?? [];

const timeoutMs = 15_000; // a program starts in milliseconds, but later while other tests run

let api: ApiHarness;
let store: string;
const programs: ChildProcess[] = [];

beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());
beforeEach(async () => {
  store = await aStoreOf(api.db, api.tenant, `JKT-${Math.random().toString(36).slice(2, 10)}`);
});
afterEach(() => {
  for (const program of programs.splice(0)) program.kill('SIGKILL');
});

interface Kitchen {
  /** The sequence numbers of the tickets, in the order of printing. */
  tickets: number[];
  folder: string;
  start(): ChildProcess;
}

/** Writes a program into its own folder. It prints one line for each ticket. */
function kitchen(name: string, code: string, { env = {}, options = [] }: { env?: NodeJS.ProcessEnv; options?: string[] }): Kitchen {
  const folder = path.join(currentRun().dir, `${name}-${store}`);
  mkdirSync(folder);
  const file = path.join(folder, `${name}.mjs`);
  writeFileSync(file, code);
  const tickets: number[] = [];
  return {
    tickets,
    folder,
    start: () => {
      const program = spawn(process.execPath, [...options, file], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
      createInterface({ input: program.stdout }).on('line', (line) => tickets.push(JSON.parse(line).seq));
      programs.push(program);
      return program;
    },
  };
}

/** Publishes `order.paid` events. */
async function paid(count: number): Promise<void> {
  await appendEvents(api.db, store, { count, type: 'order.paid', data: { items: [], release: 1 } });
  await runRelay(api.db, api.redis);
}
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('docs/screens.md', () => {
  it('the subscriber in Node prints every ticket once, over a lost connection and a kill -9, as a Redis user who can only subscribe', async () => {
    const user = `screen-${store}`;
    const [command = '', ...args] = setUser.replaceAll('JKT-01', store).replace('PASSWORD', 'secret').split(' ');
    await api.redis.call(command, ...args);
    const url = Object.assign(new URL(testRedisUrl()), { username: user, password: 'secret' });
    const env = { GATEWAY: api.url, KEY: api.key, STORE: store, REDIS: url.href };
    const { tickets, folder, start } = kitchen('subscriber', subscriberCode, { env });
    const isSubscribed = async () => (await api.redis.pubsub('NUMSUB', `order:channel:${store}`))[1] === 1;

    await paid(1);
    const program = start();
    await eventually(() => tickets.length === 1, timeoutMs);
    await paid(2);
    await eventually(() => tickets.length === 3, timeoutMs);

    await api.redis.client('KILL', 'USER', user);
    await paid(2);
    await eventually(() => tickets.length === 5, timeoutMs);

    await eventually(() => readFileSync(path.join(folder, `${store}.seq`), 'utf8') === '5'); // if it is killed before, it prints the fifth ticket again
    program.kill('SIGKILL');
    await eventually(async () => !(await isSubscribed()));
    await paid(2);
    start();
    await eventually(() => tickets.length === 7, timeoutMs);
    await api.redis.call('ACL', 'DELUSER', user);
    expect(tickets).toEqual(upTo(7));
  });

  it('the page in a browser prints every ticket once, over a restart of the gateway', async () => {
    const shopServer = await aShopServer();
    const code = `const show = (event) => console.log(JSON.stringify(event));\n${browserCode}`
      .replace('https://pay.example.id/stores/JKT-01', `${api.url}/stores/${store}`)
      .replace('https://shop.example.id', shopServer.url);
    const { tickets, start } = kitchen('page', code, { options: ['--experimental-eventsource', '--disable-warning=UNDICI-ES'] });

    await paid(1);
    start();
    await eventually(() => tickets.length === 1, timeoutMs);
    await paid(2);
    await eventually(() => tickets.length === 3, timeoutMs);

    await api.restart();
    await paid(2);
    await eventually(() => tickets.length === 5, timeoutMs);

    // Offline for longer than events are kept: the page shows the snapshot, then the events after it.
    await api.db.pool.query({ text: 'update gateway.stores set last_seq = 50, replay_from = 51 where store_id = $1', values: [store] });
    await eventually(async () => (await api.metric('gateway_event_streams')) === 1 && shopServer.requestCount() >= 3);
    await paid(1);
    await eventually(() => tickets.at(-1) === 51, timeoutMs);
    expect(tickets).toEqual([...upTo(5), ...upTo(5), 51]);
    await shopServer.close();
  });
});

/** The shop's own server: it holds the API key, and issues stream tokens to its pages. */
async function aShopServer(): Promise<{ url: string; requestCount(): number; close(): Promise<void> }> {
  let requestCount = 0;
  const server = http.createServer(async (_req, res) => {
    requestCount += 1;
    const headers = { authorization: `Bearer ${api.key}` };
    const response = await fetch(`${api.url}/stores/${store}/stream-token`, { method: 'POST', headers }).catch(() => null);
    res.writeHead(response?.status ?? 503, { 'content-type': 'application/json' }).end(await response?.text());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requestCount: () => requestCount,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
