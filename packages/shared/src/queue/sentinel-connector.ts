import { type Redis, SentinelConnector } from 'ioredis';

type Connector = { connectToSentinel(...args: unknown[]): Redis };
const Base = SentinelConnector as unknown as new (options: object) => Connector; // ioredis declares the method as private

/**
 * Finds the master by the sentinels, as ioredis does. ioredis watches every sentinel for a failover and does not listen for errors there, so
 * while one is down it would write several lines of text to standard error once a second, between the lines of our log.
 */
export class QuietSentinelConnector extends Base {
  override connectToSentinel(...args: unknown[]): Redis {
    const sentinel = super.connectToSentinel(...args);
    sentinel.on('error', () => {}); // the next sentinel is asked, and this one is watched again later
    return sentinel;
  }
}
