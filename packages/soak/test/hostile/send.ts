import http from 'node:http';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { RawRequest } from './raw-requests.ts';
import type { HostileRequest } from './requests.ts';

/** What came back. `status` is null when the connection ended without an answer. */
export interface Answer {
  status: number | null;
  headers: http.IncomingHttpHeaders;
  text: string;
}

const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64 });
const noAnswer: Answer = { status: null, headers: {}, text: '' };
const enoughText = 200_000;

/** An event stream is read as far as its head. */
export function send(api: string, { method, path, headers, body }: HostileRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(api);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = http.request({ hostname, port, method, path, headers: { ...headers, ...length }, agent }, (response) => {
      const { statusCode: status = null, headers: received } = response;
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (part: string) => {
        if (text.length < enoughText) text += part;
      });
      response.once('close', () => resolve({ status, headers: received, text }));
      if (received['content-type']?.startsWith('text/event-stream')) setTimeout(() => request.destroy(), 20);
    });
    request.setTimeout(60_000, () => request.destroy());
    request.once('error', () => resolve(noAnswer)); // refused in the middle of its body, for example
    request.end(body);
  });
}

/** The status of every answer that came before the connection ended. */
export async function sendRaw(api: string, { bytes, ending }: RawRequest): Promise<{ statuses: number[]; text: string }> {
  const { hostname, port } = new URL(api);
  const socket = net.connect({ host: hostname, port: Number(port), allowHalfOpen: ending === 'half-open' });
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  socket.on('error', () => {}); // `close` follows
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(bytes);
  if (ending === 'half-open') socket.end();
  if (ending === 'cut') setTimeout(() => socket.destroy(), 5);
  for (let n = 0; ending === 'slow' && n < 3 && !socket.destroyed; n++) {
    await delay(500);
    socket.write('x');
  }
  await Promise.race([closed, delay(ending === 'half-open' || ending === 'close' ? 200 : 2_000, null, { ref: false })]);
  socket.destroy();
  const statuses = [...text.matchAll(/(?:^|\n)HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  return { statuses: statuses.filter((status) => status !== 100), text };
}

export const closeConnections = (): void => agent.destroy();
