import { type Redis, SentinelConnector } from 'ioredis';

// ioredis declares these as private.
interface Connector {
  failoverDetector: { cleanup(): void } | null;
  connect(...args: unknown[]): Promise<unknown>;
  connectToSentinel(...args: unknown[]): Redis;
}
const Base = SentinelConnector as unknown as new (options: object) => Connector;

/**
 * Finds the master by the sentinels, as ioredis does, without two faults of ioredis.
 *
 * It leaves the master when a sentinel reports a failover. While it looks for the new master it still listens for the sake of the last
 * connection, and such a report then ends the client for ever, instead of a connection that is lost already.
 *
 * It does not listen for errors of the sentinels that it watches. While one is down it would write several lines of text to standard
 * error once a second, between the lines of our log.
 */
export class SafeSentinelConnector extends Base {
  override connect(...args: unknown[]): Promise<unknown> {
    this.failoverDetector?.cleanup();
    return super.connect(...args);
  }

  override connectToSentinel(...args: unknown[]): Redis {
    const sentinel = super.connectToSentinel(...args);
    sentinel.on('error', () => {}); // the next sentinel is asked, and this one is watched again later
    return sentinel;
  }
}
