import { createBreakers, createProviders, fixedAccounts, type ProviderAccount } from '@gateway/shared/provider';
import { type BreakerUpdate, breakerChannel, breakerKey, connectRedis, connectSubscriber } from '@gateway/shared/queue';
import { systemClock as clock, createLogger, createMetrics } from '@gateway/shared/runtime';
import { flushTestRedis, ownRedis, testRedisUrl } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { syncBreakers } from './breaker-sync.ts';

const log = createLogger('test', 'silent');
const account: ProviderAccount = {
  provider: 'midtrans',
  id: 'default',
  baseUrl: 'http://127.0.0.1:1', // nothing listens there: every connection is refused at once
  mode: 'test',
  secretKey: 'key',
  webhookSecrets: ['key'],
};
const create = { account: 'midtrans/default', kind: 'create' } as const;
const redis = connectRedis(testRedisUrl(), { name: 'test' });
const closing: (() => unknown)[] = [() => redis.disconnect()];

/** The provider side of one worker process. */
function aWorker(redisUrl = testRedisUrl()) {
  const breakers = createBreakers({ log, clock, registry: createMetrics('test') });
  const providers = createProviders({ log, clock }, breakers.wrap);
  const provider = providers.of(account);
  const subscriber = connectSubscriber(redisUrl, { name: 'test subscriber' });
  const publisher = connectRedis(redisUrl, { name: 'test publisher' });
  syncBreakers({ breakers, accounts: fixedAccounts([account]), redis: publisher, subscriber, clock, log });
  closing.push(
    () => breakers.stop(),
    () => providers.close(),
    () => subscriber.disconnect(),
    () => publisher.disconnect(),
  );
  return {
    isOpen: () => breakers.openBreaker(create.account) !== null,
    isHalfOpen: () => breakers.openBreaker(create.account)?.halfOpen,
    openSince: () => breakers.openBreaker(create.account)?.openSince.getTime(),
    failCreate: () =>
      provider
        .createCharge(
          { reference: 'pos-1', amount: 1_000, items: [], expiresAt: new Date(Date.now() + 60_000), description: 'A-1' } as never,
          AbortSignal.timeout(1_000),
        )
        .catch(() => {}),
    isListening: () => eventually(() => subscriber.status === 'ready'),
  };
}

beforeEach(flushTestRedis);
afterAll(closeAll);

async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}

describe('a breaker update', () => {
  it('opens the breaker of the other workers, and of a worker that starts later', async () => {
    const [one, other] = [aWorker(), aWorker()];
    await Promise.all([one.isListening(), other.isListening()]);
    await eventually(async () => Number((await redis.pubsub('NUMSUB', breakerChannel))[1]) === 2);
    for (let call = 0; call < 5; call++) await one.failCreate();
    expect(one.isOpen()).toBe(true);
    await eventually(other.isOpen);
    expect(JSON.parse((await redis.get(breakerKey(create))) ?? '{}')).toMatchObject({ ...create, opened: true });
    expect(await redis.pttl(breakerKey(create))).toBeGreaterThan(10_000);

    const late = aWorker();
    await eventually(late.isOpen);
    expect([other.openSince(), late.openSince()]).toEqual([one.openSince(), one.openSince()]);
  });

  it('for all accounts of a provider opens each of them', async () => {
    const worker = aWorker();
    const update: BreakerUpdate = { account: 'midtrans/*', kind: 'create', opened: true, since: new Date(), by: 'budi' };
    await eventually(async () => {
      await redis.publish(breakerChannel, JSON.stringify(update)); // again, until the worker has subscribed
      return worker.isOpen();
    });
    expect(worker.openSince()).toBe(update.since?.getTime());
  });

  it('whose reset time is over makes the breaker of a starting worker half-open', async () => {
    const past = new Date(Date.now() - 60_000).toISOString();
    await redis.set(breakerKey(create), JSON.stringify({ ...create, opened: true, since: past, until: past, by: 'one' }));
    const worker = aWorker();
    await eventually(worker.isHalfOpen);
    expect(worker.openSince()).toBe(Date.parse(past));
  });

  it('is received after an invalid one', async () => {
    const worker = aWorker();
    const update: BreakerUpdate = { ...create, opened: true, since: new Date(), by: 'one' };
    await eventually(async () => {
      await redis.publish(breakerChannel, 'not json');
      await redis.publish(breakerChannel, JSON.stringify(update)); // again, until the worker has subscribed
      return worker.isOpen();
    });
  });

  it('is loaded after Redis was unavailable; until then each worker counts its own failures', async () => {
    const server = await ownRedis();
    try {
      const [one, other] = [aWorker(server.url), aWorker(server.url)];
      await Promise.all([one.isListening(), other.isListening()]);
      await server.stop();
      for (let call = 0; call < 5; call++) await one.failCreate();
      expect([one.isOpen(), other.isOpen()]).toEqual([true, false]);
      for (let call = 0; call < 5; call++) await other.failCreate();
      expect(other.isOpen()).toBe(true);
      await server.start();
      await Promise.all([one.isListening(), other.isListening()]);
      expect([one.isOpen(), other.isOpen()]).toEqual([true, true]);
    } finally {
      await closeAll();
      await server.stop();
    }
  });
});
