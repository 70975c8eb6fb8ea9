import { createLockOut } from '@gateway/api/src/operator/sign-in/lock-out.ts';
import { asPaymentId } from '@gateway/shared/payment';
import {
  connectRedis,
  connectSubscriber,
  createPollSlots,
  openQueues,
  pollSlotsKey,
  publishCounted,
  startWork,
} from '@gateway/shared/queue';
import { systemClock as clock, createLogger } from '@gateway/shared/runtime';
import { describeWithRedisAndValkey, type RedisCluster, startRedisCluster } from '@gateway/testing/database/redis-groups';
import { eventually } from '@gateway/testing/eventually';
import { lastPublishedKey, publish } from '@gateway/testing/relay/relay-fixture';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { outageTimeoutMs, sellThroughOutages } from './server-failover/outage.ts';

describeWithRedisAndValkey('on a Cluster', (program) => {
  let cluster: RedisCluster;
  let stack: TestStack;
  let redis: ReturnType<typeof connectRedis>;
  let subscriber: ReturnType<typeof connectSubscriber>;
  beforeAll(async () => {
    cluster = await startRedisCluster(program);
    redis = connectRedis(cluster.url, { name: 'test' });
    subscriber = connectSubscriber(cluster.url, { name: 'test' });
    await eventually(() => redis.status === 'ready');
  });
  afterAll(async () => {
    redis?.disconnect();
    subscriber?.disconnect();
    await stack?.stop();
    await cluster?.stop();
  });

  /** Runs `use` before, while and after the slot of this key moves to another server. A script of several keys may wait for the move. */
  async function whileMoving(key: string, use: () => Promise<unknown>): Promise<void> {
    await use();
    const { finish } = await cluster.moveSlotOf(key);
    await Promise.all([use(), finish()]);
    await use();
  }

  describe('whose slots move (MOVED, ASK)', () => {
    it('poll slots are shared by all processes', async () => {
      const account = { account: 'midtrans/cluster', callsPerSecond: 5 };
      const owner = { tenant: 't', storeId: 's' };
      const slots = createPollSlots(redis, clock);
      const secondClient = connectRedis(cluster.url, { name: 'second process' });
      await eventually(() => secondClient.status === 'ready');
      const other = createPollSlots(secondClient, clock);
      const earliest = new Date(Date.now() + 60_000);
      const seen: number[] = [];
      await whileMoving(pollSlotsKey(account.account), async () => {
        for (const process of [slots, other]) seen.push((await process.reserve(account, owner, earliest)).getTime());
      });
      secondClient.disconnect();
      expect(new Set(seen).size).toBe(6); // without Redis, each process would count its own
    });

    it('an event is published once, and reaches the subscribers of every server', async () => {
      const event = (seq: number) => ({ storeId: 'CL-1', seq, eventId: `evt_${seq}`, body: `{"seq":${seq}}` }) as never;
      const received: string[] = [];
      subscriber.on('message', (_channel: string, text: string) => received.push(text));
      await subscriber.subscribe('order:channel:CL-1');
      let seq = 0;
      await whileMoving(lastPublishedKey('CLUSTER'), async () => {
        seq += 1;
        expect((await publish(redis, 'CLUSTER', [event(seq)])).count).toBe(1);
        expect((await publish(redis, 'CLUSTER', [event(seq)])).count).toBe(0);
      });
      await eventually(() => received.length === 3);
      // While its slot moves, two servers publish, and their messages may overtake each other. A screen orders events by their seq.
      expect(received.toSorted()).toEqual(['{"seq":1}', '{"seq":2}', '{"seq":3}']);
      expect(await publishCounted(redis, 'order:channel:CL-1', 'x')).toBe(1);
    });

    it('tries of a password are counted together', async () => {
      const login = { name: 'budi', address: '10.0.0.1' };
      const lockOuts = [createLockOut(redis, clock), createLockOut(redis, clock)];
      for (let n = 0; n < 10; n++) await lockOuts[n % 2]?.take(login);
      expect((await createLockOut(redis, clock).take(login)).waitSeconds).toBeGreaterThan(50);
    });

    it('a job that is added is run', async () => {
      const queues = openQueues(cluster.url, { withinMs: 5_000 });
      const done: string[] = [];
      const handler = async ({ paymentId }: { paymentId: string }) => {
        done.push(paymentId);
        return 'already_done';
      };
      const work = startWork(cluster.url, { 'expire-payment': handler } as never, createLogger('test', 'silent'));
      let n = 0;
      await whileMoving('{gateway}', async () => {
        const paymentId = asPaymentId(`pay_${++n}`);
        expect(await queues.enqueue('expire-payment', { host: 'pos', paymentId, leaseNo: 1 })).toBe(true);
        await eventually(() => done.includes(paymentId));
      });
      await work.close();
      await queues.close();
    });
  });

  describe('whose servers die', () => {
    it(
      'the master of the jobs is killed: every till gets its QR, nothing is lost or doubled, no screen misses an event',
      async () => {
        stack = await startTestStack({ redisUrl: cluster.url });
        await sellThroughOutages({ name: `Cluster, ${cluster.server}`, stack, orders: stack.pos, failOver: cluster.failOver });
      },
      outageTimeoutMs,
    );
  });
});
