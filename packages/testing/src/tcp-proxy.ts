import net, { type AddressInfo } from 'node:net';

/** A cable between somebody and a server of this machine, for a test to pull. */
export interface TcpProxy {
  port: number;
  /** Breaks what is connected now. */
  dropConnections(): void;
  /** Breaks what is connected, and lets nobody connect. */
  disconnect(): Promise<void>;
  /** After `pull`. */
  reconnect(): Promise<void>;
}

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
      socket.on('error', () => {}); // the other end is told by the close
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
