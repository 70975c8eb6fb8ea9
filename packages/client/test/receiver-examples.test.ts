import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { checkoutDir } from '@gateway/testing/checkout';
import { eventually } from '@gateway/testing/eventually';
import { testSecret } from '@gateway/testing/webhooks/test-secrets';
import { Webhook } from 'standardwebhooks';

const folder = path.join(checkoutDir, 'examples/webhooks');
const canRun = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** The Node example is read from standard input, so that it finds the library of this package. */
const examples: { file: string; command: string; args: string[]; isHere: boolean }[] = [
  { file: 'receive.mjs', command: process.execPath, args: ['--input-type=module', '-'], isHere: true },
  {
    file: 'receive.py',
    command: 'python3',
    args: [path.join(folder, 'receive.py')],
    isHere: canRun('python3', '-c', 'import standardwebhooks'),
  },
  { file: 'Receive.java', command: 'java', args: [path.join(folder, 'Receive.java')], isHere: canRun('javac', '-version') },
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

let running: ChildProcess | null = null;
afterEach(() => running?.kill('SIGKILL'));

describe('the example of a receiver', () => {
  for (const { file, command, args, isHere } of examples)
    (isHere ? it : it.skip)(`${file} accepts what is signed, also with two secrets, and refuses what was changed`, async () => {
      const port = await freePort();
      running = spawn(command, args, {
        cwd: path.join(checkoutDir, 'packages/client'),
        env: { ...process.env, WEBHOOK_SECRET: testSecret, PORT: String(port) },
        stdio: [openSync(path.join(folder, file), 'r'), 'ignore', 'ignore'],
      });
      const body = '{"seq":1,"event_id":"evt_1","type":"payment.paid","store_id":"JKT-01"}';
      const now = new Date();
      const another = new Webhook(`whsec_${Buffer.from('the secret before the rotation!!').toString('base64')}`);
      const signatures = [another, new Webhook(testSecret)].map((each) => each.sign('evt_1', now, body));
      const send = async (text: string, signature: string) =>
        (
          await fetch(`http://127.0.0.1:${port}/`, {
            method: 'POST',
            body: text,
            headers: {
              'webhook-id': 'evt_1',
              'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
              'webhook-signature': signature,
            },
          })
        ).status;
      await eventually(() => send(body, signatures[1] ?? ''), 40_000);
      expect([
        await send(body, signatures.join(' ')),
        await send(`${body} `, signatures[1] ?? ''),
        await send(body, signatures[0] ?? ''),
      ]).toEqual([204, 400, 400]);
    });
});
