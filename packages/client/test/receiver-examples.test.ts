import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkoutDir } from '@gateway/testing/checkout';
import { eventually } from '@gateway/testing/eventually';
import { testSecret } from '@gateway/testing/webhooks/test-secrets';
import { startWebhookFixture, type WebhookFixture } from '@gateway/testing/webhooks/webhook-fixture';
import { Webhook } from 'standardwebhooks';

const newSecret = `whsec_${Buffer.from('the secret after a rotation, 32b').toString('base64')}`;
const folder = path.join(checkoutDir, 'examples/webhooks');
const official = path.join(checkoutDir, 'packages/client/test/standard-webhooks');
const canRun = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const built = mkdtempSync(path.join(tmpdir(), 'receiver-examples-'));

/** The official library of Go needs 1.21. */
function hasGo(): boolean {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const [, minor] = /go1\.(\d+)/.exec(stdout ?? '') ?? [];
  return Number(minor) >= 21;
}

/** Without a Go module proxy: the library is where Go looked for it before there were modules. */
function buildGo(): void {
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: path.join(official, 'go'), GOCACHE: path.join(checkoutDir, '.cache/go-build') };
  const { status, stderr } = spawnSync('go', ['build', '-o', path.join(built, 'receive-go'), path.join(folder, 'receive.go')], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`receive.go cannot be built: ${stderr}`);
}

interface Example {
  file: string;
  isHere: boolean;
  /** What is missing, when it is not here. */
  needs: string;
  build?: () => void;
  command: string;
  args: (port: number) => string[];
  /** One process for each: what is signed during a rotation is accepted with the old secret and with the new one. */
  secrets: string[];
}

/** The Node example is read from standard input, so that it finds the library of this package. */
const examples: Example[] = [
  {
    file: 'receive.mjs',
    isHere: true,
    needs: 'Node',
    command: process.execPath,
    args: () => ['--input-type=module', '-'],
    secrets: [testSecret, newSecret],
  },
  {
    file: 'receive.py',
    isHere: canRun('python3', '--version'),
    needs: 'Python 3',
    command: 'python3',
    args: () => [path.join(folder, 'receive.py')],
    secrets: [testSecret, newSecret],
  },
  {
    file: 'receive.php',
    isHere: canRun('php', '--version'),
    needs: 'PHP',
    command: 'php',
    args: (port) => ['-S', `127.0.0.1:${port}`, path.join(folder, 'receive.php')],
    secrets: [testSecret, newSecret],
  },
  {
    file: 'receive.go',
    isHere: hasGo(),
    needs: 'Go 1.21 or newer',
    build: buildGo,
    command: path.join(built, 'receive-go'),
    args: () => [],
    secrets: [testSecret, newSecret],
  },
  {
    file: 'Receive.java',
    isHere: canRun('javac', '-version'),
    needs: 'a JDK',
    command: 'java',
    args: () => [path.join(folder, 'Receive.java')],
    secrets: [testSecret],
  },
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

const running: ChildProcess[] = [];
let fixture: WebhookFixture;
beforeAll(async () => {
  fixture = await startWebhookFixture();
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await fixture.reset();
});
afterAll(async () => {
  rmSync(built, { recursive: true });
  await fixture.close();
});

/** @returns its URL */
async function start({ file, command, args }: Example, secret: string): Promise<string> {
  const port = await freePort();
  const child = spawn(command, args(port), {
    cwd: path.join(checkoutDir, 'packages/client'),
    env: {
      ...process.env,
      WEBHOOK_SECRET: secret,
      PORT: String(port),
      PYTHONPATH: path.join(official, 'python'),
      PYTHONDONTWRITEBYTECODE: '1',
      COMPOSER_AUTOLOAD: path.join(official, 'php/autoload.php'),
    },
    stdio: [openSync(path.join(folder, file), 'r'), 'ignore', 'ignore'],
  });
  running.push(child);
  const url = `http://127.0.0.1:${port}/`;
  await eventually(() => fetch(url, { method: 'POST', body: '{}' }));
  return url;
}

const body = '{"seq":1,"event_id":"evt_1","type":"payment.paid","store_id":"JKT-01"}';
/** @returns the status */
async function send(url: string, signature: string, text = body): Promise<number> {
  const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': String(Math.floor(Date.now() / 1_000)), 'webhook-signature': signature };
  return (await fetch(url, { method: 'POST', body: text, headers })).status;
}

const buildAndRunMs = 180_000; // the first build of Go compiles its HTTP server

for (const { file, needs } of examples.filter(({ isHere }) => !isHere))
  process.stderr.write(`SKIPPED: the example ${file} is not run, because ${needs} is not installed\n`);

describe('the example of a receiver', () => {
  for (const example of examples)
    (example.isHere ? it : it.skip)(
      `${example.file} accepts every delivery, also during a rotation of the secret, and refuses what is not genuine`,
      async () => {
        example.build?.();
        const store = await fixture.store();
        const urls = await Promise.all(example.secrets.map((secret) => start(example, secret)));
        const ids: string[] = [];
        for (const url of urls) ids.push((await fixture.endpoint({ url })).id);
        const [before, after] = ids as [string, string | undefined];
        fixture.dispatch();
        await fixture.happen(store);
        await eventually(async () => (await fixture.cursor(before, store))?.after_seq === 1);
        // The receiver with the new secret refuses what is signed with the old one only, and gets it again after the rotation.
        if (after) await eventually(async () => (await fixture.cursor(after, store))?.tries === 1);
        await Promise.all(ids.map((id) => fixture.rotateSecret(id, newSecret)));
        await fixture.happen(store);
        for (const id of ids) await fixture.untilDelivered(id, store, 2);

        const [url = ''] = urls;
        const signed = (secret: string) => new Webhook(secret).sign('evt_1', new Date(), body);
        expect([
          await send(url, signed(testSecret)),
          await send(url, signed(testSecret), `${body} `),
          await send(url, signed(`whsec_${Buffer.from('a secret of another sender, 32 b').toString('base64')}`)),
          await send(url, 'v1'),
          (await fetch(url, { method: 'POST', body })).status,
        ]).toEqual([204, 400, 400, 400, 400]);
      },
      buildAndRunMs,
    );
});
