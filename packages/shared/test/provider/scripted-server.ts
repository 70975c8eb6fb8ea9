import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { selfSignedCertificate } from './self-signed-certificate.ts';

/** A request as it was received. Header names are lower case. */
export interface ReceivedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  /** The number of its connection, from 1. */
  connection: number;
}

/** Runs when a request has arrived completely. */
export type Script = (socket: Socket, request: ReceivedRequest) => void;

export interface ScriptedServer {
  url: string;
  received: ReceivedRequest[];
  connections: number;
  /** Answers every request from now on. */
  script: Script;
  /** Called when a connection opens, before its first byte. */
  onConnection: (socket: Socket) => void;
  /** Called for every chunk of a request, before it is complete. */
  onChunk: (socket: Socket) => void;
  /** Ends every connection; for tests in which all of them wait for a request. */
  closeIdle(): Promise<void>;
  close(): Promise<void>;
}

/** A server on a real socket that answers exactly what a test scripts, well-formed or not. */
export async function startScriptedServer(options: { tls?: boolean } = {}): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => serve(socket, scripted, sockets);
  const server: Server = options.tls ? createTlsServer(selfSignedCertificate(), accept) : createServer(accept);
  if (options.tls) server.on('tlsClientError', () => {});
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const scripted: ScriptedServer = {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    connections: 0,
    script: json(200, {}),
    onConnection: () => {},
    onChunk: () => {},
    closeIdle: async () => {
      await Promise.all([...sockets].map((socket) => new Promise<void>((closed) => socket.once('close', closed).end())));
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return scripted;
}

function serve(socket: Socket, server: ScriptedServer, sockets: Set<Socket>): void {
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
    bytes = Buffer.alloc(0); // the client does not pipeline
    server.received.push(request);
    server.script(socket, request);
  });
}

function parse(bytes: Buffer, connection: number): ReceivedRequest | null {
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

export function reply(status: number, body: string | Buffer, headers: Record<string, string> = {}): Script {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`;
  return (socket) => socket.write(Buffer.concat([Buffer.from(head), Buffer.from(body)]));
}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Script =>
  reply(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });

/** The n-th script answers the n-th request; the last one answers all further requests. */
export function inSequence(...scripts: Script[]): Script {
  let next = 0;
  return (socket, request) => scripts[Math.min(next++, scripts.length - 1)]?.(socket, request);
}
