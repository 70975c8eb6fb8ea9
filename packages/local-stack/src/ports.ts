import { createServer } from 'node:net';

/** Tries to listen. @returns the port, or why not: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
export async function tryPort(port: number, address: string): Promise<number | string> {
  const server = createServer();
  return new Promise((tried) => {
    server.once('error', (error: NodeJS.ErrnoException) => tried(error.code ?? error.message));
    server.listen({ port, host: address, exclusive: true }, () => {
      const bound = server.address();
      server.close(() => tried(bound && typeof bound === 'object' ? bound.port : port));
    });
  });
}

/** A port nobody listens on at this moment. Somebody may be faster, so whoever uses it must be ready to ask again. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const port = await tryPort(0, address);
  if (typeof port === 'number') return port;
  throw new Error(`no free port on ${address}: ${port}`);
}
