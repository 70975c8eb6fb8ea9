import { createServer } from 'node:net';
import { createNetworkRule, type Resolve, systemClock } from '@gateway/shared/runtime';
import { type Receiver, startReceiver } from '@gateway/testing/webhooks/receiver';
import { createWebhookSender, type WebhookSender } from './send-webhook.ts';

const senders: WebhookSender[] = [];
const senderWith = (resolve: Resolve, allowedNetworks: string[] = []) => {
  const sender = createWebhookSender(createNetworkRule({ allowedNetworks, isLocalStack: false, resolve }), systemClock, { limitMs: 3_000 });
  senders.push(sender);
  return sender;
};
const send = (sender: WebhookSender, url: string) => sender.send({ url, headers: {}, body: '{}' }, new AbortController().signal);

/** What listens on this machine, on IPv4 and IPv6. Nothing may reach it, by no spelling. */
let target: Receiver;
let target6: Receiver | null;
beforeAll(async () => {
  target = await startReceiver();
  target6 = await startReceiver(undefined, '::1').catch(() => null); // a machine without IPv6
});
afterEach(() => {
  expect([target.received, target6?.received ?? []]).toEqual([[], []]);
});
afterAll(async () => {
  await Promise.all(senders.map((sender) => sender.close()));
  await Promise.all([target.close(), target6?.close()]);
});

describe('the sender of webhooks', () => {
  it.each([
    'https://127.0.0.1:PORT/',
    'https://127.1:PORT/',
    'https://0x7f.1:PORT/',
    'https://2130706433:PORT/',
    'https://0177.0.0.1:PORT/',
    'https://0:PORT/',
    'https://0.0.0.0:PORT/',
    'https://[::1]:PORT/',
    'https://[::]:PORT/',
    'https://[::ffff:127.0.0.1]:PORT/',
    'https://localhost:PORT/',
    'http://127.0.0.1:PORT/',
    'http://localhost:PORT/',
    'https://user:password@127.0.0.1:PORT/',
  ])('does not connect to %s', async (url) => {
    const connections: unknown[] = [];
    const listener = createServer((socket) => {
      connections.push(socket);
      socket.destroy();
    });
    await new Promise<void>((listening) =>
      listener.listen(0, '::', listening).once('error', () => listener.listen(0, '127.0.0.1', listening)),
    );
    const { port } = listener.address() as { port: number };
    const answer = await send(
      senderWith(async () => ['127.0.0.1']),
      url.replace('PORT', String(port)),
    );
    expect([answer.statusCode, answer.error, connections]).toEqual([null, expect.stringMatching(/^the URL must/), []]);
    await new Promise((closed) => listener.close(closed));
  });

  it.each([
    ['leads to this machine', ['127.0.0.1']],
    ['leads to a public address and to this machine', ['93.184.216.34', '127.0.0.1']],
    ['leads to this machine by a mapped address', ['::ffff:127.0.0.1']],
  ])('does not connect when the name %s', async (_what, addresses) => {
    const answer = await send(
      senderWith(async () => addresses),
      `https://hook.example.id:${target.port}/`,
    );
    expect(answer.error).toMatch(/^the URL must be an address of the public internet/);
  });

  it('checks the address of each connection anew: a name that changes after the registration is refused', async () => {
    const own = await startReceiver();
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    let asked = 0;
    const sender = senderWith(async () => answers[Math.min(asked++, 1)] as string[], ['127.0.0.1/32']);
    const url = `http://hook.example.id:${own.port}/`;
    expect((await send(sender, url)).statusCode).toBe(204);
    await own.close(); // the next delivery needs a new connection
    expect((await send(sender, url)).error).toMatch(/^(the URL must be an address|connection failed)/);
    expect((await send(sender, url)).error).toMatch(/^the URL must be an address/);
  });

  it('does not follow a redirect to this machine', async () => {
    const redirecting = await startReceiver((_webhook, answer) => void answer.writeHead(307, { location: target.url }).end());
    const answer = await send(
      senderWith(async () => [], ['127.0.0.1/32']),
      redirecting.url,
    );
    expect(answer).toEqual({ statusCode: 307, error: 'answered 307', retryAfterMs: null });
    await redirecting.close();
  });

  it('says how it failed without showing what the network answered', async () => {
    const closed = await startReceiver();
    await closed.close();
    expect(
      (
        await send(
          senderWith(async () => [], ['127.0.0.1/32']),
          closed.url,
        )
      ).error,
    ).toBe('connection failed (ECONNREFUSED)');
  });
});
