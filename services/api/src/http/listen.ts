import { createServer, type RequestListener, type Server } from 'node:http';
import net, { type AddressInfo, type ListenOptions as NetListenOptions, type Socket } from 'node:net';

export interface HttpServer {
  address(): ReturnType<Server['address']>;
  /** Stops accepting connections, finishes the open requests, and closes connections as they become idle. */
  stop(): Promise<void>;
}

interface ListenOptions {
  port: number;
  address: string;
  /** Several processes listen on one port, and the kernel distributes the connections. Linux only: ignored elsewhere. */
  shared: boolean;
  limits?: Partial<ConnectionLimits>;
}

interface ConnectionLimits {
  /** How long a client may take to send the head of a request. */
  headMs: number;
  /** How long it may take to send the whole request. */
  requestMs: number;
  /** How often the two are checked: a slow client lives that much longer at most. Node's own interval is 30 s. */
  checkMs: number;
  /** Of this process. A further one is closed at once. Above the event streams that one process serves. */
  maxConnections: number;
}

const defaultLimits: ConnectionLimits = { headMs: 10_000, requestMs: 30_000, checkMs: 1_000, maxConnections: 8_000 };

/**
 * Node accepts one connection of a listening socket in each iteration of its event loop. In an overload an iteration takes tens of
 * milliseconds, so with one socket a rush of a hundred connections would wait for seconds before a byte of a request is read. The kernel
 * spreads them over the sockets by chance: of 128 sockets, the fullest one gets four.
 */
const listeningSockets = process.platform === 'linux' ? 128 : 1;

export async function listen(handler: RequestListener, { port, address, shared, limits }: ListenOptions): Promise<HttpServer> {
  const { headMs, requestMs, checkMs, maxConnections } = { ...defaultLimits, ...limits };
  const timeouts = { headersTimeout: headMs, requestTimeout: requestMs, connectionsCheckingInterval: checkMs, keepAliveTimeout: 65_000 };
  const server = createServer({ ...timeouts, maxHeaderSize: 16_384 }, handler);
  server.on('connection', atMost(maxConnections));
  if (!shared) await refuseTakenPort({ port, host: address });
  const shareable = { host: address, reusePort: listeningSockets > 1 };
  await listenOn(server, { ...shareable, port });
  const { port: openPort } = server.address() as AddressInfo;
  const acceptors = Array.from({ length: listeningSockets - 1 }, () =>
    net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket)),
  );
  await Promise.all(acceptors.map((acceptor) => listenOn(acceptor, { ...shareable, port: openPort })));
  return {
    address: () => server.address(),
    stop: async () => {
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      await Promise.all([server, ...acceptors].map(closed));
      clearInterval(idle);
    },
  };
}

function atMost(maxConnections: number): (socket: Socket) => void {
  let open = 0;
  return (socket) => {
    open++;
    socket.once('close', () => open--);
    if (open > maxConnections) socket.destroy();
  };
}

/** A port that several sockets listen on could also be taken by a second process, which would then get a part of the connections. */
async function refuseTakenPort(options: NetListenOptions): Promise<void> {
  const probe = net.createServer();
  await listenOn(probe, options);
  await closed(probe);
}

const listenOn = (server: net.Server, options: NetListenOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, resolve);
  });

const closed = (server: net.Server): Promise<void> => new Promise((done) => void server.close(() => done()));
