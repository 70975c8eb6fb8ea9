import { Pool } from 'undici';

/** Keep-alive connections to the servers of providers. Two hundred accounts at one server share them. */
export interface Connections {
  /** The connections to a server. The caller releases them once. */
  to(origin: string): { pool: Pool; release(): Promise<void> };
}

/** @param connectMs how long a connection may take to open, milliseconds */
export function createConnections({ connectMs }: { connectMs: number }): Connections {
  const shared = new Map<string, { pool: Pool; users: number }>();
  return {
    to(origin) {
      const entry = shared.get(origin) ?? { pool: openPool(origin, connectMs), users: 0 };
      shared.set(origin, entry);
      entry.users++;
      return {
        pool: entry.pool,
        release: async () => {
          entry.users--;
          if (entry.users > 0) return;
          shared.delete(origin);
          await entry.pool.destroy(); // `close` would also wait for requests that were given up while they were connecting
        },
      };
    },
  };
}

const openPool = (origin: string, connectMs: number): Pool =>
  new Pool(origin, {
    // With HTTP/2 many calls share a connection, and one reset would leave the outcome of all of them unknown.
    allowH2: false,
    pipelining: 1,
    connect: { timeout: connectMs },
    keepAliveTimeout: 4_000, // shorter than the usual 5 s of servers, so that a call rarely meets a connection that the server is closing
    headersTimeout: 0, // `CallLimits.totalMs` limits the whole call
    bodyTimeout: 0,
  });
