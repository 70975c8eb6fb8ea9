import { describeWithRedisAndValkey, type RedisGroup, startRedisSentinel } from '@gateway/testing/database/redis-groups';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { outageTimeoutMs, sellThroughOutages } from './server-failover/outage.ts';

describeWithRedisAndValkey('with Sentinel', (program) => {
  let redis: RedisGroup;
  let stack: TestStack;
  beforeAll(async () => {
    redis = await startRedisSentinel({ program });
    stack = await startTestStack({ redisUrl: redis.url });
  });
  afterAll(async () => {
    await stack?.stop();
    await redis?.stop();
  });

  it(
    'a master is killed: every till gets its QR, nothing is lost or doubled, no screen misses an event',
    () => sellThroughOutages({ name: `Sentinel, ${redis.server}`, stack, orders: stack.pos, failOver: redis.failOver }),
    outageTimeoutMs,
  );
});
