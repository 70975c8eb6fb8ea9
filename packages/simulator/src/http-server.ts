import http, { type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A TLS record with the fatal alert `handshake_failure`. */
const handshakeFailure = Buffer.from([0x15, 3, 3, 0, 2, 2, 40]);
const clientHello = 0x16;

/**
 * A server for callers that keep their connections: it is never the first to let go of an idle one, which would look like a
 * fault nobody asked for. To a caller that speaks TLS it answers as a broken TLS peer does: `https://` is the TLS fault.
 */
export function createHttpServer(handle: RequestListener): Server {
  const server = http.createServer({ keepAliveTimeout: 120_000 }, handle);
  server.on('clientError', (error: Error & { rawPacket?: Buffer }, socket) => {
    if (error.rawPacket?.[0] === clientHello) socket.end(handshakeFailure);
    else socket.destroy();
  });
  return server;
}

/** @returns the port, which is a free one when 0 was asked for. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Lets go at once, also of calls that hang. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
