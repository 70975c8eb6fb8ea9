import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { StartError } from './start-error.ts';

export interface PortRequest {
  /** What a person sets to change it. */
  variable: string;
  /** 0 takes a free one. */
  port: number;
  address: string;
}

// Below those that systems give to outgoing connections (Linux from 32768, macOS from 49152): any of these might take a port of
// that kind in the moment between our letting it go and its service's listening. Each process begins at a place of its own.
const [firstFreePort, freePortCount] = [20_000, 12_000];
let offset = process.pid * 16;

/**
 * Ports that nobody listens on, each another one. They are let go of again: those who will listen are other processes.
 * Looked at without sharing, so that a port which another stack's processes share counts as taken.
 * @throws CannotStart naming every one that cannot be had.
 */
export async function choosePorts(requests: readonly PortRequest[]): Promise<number[]> {
  const servers: Server[] = [];
  const problems: string[] = [];
  const ports: number[] = [];
  for (const request of requests) {
    try {
      const { server, port } = await listen(request);
      servers.push(server);
      ports.push(port);
    } catch (error) {
      problems.push(problemOf(error as NodeJS.ErrnoException, request));
    }
  }
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  if (problems.length > 0) throw new StartError(problems.join('\n'));
  return ports;
}

/** Somebody may be faster, so whoever uses it must be ready to ask again. */
export async function freePort(): Promise<number> {
  const [port = 0] = await choosePorts([{ variable: 'port', port: 0, address: '127.0.0.1' }]);
  return port;
}

async function listen({ port, address }: PortRequest): Promise<{ server: Server; port: number }> {
  if (port > 0) return { server: await listenOn(port, address), port };
  for (let tries = 0; ; tries++) {
    const free = firstFreePort + (offset++ % freePortCount);
    try {
      return { server: await listenOn(free, address), port: free };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === freePortCount) throw error;
    }
  }
}

async function listenOn(port: number, address: string): Promise<Server> {
  const server = createServer().listen({ port, host: address });
  await once(server, 'listening');
  return server;
}

function problemOf({ code, message }: NodeJS.ErrnoException, { variable, port, address }: PortRequest): string {
  switch (code) {
    case 'EADDRINUSE':
      return `${variable}: port ${port} is taken. Stop what listens there, or set ${variable} to another port (0 takes a free one).`;
    case 'EACCES':
      return `${variable}: this user may not listen on port ${port}. Set ${variable} to one above 1023 (0 takes a free one).`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST: ${address} is not an address of this machine.`;
    default:
      return `${variable}: cannot listen on port ${port}: ${message}`;
  }
}
