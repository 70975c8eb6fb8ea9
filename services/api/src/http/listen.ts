import { createServer, type RequestListener, type Server } from 'node:http';

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

export async function listen(handler: RequestListener, { port, address, shared, limits }: ListenOptions): Promise<HttpServer> {
  const { headMs, requestMs, checkMs, maxConnections } = { ...defaultLimits, ...limits };
  const timeouts = { headersTimeout: headMs, requestTimeout: requestMs, connectionsCheckingInterval: checkMs, keepAliveTimeout: 65_000 };
  const server = createServer({ ...timeouts, maxHeaderSize: 16_384 }, handler);
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: address, reusePort: shared && process.platform === 'linux' }, resolve);
  });
  return {
    address: () => server.address(),
    stop: async () => {
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      await new Promise<void>((closed) => server.close(() => closed()));
      clearInterval(idle);
    },
  };
}
