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
  /** Connections stay open, and new ones are accepted, but no byte passes: packets are lost on the way. */
  stall(): void;
  /** Bytes pass again after `stall`; what was sent meanwhile arrives. */
  resume(): void;
}

/** @param target the port of the server on 127.0.0.1; a function is asked for each connection */
export async function startTcpProxy(target: number | (() => number)): Promise<TcpProxy> {
  const pairs = new Set<readonly [net.Socket, net.Socket]>();
  let isStalled = false;
  const server = net.createServer((client) => {
    const upstream = net.connect(typeof target === 'number' ? target : target(), '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {}); // `close` follows, and ends the other socket
      socket.once('close', () => {
        pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
    if (!isStalled) connect(pair);
  });
  const reconnect = (port: number) => new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const dropConnections = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
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
    stall: () => {
      isStalled = true;
      for (const [client, upstream] of pairs) for (const socket of [client.unpipe(upstream), upstream.unpipe(client)]) socket.pause();
    },
    resume: () => {
      isStalled = false;
      for (const pair of pairs) connect(pair);
    },
  };
}

function connect([client, upstream]: readonly [net.Socket, net.Socket]): void {
  client.pipe(upstream);
  upstream.pipe(client);
}
