import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { StartError } from './start-error.ts';

export interface PortRequest {
  /** The environment variable that sets this port. */
  variable: string;
  /** 0: a free port is chosen. */
  port: number;
  address: string;
}

// Free ports are below the range of outgoing connections (Linux from 32768, macOS from 49152). A port of that range could be taken by
// a connection between this check and the start of the service. Each process starts far from its neighbours, so that two rarely
// collide: a worker of the tests chooses hundreds of ports, and its neighbours have the next process ids.
const [firstFreePort, freePortCount] = [20_000, 12_000];
let offset = process.pid * 797;

/**
 * Chooses a different unused port for each request, and releases all of them again, because other processes will listen on them.
 * The check does not share ports, so a port that the processes of another stack share counts as taken.
 * @throws StartError naming every port that cannot be used
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

/** An unused port. Another process may take it first, so the caller must be ready to ask again. */
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
