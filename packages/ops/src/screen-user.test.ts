import { setTimeout as delay } from 'node:timers/promises';
import { testRedisUrl } from '@gateway/testing/database/servers';
import { Redis } from 'ioredis';
import { runCommand, runForJson } from '../test/run-command.ts';
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
let credentials: ScreenUser;
let screen: Redis;

beforeAll(async () => {
  credentials = await runForJson<ScreenUser>([screenUser], ['user', 'JKT-01'], {});
  const [command = '', ...words] = credentials.acl.split(' ');
  await admin.call(command, ...words);
  screen = new Redis({
    host: host ?? '',
    port: port ?? 0,
    username: credentials.user,
    password: credentials.password,
    enableReadyCheck: false,
  });
  screen.on('error', () => {});
});

afterAll(async () => {
  await admin.call('ACL', 'DELUSER', credentials.user);
  screen.disconnect();
  admin.disconnect();
});

describe('the Redis user of a screen', () => {
  it('receives the events of its store', async () => {
    const received: string[] = [];
    screen.on('message', (channel: string, text: string) => received.push(`${channel} ${text}`));
    await screen.subscribe(credentials.channel);
    await admin.publish('order:channel:JKT-01', 'mine');
    await admin.publish('order:channel:JKT-02', 'not mine');
    while (received.length === 0) await delay(5);
    expect(received).toEqual(['order:channel:JKT-01 mine']);
    await screen.unsubscribe(credentials.channel);
  });

  it.each([
    ['subscribe to another store', ['SUBSCRIBE', 'order:channel:JKT-02']],
    ['subscribe to all stores', ['PSUBSCRIBE', 'order:channel:*']],
    ['subscribe to its own store by a pattern', ['PSUBSCRIBE', 'order:channel:JKT-01']],
    ['publish', ['PUBLISH', 'order:channel:JKT-01', 'forged']],
    ['publish in a shard', ['SPUBLISH', 'order:channel:JKT-01', 'forged']],
    ['read a key', ['GET', 'order:channel:JKT-01']],
    ['write a key', ['SET', 'x', '1']],
    ['list keys', ['KEYS', '*']],
    ['run a script', ['EVAL', 'return 1', '0']],
    ['list the subscribed channels', ['PUBSUB', 'CHANNELS']],
    ['read the state of the server', ['INFO']],
    ['manage users', ['ACL', 'WHOAMI']],
    ['delete all keys', ['FLUSHALL']],
  ])('cannot %s', async (_, [command = '', ...words]) => {
    await expect(screen.call(command, ...words)).rejects.toThrow(/^NOPERM/);
  });

  it('has the same rules in users.acl, with the hash of its password', async () => {
    const [, , ...rules] = credentials.users_acl.split(' ');
    await admin.call('ACL', 'SETUSER', 'copy', 'reset', ...rules);
    const users = (await admin.call('ACL', 'LIST')) as string[];
    const rulesOf = (name: string) =>
      users
        .find((line) => line.startsWith(`user ${name} `))
        ?.split(' ')
        .slice(2);
    await admin.call('ACL', 'DELUSER', 'copy');
    expect(rulesOf('copy')).toEqual(rulesOf(credentials.user));
    expect(credentials.users_acl).not.toContain(credentials.password);
  });

  it('is not created for an id that could be a pattern', async () => {
    for (const id of ['*', 'JKT-?', 'a b', 'x'.repeat(65)]) expect((await runCommand([screenUser], ['user', id], {})).code).toBe(1);
  });
});
