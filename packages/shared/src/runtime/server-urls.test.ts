import { environment } from './environment.ts';
import { hostsOf, serverUrl, serverUrls } from './server-urls.ts';

describe('a URL of several servers', () => {
  it('is one URL for each host, with the user, the password, the path and the parameters of the whole', () => {
    const text = 'postgres://user:p%40ss@a:5432,[::1]:5433,c/db?target_session_attrs=read-write';
    expect(serverUrls(text).map(({ href }) => href)).toEqual([
      'postgres://user:p%40ss@a:5432/db?target_session_attrs=read-write',
      'postgres://user:p%40ss@[::1]:5433/db?target_session_attrs=read-write',
      'postgres://user:p%40ss@c/db?target_session_attrs=read-write',
    ]);
    expect([hostsOf(text), serverUrl(text).password]).toEqual(['a:5432,[::1]:5433,c', 'p%40ss']);
  });

  it('of one server, or of a socket, is the URL itself', () => {
    for (const text of ['redis://:secret@127.0.0.1:6379/2', 'postgres:///pos?host=/var/run/postgresql'])
      expect(serverUrls(text).map(({ href }) => href)).toEqual([text]);
  });

  it.each(['postgres://a:5432,/db', 'postgres://a:5432,b:x/db', 'a:5432,b:5432', ''])('%p is none', (text) => {
    expect(serverUrls(text)).toEqual([]);
  });
});

describe('the variable REDIS_URL', () => {
  const isValid = (text: string) => environment.redisUrl().safeParse(text).success;

  it.each([
    'redis://127.0.0.1:6379',
    'rediss://user:password@cache:6380/1',
    'redis+sentinel://a:26379,b:26379,c:26379/orders',
    'rediss+sentinel://user:password@a:26379/orders',
    'redis+cluster://:password@a:7000,b:7001',
    'rediss+cluster://user:password@a:7000',
  ])('may be %s', (text) => {
    expect(isValid(text)).toBe(true);
  });

  it.each([
    'redis://a:6379,b:6379',
    'redis+sentinel://a:26379,b:26379',
    'redis+cluster://a:7000,b:7001/1',
    'http://a:6379',
    'redis+other://a:6379',
  ])('must not be %s', (text) => {
    expect(isValid(text)).toBe(false);
  });
});
