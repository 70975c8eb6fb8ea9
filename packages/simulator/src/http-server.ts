import http, { type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A TLS record with the fatal alert `handshake_failure`. */
const handshakeFailure = Buffer.from([0x15, 3, 3, 0, 2, 2, 40]);
const clientHello = 0x16;

/**
 * A server that keeps idle connections open for two minutes. Closing one earlier, while a caller sends its next request on it,
 * would look like a fault. A TLS handshake is answered with a fatal alert, so that an `https://` base URL simulates a TLS failure.
 */
export function createHttpServer(handle: RequestListener): Server {
  const server = http.createServer({ keepAliveTimeout: 120_000 }, handle);
  server.on('clientError', (error: Error & { rawPacket?: Buffer }, socket) => {
    if (error.rawPacket?.[0] === clientHello) socket.end(handshakeFailure);
    else socket.destroy();
  });
  return server;
}

/** `port: 0` takes a free one. @returns the port. @throws when the port is taken */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Closes all connections at once, also those of calls that hang. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
