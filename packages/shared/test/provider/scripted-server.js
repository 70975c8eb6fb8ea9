import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { selfSignedCertificate } from './self-signed-certificate.js';
/** A server on a real socket that does exactly what a test tells it, well-formed or not. */
export async function startScriptedServer(options = {}) {
  const sockets = new Set();
  const accept = (socket) => serve(socket, scripted, sockets);
  const server = options.tls ? createTlsServer(selfSignedCertificate(), accept) : createServer(accept);
  if (options.tls) server.on('tlsClientError', () => {});
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const scripted = {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${server.address().port}`,
    received: [],
    connections: 0,
    script: json(200, {}),
    onConnection: () => {},
    onChunk: () => {},
    closeIdle: async () => {
      await Promise.all([...sockets].map((socket) => new Promise((closed) => socket.once('close', closed).end())));
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return scripted;
}
function serve(socket, server, sockets) {
  const connection = ++server.connections;
  let bytes = Buffer.alloc(0);
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  server.onConnection(socket);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    server.onChunk(socket);
    const request = parse(bytes, connection);
    if (!request) return;
    bytes = Buffer.alloc(0); // the client never pipelines
    server.received.push(request);
    server.script(socket, request);
  });
}
function parse(bytes, connection) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = bytes.subarray(end + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return null;
  const [method = '', path = ''] = first.split(' ');
  return { method, path, headers, body: body.toString('utf8'), connection };
}
export function reply(status, body, headers = {}) {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`;
  return (socket) => socket.write(Buffer.concat([Buffer.from(head), Buffer.from(body)]));
}
export const json = (status, body, headers = {}) => reply(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
/** The n-th request gets the n-th script; the last one stays. */
export function inSequence(...scripts) {
  let next = 0;
  return (socket, request) => scripts[Math.min(next++, scripts.length - 1)]?.(socket, request);
}
//# sourceMappingURL=scripted-server.js.map
