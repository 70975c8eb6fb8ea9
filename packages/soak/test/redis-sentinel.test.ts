import { type RedisGroup, startRedisSentinel } from '@gateway/testing/database/redis-groups';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { outageTimeoutMs, sellThroughOutages } from './server-failover/outage.ts';

let redis: RedisGroup;
let stack: TestStack;
beforeAll(async () => {
  redis = await startRedisSentinel();
  stack = await startTestStack({ redisUrl: redis.url });
});
afterAll(async () => {
  await stack?.stop();
  await redis?.stop();
});

describe('with Redis Sentinel', () => {
  it(
    'a master is killed: every till gets its QR, nothing is lost or doubled, no screen misses an event',
    () => sellThroughOutages({ name: 'Redis Sentinel', stack, orders: stack.pos, failOver: redis.failOver }),
    outageTimeoutMs,
  );
});
