import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { testRedisUrl } from '../../../testing/servers.ts';
import { answered, typed } from '../test/typed.ts';
import { screenUser } from './screen-user.ts';

interface ScreenUser {
  user: string;
  password: string;
  channel: string;
  acl: string;
  users_acl: string;
}

const admin = new Redis(testRedisUrl());
const { host, port } = admin.options;
let made: ScreenUser;
let screen: Redis;

beforeAll(async () => {
  made = await answered<ScreenUser>([screenUser], ['user', 'JKT-01'], {});
  const [command = '', ...words] = made.acl.split(' ');
  await admin.call(command, ...words);
  screen = new Redis({ host: host ?? '', port: port ?? 0, username: made.user, password: made.password, enableReadyCheck: false });
  screen.on('error', () => {});
});

afterAll(async () => {
  await admin.call('ACL', 'DELUSER', made.user);
  screen.disconnect();
  admin.disconnect();
});

describe('the Redis user of a screen', () => {
  it('hears the orders of its store', async () => {
    const heard: string[] = [];
    screen.on('message', (channel: string, text: string) => heard.push(`${channel} ${text}`));
    await screen.subscribe(made.channel);
    await admin.publish('order:channel:JKT-01', 'mine');
    await admin.publish('order:channel:JKT-02', 'not mine');
    while (heard.length === 0) await delay(5);
    expect(heard).toEqual(['order:channel:JKT-01 mine']);
    await screen.unsubscribe(made.channel);
  });

  it.each([
    ['hear another store', ['SUBSCRIBE', 'order:channel:JKT-02']],
    ['hear all stores', ['PSUBSCRIBE', 'order:channel:*']],
    ['hear its own by a pattern', ['PSUBSCRIBE', 'order:channel:JKT-01']],
    ['say anything', ['PUBLISH', 'order:channel:JKT-01', 'cook!']],
    ['say anything in a shard', ['SPUBLISH', 'order:channel:JKT-01', 'cook!']],
    ['read a key', ['GET', 'order:channel:JKT-01']],
    ['write a key', ['SET', 'x', '1']],
    ['look for keys', ['KEYS', '*']],
    ['run a script', ['EVAL', 'return 1', '0']],
    ['see who listens', ['PUBSUB', 'CHANNELS']],
    ['see the server', ['INFO']],
    ['make users', ['ACL', 'WHOAMI']],
    ['flush', ['FLUSHALL']],
  ])('cannot %s', async (_, [command = '', ...words]) => {
    await expect(screen.call(command, ...words)).rejects.toThrow(/^NOPERM/);
  });

  it('is the same in users.acl, with the hash of its password', async () => {
    const [, , ...rules] = made.users_acl.split(' ');
    await admin.call('ACL', 'SETUSER', 'copy', 'reset', ...rules);
    const users = (await admin.call('ACL', 'LIST')) as string[];
    const rulesOf = (name: string) =>
      users
        .find((line) => line.startsWith(`user ${name} `))
        ?.split(' ')
        .slice(2);
    await admin.call('ACL', 'DELUSER', 'copy');
    expect(rulesOf('copy')).toEqual(rulesOf(made.user));
    expect(made.users_acl).not.toContain(made.password);
  });

  it('is not made for what could be a pattern', async () => {
    for (const id of ['*', 'JKT-?', 'a b', 'x'.repeat(65)]) expect((await typed([screenUser], ['user', id], {})).code).toBe(1);
  });
});
