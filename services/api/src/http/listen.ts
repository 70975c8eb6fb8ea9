import { createServer, type RequestListener, type Server } from 'node:http';

export interface HttpServer {
  address(): ReturnType<Server['address']>;
  /** Stops accepting connections, finishes the open requests, and closes connections as they become idle. */
  stop(): Promise<void>;
}

/** @param shared several processes listen on one port, and the kernel distributes the connections. Linux only: ignored elsewhere */
export async function listen(
  handler: RequestListener,
  { port, address, shared }: { port: number; address: string; shared: boolean },
): Promise<HttpServer> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 }, handler);
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
