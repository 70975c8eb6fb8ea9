import net, { type AddressInfo } from 'node:net';
import { setTimeout as delay, setImmediate as oneIteration } from 'node:timers/promises';
import { eventually } from '@gateway/testing/eventually';
import { type HttpServer, listen } from './listen.ts';

let server: HttpServer;
beforeAll(async () => {
  const limits = { headMs: 300, requestMs: 600, checkMs: 50, maxConnections: 3 };
  const echo: Parameters<typeof listen>[0] = (req, res) => void req.resume().on('end', () => res.end('done'));
  server = await listen(echo, { port: 0, address: '127.0.0.1', shared: false, limits });
});
afterAll(() => server.stop());

/** Sends a byte now and then, and records what comes back. */
async function sendSlowly(head: string): Promise<string> {
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(head));
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  socket.on('error', () => {}); // a reset counts as closed
  for (let sent = 0; !socket.destroyed && sent < 200; sent++) {
    await delay(50);
    if (socket.writable) socket.write('a');
  }
  return socket.destroyed ? received : 'still connected';
}

it.each([
  ['head', 'GET / HTTP/1.1\r\nhost: a\r\nx-slow: '],
  ['body', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n'],
])('a client that sends its %s slowly is disconnected when its time is over, not at a later round of checks', async (_part, head) => {
  expect(await sendSlowly(head)).toMatch(/^HTTP\/1.1 408/);
});

it('a process has a limited number of connections: a further one is closed, and served again when others have left', async () => {
  const port = (server.address() as AddressInfo).port;
  const open = Array.from({ length: 3 }, () => net.connect(port, '127.0.0.1'));
  await Promise.all(open.map((socket) => new Promise((connected) => socket.once('connect', connected))));
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  for (const socket of open) socket.destroy();
  await eventually(async () => (await fetch(`http://127.0.0.1:${port}/`)).ok);
});

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux('a rush of new connections is not accepted one by one: each iteration of a busy event loop takes many', async () => {
  let answered = 0;
  const roomy = await listen((_req, res) => void res.end(() => answered++), { port: 0, address: '127.0.0.1', shared: false });
  const rush = Array.from({ length: 100 }, () => net.connect((roomy.address() as AddressInfo).port, '127.0.0.1'));
  for (const socket of rush) socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  let iterations = 0;
  for (; answered < rush.length; iterations++) await oneIteration();
  expect(iterations).toBeLessThan(20); // one by one it takes more than a hundred
  await roomy.stop();
});

it('a port is taken by one process, unless both share it', async () => {
  const { port } = server.address() as AddressInfo;
  const second = (options: { port: number; shared: boolean }) =>
    listen((_req, res) => void res.end(), { address: '127.0.0.1', ...options });
  await expect(second({ port, shared: false })).rejects.toThrow('EADDRINUSE');
  const shared = await second({ port: 0, shared: true });
  const { port: sharedPort } = shared.address() as AddressInfo;
  if (process.platform === 'linux') await (await second({ port: sharedPort, shared: true })).stop();
  await shared.stop();
  await expect(fetch(`http://127.0.0.1:${sharedPort}/`)).rejects.toThrow();
});
