import { createServer } from 'node:net';
import { type OwnRedis, ownRedis } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { Redis } from 'ioredis';
import { connectRedis } from './redis.ts';

const portOf = ({ url }: OwnRedis): number => Number(new URL(url).port);

describe('of two sentinels', () => {
  let master: OwnRedis;
  let sentinels: [OwnRedis, OwnRedis];
  let url: string;
  beforeAll(async () => {
    master = await ownRedis();
    const settings = [`sentinel monitor orders 127.0.0.1 ${portOf(master)} 2`, 'sentinel auth-pass orders test'];
    const aSentinel = () => ownRedis({ isSentinel: true, settings });
    sentinels = [await aSentinel(), await aSentinel()];
    url = `redis+sentinel://:test@${sentinels.map((each) => `127.0.0.1:${portOf(each)}`).join(',')}/orders`;
  });
  afterAll(async () => {
    await Promise.all([...(sentinels ?? []), master].map((each) => each?.stop()));
  });

  it('one that hangs is passed over', async () => {
    sentinels[0].pause();
    const redis = connectRedis(url, { name: 'test' });
    expect(await eventually(() => redis.ping(), 10_000)).toBe('PONG');
    redis.disconnect();
    sentinels[0].resume();
  });

  it('one that reports the failover while the new master is looked for does not end the client', async () => {
    const redis = connectRedis(url, { name: 'test' });
    await eventually(() => redis.ping(), 10_000);
    const { failoverDetector } = (redis as unknown as { connector: { failoverDetector: { sentinels: { client: Redis }[] } } }).connector;
    await master.kill();
    for (const sentinel of sentinels) sentinel.pause(); // so that the look-up is going on
    await eventually(() => redis.status === 'connecting', 10_000);
    for (const { client } of failoverDetector.sentinels) client.emit('message', '+switch-master', 'orders');
    for (const sentinel of sentinels) sentinel.resume();
    await master.start();
    expect(await eventually(() => redis.ping(), 10_000)).toBe('PONG');
    redis.disconnect();
  });

  it('one that died is asked again until it says of failovers again, without a line on standard error', async () => {
    const written = jest.spyOn(console, 'error').mockImplementation(() => {});
    await sentinels[1].kill();
    let tries = 0;
    const dead = createServer((socket) => {
      tries += 1;
      socket.resetAndDestroy();
    }).listen(portOf(sentinels[1]), '127.0.0.1');
    const redis = connectRedis(url, { name: 'test' });
    await eventually(() => tries >= 3, 10_000);
    await new Promise((resolve) => dead.close(resolve));
    await sentinels[1].start();
    const sentinel = new Redis(sentinels[1].url);
    await eventually(async () => String(await sentinel.client('LIST')).includes('cmd=subscribe'), 10_000);
    sentinel.disconnect();
    redis.disconnect();
    expect(written.mock.calls).toEqual([]);
    written.mockRestore();
  });
});
