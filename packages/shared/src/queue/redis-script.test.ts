import { once } from 'node:events';
import { testRedisUrl } from '@gateway/testing/database/servers';
import { connectRedis } from './redis.ts';
import { defineScript } from './redis-script.ts';

const redis = connectRedis(testRedisUrl(), { name: 'test' });
beforeAll(() => once(redis, 'ready'));
afterAll(() => redis.disconnect());

describe('a Redis script', () => {
  const add = defineScript(`return redis.call('INCRBY', KEYS[1], ARGV[1])`);

  it('runs also when Redis does not know it, or was emptied meanwhile', async () => {
    await redis.script('FLUSH');
    expect(await add(redis, ['script-test'], [2])).toBe(2);
    await redis.script('FLUSH');
    expect(await add(redis, ['script-test'], [3])).toBe(5);
    await redis.del('script-test');
  });

  it('sends its text once, and its hash from then on', async () => {
    await add(redis, ['script-test'], [1]);
    const sent: string[] = [];
    const monitor = await redis.monitor();
    monitor.on('monitor', (_time: string, [command = '']: string[]) => sent.push(command.toLowerCase()));
    await add(redis, ['script-test'], [1]);
    await redis.echo('end');
    await new Promise<void>((done) => {
      monitor.on('monitor', (_time: string, [command]: string[]) => command?.toLowerCase() === 'echo' && done());
      if (sent.includes('echo')) done();
    });
    monitor.disconnect();
    await redis.del('script-test');
    expect(sent.filter((command) => command.startsWith('eval'))).toEqual(['evalsha']);
  });

  it('reports an error of the script, and does not run it again', async () => {
    const failing = defineScript(`redis.call('INCR', KEYS[1]) return redis.call('LPUSH', KEYS[1], 'x')`);
    await expect(failing(redis, ['script-test'], [])).rejects.toThrow('WRONGTYPE');
    expect(await redis.get('script-test')).toBe('1');
    await redis.del('script-test');
  });
});
