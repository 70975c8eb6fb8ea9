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
  /** The server neither answered to the end nor ended the connection. */
  isSilent: boolean;
}

export interface RawAnswer extends Pick<Answer, 'text' | 'isSilent'> {
  statuses: number[];
}

/** Four times as long as the api lets a client take for a request. So a slow answer of a busy machine is no silence. */
const silentAfterMs = 120_000;

const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: silentAfterMs });
const enoughText = 200_000;

/** An event stream is read as far as its head. */
export function send({ hostname, port }: URL, { method, path, headers, body }: HostileRequest): Promise<Answer> {
  return new Promise((resolve) => {
    let isSilent = false;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = http.request({ hostname, port, method, path, headers: { ...headers, ...length }, agent }, (response) => {
      const { statusCode: status = null, headers: received } = response;
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (part: string) => {
        if (text.length < enoughText) text += part;
      });
      response.once('close', () => resolve({ status, headers: received, text, isSilent }));
      if (received['content-type']?.startsWith('text/event-stream')) setTimeout(() => request.destroy(), 20);
    });
    request.once('timeout', () => {
      isSilent = true;
      request.destroy();
    });
    request.once('error', () => resolve({ status: null, headers: {}, text: '', isSilent })); // refused in the middle of its body, for example
    request.end(body);
  });
}

/** A second answer, to what is hidden behind a request, comes at once after the first one. */
const secondAnswerMs = 500;

/** The status of every answer that came before the connection ended. */
export async function sendRaw({ hostname, port }: URL, { bytes, ending }: RawRequest): Promise<RawAnswer> {
  const socket = net.connect({ host: hostname, port: Number(port), allowHalfOpen: ending === 'half-open' });
  let text = '';
  let isSilent = false;
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  socket.on('error', () => {}); // `close` follows
  socket.setTimeout(silentAfterMs, () => {
    isSilent = text === '';
    socket.destroy();
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const answered = new Promise<void>((resolve) => socket.once('data', () => setTimeout(resolve, secondAnswerMs)));
  socket.write(bytes);
  if (ending === 'half-open') socket.end();
  if (ending === 'cut') setTimeout(() => socket.destroy(), 5);
  for (let n = 0; ending === 'slow' && n < 3 && !socket.destroyed; n++) {
    await delay(500);
    socket.write('x');
  }
  await Promise.race([closed, answered, ...(ending === 'slow' ? [delay(2_000, undefined, { ref: false })] : [])]); // the api waits for a body for longer
  socket.destroy();
  const statuses = [...text.matchAll(/(?:^|\n)HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  return { statuses: statuses.filter((status) => status !== 100), text, isSilent };
}

export const closeConnections = (): void => agent.destroy();
