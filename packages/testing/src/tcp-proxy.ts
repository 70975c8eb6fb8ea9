import net, { type AddressInfo } from 'node:net';

/** A TCP proxy in front of a local server, whose connections a test can break. */
export interface TcpProxy {
  port: number;
  /** Breaks the open connections. New ones are accepted. */
  dropConnections(): void;
  /** Breaks the open connections and refuses new ones. */
  disconnect(): Promise<void>;
  /** Accepts connections again after `disconnect`, on the same port. */
  reconnect(): Promise<void>;
}

/** @param toPort the port of the server on 127.0.0.1 */
export async function startTcpProxy(toPort: number): Promise<TcpProxy> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const upstream = net.connect(toPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {}); // `close` follows, and ends the other socket
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  const reconnect = (port: number) => new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const dropConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  await reconnect(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    dropConnections,
    disconnect: () =>
      new Promise((closed) => {
        server.close(() => closed());
        dropConnections();
      }),
    reconnect: () => reconnect(port),
  };
}
