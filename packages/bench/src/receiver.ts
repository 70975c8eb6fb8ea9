import { type AddressInfo, createServer } from 'node:net';
import { monotonicMs } from './monotonic.ts';

/**
 * The servers of the endpoints' owners. In a shop they are elsewhere, so this program does as little as it can: it reads no more of a
 * request than its length and its `webhook-id`, and answers 204. It sends the arrivals to the process that started it.
 */
const arrivals: [id: string, at: number][] = [];
const reportEveryMs = 100;

const server = createServer((socket) => {
  let received = '';
  socket.on('error', () => {});
  socket.setNoDelay(true);
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
    for (;;) {
      const headEnd = received.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = received.slice(0, headEnd);
      const end = headEnd + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (received.length < end) return;
      received = received.slice(end);
      arrivals.push([/webhook-id: (\S+)/i.exec(head)?.[1] ?? '', monotonicMs()]);
      socket.write('HTTP/1.1 204 No Content\r\n\r\n');
    }
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ ready: true, port: (server.address() as AddressInfo).port }));
setInterval(() => arrivals.length > 0 && process.send?.(arrivals.splice(0)), reportEveryMs);
process.once('disconnect', () => process.exit());
